/** Everything that can be done, once: buttons, shortcuts and the palette all come from this list. */

import { toggleTheme } from "../lib/theme.js";
import { draftNow } from "./drafting.js";
import { nextStatuses, setStatus } from "./review.js";
import { commitPolygon } from "./tools/polygon.js";
import { fit, zoomTo } from "./view.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").State} State */

/**
 * @typedef {object} Command
 * @property {string} id
 * @property {string} title
 * @property {string} group
 * @property {string[]} keys as keyOf writes them
 * @property {(app: App) => unknown} run
 * @property {(s: State) => boolean} [active] shown as pressed
 * @property {(s: State) => boolean} [enabled]
 * @property {string} [color] swatch in the palette
 */

/**
 * @param {string} tool
 * @param {string} title
 * @param {...string} keys
 * @returns {Command}
 */
const tool = (tool, title, ...keys) => ({
  id: `tool.${tool}`,
  title,
  group: "Tools",
  keys,
  run: (app) => app.dispatch({ type: "tool", tool }),
  active: (s) => s.tool === tool,
});

/** @type {Command[]} */
const TOOL_COMMANDS = [
  tool("brush", "Brush", "b"),
  tool("eraser", "Eraser (void)", "e", "0"),
  tool("polygon", "Polygon", "p"),
  tool("polygon-erase", "Erase polygon", "Shift+p"),
  tool("bucket", "Fill region", "g"),
  tool("holes", "Fill holes", "Shift+g"),
  tool("regions", "Accept or reject regions of the draft", "c"),
  tool("picker", "Pick label from image", "i"),
  tool("pan", "Move the view", "h"),
  {
    id: "polygon.commit",
    title: "Close polygon",
    group: "Tools",
    keys: ["Enter"],
    run: (app) => {
      for (const action of commitPolygon(app.state)) app.dispatch(action);
    },
    enabled: (s) => s.polygon.length > 2,
  },
  {
    id: "cancel",
    title: "Cancel",
    group: "Tools",
    keys: ["Escape"],
    run: (app) => {
      app.dispatch({ type: "stroke.cancel" });
      app.dispatch({ type: "polygon", points: [] });
      if (app.state.looking !== null) app.tell("look", null);
    },
  },
  {
    id: "polygon.back",
    title: "Remove the last corner",
    group: "Tools",
    keys: ["Backspace"],
    run: (app) => app.dispatch({ type: "polygon", points: app.state.polygon.slice(0, -1) }),
    enabled: (s) => s.polygon.length > 0,
  },
];

/**
 * @param {(size: number) => number} change
 * @returns {(app: App) => void}
 */
const resize = (change) => (app) => {
  app.dispatch({ type: "brush", size: change(app.state.brush.size) });
  app.overlay.pointer &&= { ...app.overlay.pointer, size: app.state.brush.size };
};

/**
 * @param {import("./types.js").Over} over
 * @param {string} title
 * @param {string} key
 * @returns {Command}
 */
const rule = (over, title, key) => ({
  id: `rule.${over}`,
  title,
  group: "Brush",
  keys: [key],
  run: (app) => app.dispatch({ type: "rule", over }),
  active: (s) => s.rule.over === over,
});

/** @type {Command[]} */
const BRUSH_COMMANDS = [
  {
    id: "brush.smaller",
    title: "Smaller brush",
    group: "Brush",
    keys: ["["],
    run: resize((size) => size - Math.max(1, Math.round(size * 0.15))),
  },
  {
    id: "brush.larger",
    title: "Larger brush",
    group: "Brush",
    keys: ["]"],
    run: resize((size) => size + Math.max(1, Math.round(size * 0.15))),
  },
  {
    id: "brush.shape",
    title: "Round or square brush",
    group: "Brush",
    keys: ["q"],
    run: (app) => {
      const shape = app.state.brush.shape === "round" ? "square" : "round";
      app.dispatch({ type: "brush", shape });
    },
  },
  rule("all", "Paint over everything", "Alt+1"),
  rule("void", "Paint only over void", "Alt+2"),
  rule("chosen", "Paint only over chosen labels", "Alt+3"),
];

/** @type {Command[]} */
const EDIT_COMMANDS = [
  {
    id: "undo",
    title: "Undo",
    group: "Edit",
    keys: ["z", "Mod+z"],
    run: (app) => app.step("undo"),
    enabled: (s) => s.steps.undo > 0,
  },
  {
    id: "redo",
    title: "Redo",
    group: "Edit",
    keys: ["Shift+z", "Mod+y", "Mod+Shift+z"],
    run: (app) => app.step("redo"),
    enabled: (s) => s.steps.redo > 0,
  },
  {
    id: "save",
    title: "Save now",
    group: "Edit",
    keys: ["Mod+s"],
    run: (app) => (app.saver.halted === "conflict" ? app.tell("merge") : app.saver.retry()),
  },
];

/** @param {State} s */
const hasDraft = (s) => s.draft.exists && s.looking === null;

/** @type {Command[]} */
const DRAFT_COMMANDS = [
  {
    id: "draft",
    title: "Draft this image with the model",
    group: "Draft",
    keys: ["Shift+d"],
    run: draftNow,
    enabled: (s) => s.draft.startedAt === null,
  },
  {
    id: "draft.accept",
    title: "Accept all that is drafted",
    group: "Draft",
    keys: ["a"],
    run: (app) => app.dispatch({ type: "draft.accept" }),
    enabled: hasDraft,
  },
  {
    id: "draft.reject",
    title: "Reject all that is drafted",
    group: "Draft",
    keys: ["Shift+a"],
    run: (app) => app.dispatch({ type: "draft.reject" }),
    enabled: hasDraft,
  },
  {
    id: "draft.accept-label",
    title: "Accept the current label of the draft",
    group: "Draft",
    keys: ["l"],
    run: (app) => app.dispatch({ type: "draft.accept", labels: [app.state.label] }),
    enabled: hasDraft,
  },
  {
    id: "draft.reject-label",
    title: "Reject the current label of the draft",
    group: "Draft",
    keys: ["Shift+l"],
    run: (app) => app.dispatch({ type: "draft.reject", labels: [app.state.label] }),
    enabled: hasDraft,
  },
  {
    id: "draft.visible",
    title: "Show the draft",
    group: "Draft",
    keys: ["v"],
    run: (app) => app.dispatch({ type: "draft", draft: { visible: !app.state.draft.visible } }),
    active: (s) => s.draft.visible,
    enabled: hasDraft,
  },
  {
    id: "draft.over",
    title: "Draft may replace labels, or fill void only",
    group: "Draft",
    keys: [],
    run: (app) => {
      const over = app.state.draft.over === "void" ? "all" : "void";
      app.dispatch({ type: "draft", draft: { over } });
    },
    active: (s) => s.draft.over === "all",
    enabled: hasDraft,
  },
];

/**
 * @param {(s: State) => number} scale
 * @returns {(app: App) => void}
 */
const zoom = (scale) => (app) => {
  const { state } = app;
  const about = { x: state.viewport.width / 2, y: state.viewport.height / 2 };
  const view = zoomTo(state.view, about, scale(state), state.size, state.viewport);
  app.dispatch({ type: "view", view });
};

/**
 * @param {string} name
 * @param {string} key
 * @param {number} dx
 * @param {number} dy
 * @returns {Command}
 */
const move = (name, key, dx, dy) => ({
  id: `view.${name}`,
  title: `Move the view ${name}`,
  group: "View",
  keys: [key],
  run: (app) => app.dispatch({ type: "pan", dx, dy }),
});

/** @type {Command[]} */
const VIEW_COMMANDS = [
  {
    id: "view.fit",
    title: "Fit the image",
    group: "View",
    keys: ["f", "Mod+0"],
    run: (app) => app.dispatch({ type: "view", view: fit(app.state.size, app.state.viewport) }),
  },
  {
    id: "view.actual",
    title: "One image pixel per screen pixel",
    group: "View",
    keys: ["Shift+f", "Mod+1"],
    run: zoom(() => 1 / (window.devicePixelRatio || 1)),
  },
  {
    id: "view.in",
    title: "Zoom in",
    group: "View",
    keys: ["+", "=", "Mod+="],
    run: zoom((s) => s.view.scale * 1.5),
  },
  {
    id: "view.out",
    title: "Zoom out",
    group: "View",
    keys: ["-", "Mod+-"],
    run: zoom((s) => s.view.scale / 1.5),
  },
  move("left", "ArrowLeft", 80, 0),
  move("right", "ArrowRight", -80, 0),
  move("up", "ArrowUp", 0, 80),
  move("down", "ArrowDown", 0, -80),
  {
    id: "view.hide",
    title: "Hide masks",
    group: "View",
    keys: ["x"],
    run: (app) => app.dispatch({ type: "show", masksHidden: !app.state.masksHidden }),
    active: (s) => s.masksHidden,
  },
  {
    id: "view.outline",
    title: "Outlines",
    group: "View",
    keys: ["o"],
    run: (app) => app.dispatch({ type: "show", outline: !app.state.outline }),
    active: (s) => s.outline,
  },
  {
    id: "view.patterns",
    title: "Patterns, to tell labels apart without colour",
    group: "View",
    keys: ["Shift+o"],
    run: (app) => app.dispatch({ type: "show", patterns: !app.state.patterns }),
    active: (s) => s.patterns,
  },
  {
    id: "view.side",
    title: "Side panel",
    group: "View",
    keys: ["\\"],
    run: (app) => app.dispatch({ type: "panel", panel: "side", open: !app.state.panels.side }),
    active: (s) => s.panels.side,
  },
  { id: "theme", title: "Light or dark", group: "View", keys: [], run: toggleTheme },
  {
    id: "palette",
    title: "Find a command",
    group: "View",
    keys: ["Mod+k"],
    run: (app) => app.tell("palette", "commands"),
  },
  {
    id: "shortcuts",
    title: "All shortcuts",
    group: "View",
    keys: ["?"],
    run: (app) => app.tell("palette", "shortcuts"),
  },
];

/** @type {Command[]} */
const IMAGE_COMMANDS = [
  {
    id: "image.next",
    title: "Next image",
    group: "Image",
    keys: ["n"],
    run: (app) => app.leaveFor(app.bootstrap.next),
  },
  {
    id: "image.previous",
    title: "Previous image",
    group: "Image",
    keys: ["d"],
    run: (app) => app.leaveFor(app.bootstrap.previous),
  },
  {
    id: "image.submit",
    title: "Mark as submitted",
    group: "Image",
    keys: ["Mod+Enter"],
    run: (app) => setStatus(app, "submitted"),
    enabled: (s) => nextStatuses(s.image.status).includes("submitted"),
  },
  {
    id: "image.history",
    title: "Revisions of this image",
    group: "Image",
    keys: ["Shift+h"],
    run: (app) => {
      app.dispatch({ type: "panel", panel: "side", open: true });
      app.dispatch({ type: "panel", panel: "history", open: !app.state.panels.history });
    },
  },
];

/**
 * @param {App} app
 * @returns {Command[]}
 */
function labelCommands(app) {
  const { labels } = app.state;
  const named = labels.some(({ hotkey }) => hotkey);
  return labels.map(({ index, name, hotkey, color }, position) => ({
    id: `label.${index}`,
    title: name,
    group: "Labels",
    keys: [hotkey ?? (named || position > 8 ? "" : String(position + 1))].filter(Boolean),
    color,
    run: () => app.dispatch({ type: "label", label: index }),
    active: (s) => s.label === index && s.tool !== "eraser",
  }));
}

/**
 * @param {App} app
 * @returns {Map<string, Command>}
 */
export function commandsOf(app) {
  const all = [
    ...TOOL_COMMANDS,
    ...BRUSH_COMMANDS,
    ...EDIT_COMMANDS,
    ...DRAFT_COMMANDS,
    ...VIEW_COMMANDS,
    ...IMAGE_COMMANDS,
    ...labelCommands(app),
  ];
  return new Map(all.map((command) => [command.id, command]));
}

/**
 * What each key does. A label's own hotkey beats a command's.
 * @param {Iterable<Command>} commands
 * @returns {Map<string, Command>}
 */
export function keymapOf(commands) {
  /** @type {Map<string, Command>} */
  const map = new Map();
  for (const command of commands) {
    for (const key of command.keys)
      map.set(key.toLowerCase().length === 1 ? key.toLowerCase() : key, command);
  }
  return map;
}
