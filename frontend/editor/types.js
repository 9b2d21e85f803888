/**
 * The shapes that the editor's modules pass to each other. No code.
 *
 * @typedef {"head" | "proposal" | "confidence"} Ref
 * @typedef {"head" | "proposal"} SavedRef
 *
 * @typedef {import("../lib/types.js").Label} Label
 * @typedef {import("../lib/types.js").Project} Project
 * @typedef {import("../lib/types.js").ImageInfo} ImageInfo
 *
 * @typedef {object} Revision
 * @property {number} id
 * @property {number | null} parent
 * @property {string} kind
 * @property {{id: number, name: string}} author
 * @property {string} created_at
 * @property {string | null} model
 * @property {string | null} message
 * @property {number} changed_tiles
 *
 * @typedef {object} Bootstrap
 * @property {ImageInfo} image
 * @property {Project} project
 * @property {number | null} previous
 * @property {number | null} next
 *
 * @typedef {object} Patch changed pixels of one tile, see patch.js
 * @property {Ref} ref
 * @property {number} tile
 * @property {Uint8Array} bytes
 *
 * @typedef {object} Edit one undoable step
 * @property {string} title
 * @property {Patch[]} patches
 *
 * @typedef {object} Rect
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} View screen = image * scale + (x, y), in CSS pixels
 * @property {number} scale
 * @property {number} x
 * @property {number} y
 *
 * @typedef {object} XY
 * @property {number} x
 * @property {number} y
 *
 * @typedef {object} Pointer one sample of the pointer, in image coordinates
 * @property {number} x
 * @property {number} y
 * @property {XY} from the sample before it in this gesture (itself for the first)
 * @property {XY} screen in CSS pixels of the canvas
 * @property {XY} screenFrom
 * @property {number} size brush size in pixels, pressure included
 * @property {boolean} shift
 * @property {boolean} alt
 * @property {boolean} erase right button or the eraser end of a pen
 *
 * @typedef {"round" | "square"} BrushShape
 * @typedef {"all" | "void" | "chosen"} Over
 * @typedef {"loading" | "closed" | "saving" | "saved" | "offline" | "conflict" | "error"} SaveState
 *
 * @typedef {object} State everything that a person can see or set, except pixels
 * @property {string} tool
 * @property {number} label current label's index, 255 = void
 * @property {{size: number, shape: BrushShape}} brush
 * @property {{over: Over, labels: ReadonlySet<number>}} rule what painting may replace
 * @property {ReadonlySet<number>} locked labels that painting never replaces
 * @property {ReadonlySet<number>} hidden labels not shown
 * @property {View} view
 * @property {{width: number, height: number}} viewport CSS pixels
 * @property {{width: number, height: number}} size of the image
 * @property {number} opacity 0-1
 * @property {boolean} outline
 * @property {boolean} patterns
 * @property {boolean} masksHidden
 * @property {{brightness: number, contrast: number}} photo 1 = as it is
 * @property {Draft} draft
 * @property {XY[]} polygon corners set so far
 * @property {XY | null} lastPoint where the last stroke ended, for straight lines
 * @property {{state: SaveState, detail: string}} save
 * @property {ImageInfo} image
 * @property {Label[]} labels
 * @property {number | null} looking revision shown instead of the head
 * @property {number | null} hovered label pointed at in the legend
 * @property {Readonly<Record<string, boolean>>} panels open panels
 * @property {{undo: number, redo: number}} steps
 *
 * @typedef {object} Draft
 * @property {boolean} exists
 * @property {boolean} visible
 * @property {number} threshold 0-255
 * @property {"void" | "all"} over
 * @property {number | null} startedAt a draft is being made since (ms)
 *
 * @typedef {{type: "stroke.start", title: string, value: number}
 *   | {type: "stroke.line", from: XY, to: XY, size: number}
 *   | {type: "stroke.end"}
 *   | {type: "stroke.cancel"}
 *   | {type: "polygon.fill", points: XY[], value: number}
 *   | {type: "fill", x: number, y: number, value: number}
 *   | {type: "holes", x: number, y: number}
 *   | {type: "draft.accept", labels?: number[], at?: XY}
 *   | {type: "draft.reject", labels?: number[], at?: XY}} PixelAction
 *
 * @typedef {{type: "tool", tool: string}
 *   | {type: "label", label: number}
 *   | {type: "pick", x: number, y: number}
 *   | {type: "brush", size?: number, shape?: BrushShape}
 *   | {type: "rule", over?: Over, toggle?: number}
 *   | {type: "lock", label: number}
 *   | {type: "hide", label: number}
 *   | {type: "solo", label: number}
 *   | {type: "view", view: View}
 *   | {type: "pan", dx: number, dy: number}
 *   | {type: "viewport", width: number, height: number}
 *   | {type: "show", opacity?: number, outline?: boolean, patterns?: boolean, masksHidden?: boolean}
 *   | {type: "photo", brightness?: number, contrast?: number}
 *   | {type: "draft", draft: Partial<Draft>}
 *   | {type: "polygon", points: XY[]}
 *   | {type: "lastPoint", point: XY | null}
 *   | {type: "save", state: SaveState, detail?: string}
 *   | {type: "image", image: ImageInfo}
 *   | {type: "looking", revision: number | null}
 *   | {type: "hovered", label: number | null}
 *   | {type: "panel", panel: string, open: boolean}
 *   | {type: "steps", undo: number, redo: number}} StateAction
 *
 * @typedef {PixelAction | StateAction} Action
 *
 * @typedef {object} Tool
 * @property {(p: Pointer, s: State) => Action[]} down
 * @property {(p: Pointer, s: State) => Action[]} move
 * @property {(p: Pointer, s: State) => Action[]} up
 */

export {};
