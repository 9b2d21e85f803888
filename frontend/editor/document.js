/**
 * The pixels: the head (ground truth), the proposal and its confidence, and the edits on them.
 * It knows nothing of the screen or the network; it tells its listeners what changed.
 */

import { LAYERS, VOID } from "./codec.js";
import { eachSpan, holeSpans, regionSpans } from "./flood.js";
import { Layer } from "./mask.js";
import { applyPatch, countPatch, invertPatch } from "./patch.js";
import { pendingSpans } from "./proposal.js";
import { footprint, polygonSpans, Sweep } from "./raster.js";
import { Recorder } from "./recorder.js";
import { paintable, unlocked } from "./rule.js";

/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").PixelAction} PixelAction */
/** @typedef {import("./types.js").Rect} Rect */
/** @typedef {import("./types.js").Ref} Ref */
/** @typedef {import("./types.js").State} State */

/**
 * @typedef {object} Listener
 * @property {(ref: Ref, rect: Rect) => void} changed pixels to show
 * @property {(edit: Edit) => void} committed a finished step
 */

export class Document {
  /**
   * @param {number} width
   * @param {number} height
   * @param {Listener} listener
   */
  constructor(width, height, listener) {
    this.width = width;
    this.height = height;
    this.listener = listener;
    this.head = new Layer(width, height, VOID);
    /** @type {Layer | null} */
    this.proposal = null;
    /** @type {Layer | null} */
    this.confidence = null;
    /** @type {Float64Array} */
    this.counts = new Float64Array(256);
    this.recorder = new Recorder();
    this.sweep = new Sweep(width, height);
    /** @type {{title: string, value: number, allowed: Uint8Array, state: State} | null} */
    this.stroke = null;
    this.box = { x0: Infinity, y0: Infinity, x1: 0, y1: 0 };
    this.paintSpan = this.paintSpan.bind(this);
  }

  /**
   * @param {Ref} ref
   * @returns {Layer | null}
   */
  layer(ref) {
    return this[ref];
  }

  /** @param {Ref} ref */
  ensure(ref) {
    const fill = ref === "confidence" ? LAYERS.confidence.fill : VOID;
    this[ref] ??= new Layer(this.width, this.height, fill);
    return /** @type {Layer} */ (this[ref]);
  }

  /** To be called once the head's pixels were loaded. */
  recount() {
    this.counts = this.head.histogram();
  }

  /**
   * @param {PixelAction} action
   * @param {State} state
   */
  apply(action, state) {
    switch (action.type) {
      case "stroke.start":
        this.begin(action.title, action.value, state);
        break;
      case "stroke.line":
        this.line(action.from, action.to, action.size);
        break;
      case "stroke.end":
        this.end();
        break;
      case "stroke.cancel":
        this.cancel();
        break;
      case "polygon.fill":
        this.begin(action.value === VOID ? "Erase polygon" : "Polygon", action.value, state);
        polygonSpans(action.points, this.width, this.height, this.paintSpan);
        this.end();
        break;
      case "fill":
        this.begin("Fill", action.value, state);
        eachSpan(regionSpans(this.head, action.x, action.y), this.paintSpan);
        this.end();
        break;
      case "holes":
        this.begin("Fill holes", this.head.at(action.x, action.y), state);
        if (this.head.at(action.x, action.y) !== VOID) {
          eachSpan(holeSpans(regionSpans(this.head, action.x, action.y)), this.paintSpan);
        }
        this.end();
        break;
      case "draft.accept":
        this.accept(action, state);
        break;
      case "draft.reject":
        this.reject(action, state);
        break;
    }
  }

  /**
   * @param {string} title
   * @param {number} value
   * @param {State} state
   */
  begin(title, value, state) {
    this.end();
    this.stroke = { title, value, allowed: paintable(state), state };
  }

  /**
   * @param {import("./types.js").XY} from
   * @param {import("./types.js").XY} to
   * @param {number} size
   */
  line(from, to, size) {
    if (!this.stroke) return;
    const dab = footprint(size, this.stroke.state.brush.shape);
    this.sweep.line(from, to, dab, this.paintSpan);
    this.show(this.stroke.value === VOID ? ["head", "proposal"] : ["head"]);
  }

  /**
   * @param {number} y
   * @param {number} x0
   * @param {number} x1
   */
  paintSpan(y, x0, x1) {
    const { value, allowed } = /** @type {NonNullable<typeof this.stroke>} */ (this.stroke);
    const { data } = this.head;
    const at = y * this.width;
    this.recorder.touchRow("head", this.head, x0, x1, y);
    for (let i = at + x0; i < at + x1; i++) if (allowed[data[i]]) data[i] = value;
    if (value === VOID && this.proposal) this.wipeDraft(this.proposal, y, x0, x1);
    this.grow(y, x0, x1);
  }

  /**
   * Erasing says "nothing here": a draft under the eraser goes too, or it would only show again.
   * @param {Layer} proposal
   * @param {number} y
   * @param {number} x0
   * @param {number} x1
   */
  wipeDraft(proposal, y, x0, x1) {
    this.recorder.touchRow("proposal", proposal, x0, x1, y);
    const at = y * this.width;
    for (let i = at + x0; i < at + x1; i++) {
      if (this.head.data[i] === VOID) proposal.data[i] = VOID;
    }
  }

  /**
   * @param {{labels?: number[] | undefined, at?: import("./types.js").XY | undefined}} where
   * @param {State} state
   */
  accept(where, state) {
    const pending = this.pending(state);
    if (!pending) return;
    this.end();
    const allowed = unlocked(state);
    const [to, from] = [this.head.data, pending.proposal.data];
    pendingSpans(pending, where, (y, x0, x1) => {
      this.recorder.touchRow("head", this.head, x0, x1, y);
      const at = y * this.width;
      for (let i = at + x0; i < at + x1; i++) if (allowed[to[i]]) to[i] = from[i];
      this.grow(y, x0, x1);
    });
    this.show(["head"]);
    this.commit("Accept draft");
  }

  /**
   * @param {{labels?: number[] | undefined, at?: import("./types.js").XY | undefined}} where
   * @param {State} state
   */
  reject(where, state) {
    const pending = this.pending(state);
    if (!pending) return;
    this.end();
    const { proposal } = pending;
    pendingSpans(pending, where, (y, x0, x1) => {
      this.recorder.touchRow("proposal", proposal, x0, x1, y);
      proposal.data.fill(VOID, y * this.width + x0, y * this.width + x1);
      this.grow(y, x0, x1);
    });
    this.show(["proposal"]);
    this.commit("Reject draft");
  }

  /**
   * @param {State} state
   * @returns {import("./proposal.js").Pending | null}
   */
  pending(state) {
    if (!this.proposal) return null;
    const { threshold, over } = state.draft;
    const { head, proposal, confidence } = this;
    return { head, proposal, confidence, threshold, replaces: over === "all" };
  }

  end() {
    if (!this.stroke) return;
    const { title, value } = this.stroke;
    this.stroke = null;
    this.show(value === VOID ? ["head", "proposal"] : ["head"]);
    this.commit(title);
  }

  /** Drops the stroke that is being painted, as if it never began. */
  cancel() {
    if (!this.stroke) return;
    this.stroke = null;
    this.recorder.cancel();
    for (const ref of /** @type {Ref[]} */ (["head", "proposal"])) this.showAll(ref);
  }

  /**
   * Turns what the recorder saw into a step.
   * @param {string} title
   */
  commit(title) {
    const patches = this.recorder.finish();
    for (const { ref, bytes } of patches) if (ref === "head") countPatch(bytes, this.counts);
    if (patches.length > 0) this.listener.committed({ title, patches });
  }

  /**
   * Applies an edit made elsewhere: undo, redo, replay.
   * @param {Edit} edit
   */
  replay(edit) {
    for (const { ref, tile, bytes } of edit.patches) {
      const layer = this.ensure(ref);
      applyPatch(bytes, layer, tile);
      if (ref === "head") countPatch(bytes, this.counts);
      this.listener.changed(ref, layer.tileRect(tile));
    }
  }

  /**
   * Takes tiles as they are elsewhere (another's save, another revision).
   * @param {Ref} ref
   * @param {Iterable<[number, ArrayLike<number>]>} tiles
   * @returns {import("./types.js").Patch[]} what that changed; not committed
   */
  adopt(ref, tiles) {
    this.end();
    const layer = this.ensure(ref);
    for (const [tile, pixels] of tiles) {
      this.recorder.touchTile(ref, layer, tile);
      layer.writeTile(tile, pixels);
      this.listener.changed(ref, layer.tileRect(tile));
    }
    const patches = this.recorder.finish();
    if (ref === "head") for (const { bytes } of patches) countPatch(bytes, this.counts);
    return patches;
  }

  /**
   * @param {number} y
   * @param {number} x0
   * @param {number} x1
   */
  grow(y, x0, x1) {
    const { box } = this;
    if (x0 < box.x0) box.x0 = x0;
    if (x1 > box.x1) box.x1 = x1;
    if (y < box.y0) box.y0 = y;
    if (y >= box.y1) box.y1 = y + 1;
  }

  /** @param {Ref[]} refs */
  show(refs) {
    const { x0, y0, x1, y1 } = this.box;
    if (x0 >= x1) return;
    const rect = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    for (const ref of refs) if (this.layer(ref)) this.listener.changed(ref, rect);
    Object.assign(this.box, { x0: Infinity, y0: Infinity, x1: 0, y1: 0 });
  }

  /** @param {Ref} ref */
  showAll(ref) {
    if (!this.layer(ref)) return;
    this.listener.changed(ref, { x: 0, y: 0, width: this.width, height: this.height });
  }
}

/**
 * @param {Edit} edit
 * @returns {Edit} the edit that takes it back
 */
export function invertEdit(edit) {
  const patches = edit.patches.map((patch) => ({ ...patch, bytes: invertPatch(patch.bytes) }));
  return { title: edit.title, patches };
}
