/** Joins the parts: state, pixels, undo, saving, drawing. Panels and commands talk to this. */

import { toast } from "../lib/toast.js";
import { Document } from "./document.js";
import { Frame } from "./frame.js";
import { Renderer } from "./gl.js";
import { History } from "./history.js";
import { open } from "./load.js";
import { Overlay } from "./overlay.js";
import { preferences, remember } from "./preferences.js";
import { Remote } from "./remote.js";
import { Saver } from "./save.js";
import { initialState, Store } from "./state.js";

/** @typedef {import("./types.js").Action} Action */
/** @typedef {import("./types.js").Bootstrap} Bootstrap */
/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").PixelAction} PixelAction */
/** @typedef {import("./types.js").SavedRef} SavedRef */
/** @typedef {import("./types.js").StateAction} StateAction */
/** @typedef {import("./journal.js").Journal | import("./no-journal.js").NoJournal} AnyJournal */

const PIXEL_ACTIONS = new Set([
  "stroke.start",
  "stroke.line",
  "stroke.end",
  "stroke.cancel",
  "polygon.fill",
  "fill",
  "holes",
  "draft.accept",
  "draft.reject",
]);

export class App extends EventTarget {
  /**
   * @param {Bootstrap} bootstrap
   * @param {AnyJournal} journal
   * @param {{canvas: HTMLCanvasElement, overlay: HTMLCanvasElement}} canvases
   */
  constructor(bootstrap, journal, { canvas, overlay }) {
    super();
    this.bootstrap = bootstrap;
    const { image } = bootstrap;
    this.store = new Store({ ...initialState(bootstrap), ...preferences() });
    this.remote = new Remote(image);
    this.journal = journal;
    this.document = new Document(image.width, image.height, {
      changed: (ref, rect) => {
        this.renderer.touch(ref, rect);
        this.frame.ask();
      },
      committed: (edit) => this.committed(edit),
    });
    this.history = new History(journal.shelf());
    this.saver = new Saver(this.document, this.remote, journal, {
      state: (state, detail = "") => this.store.dispatch({ type: "save", state, detail }),
      saved: (ref) => this.saved(ref),
      conflict: (ref, base) => this.tell("conflict", { ref, base }),
      merged: (ref, revision, track) => this.takeMerge(ref, revision, track),
    });
    /** @type {import("./mask.js").Layer | null} an old revision that is looked at */
    this.looked = null;
    this.renderer = new Renderer(canvas, image, (ref) =>
      ref === "head" && this.looked ? this.looked : this.document.layer(ref),
    );
    this.overlay = new Overlay(overlay);
    this.frame = new Frame(() => this.draw());
    this.ready = false;
    /** @type {Promise<unknown>} one undo or redo after the other */
    this.stepping = Promise.resolve();
    this.store.listeners.push((state, before) => {
      this.frame.ask();
      remember(state, before);
    });
  }

  get state() {
    return this.store.state;
  }

  /**
   * @param {string} type
   * @param {unknown} [detail]
   */
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  draw() {
    const ratio = window.devicePixelRatio || 1;
    this.renderer.draw(this.state, ratio);
    this.overlay.draw(this.state, ratio);
    this.tell("drawn");
  }

  /** @param {Action} action */
  dispatch(action) {
    if (PIXEL_ACTIONS.has(action.type)) {
      if (this.ready && this.state.looking === null) {
        this.document.apply(/** @type {PixelAction} */ (action), this.state);
      }
    } else if (action.type === "pick") this.pick(action.x, action.y);
    else this.store.dispatch(/** @type {StateAction} */ (action));
  }

  /**
   * The label under a pixel, drafted ones too, becomes the current label.
   * @param {number} x
   * @param {number} y
   */
  pick(x, y) {
    this.dispatch({ type: "label", label: this.labelAt(x, y) });
    if (this.state.tool === "picker") this.dispatch({ type: "tool", tool: "brush" });
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {number} what is shown there: the head, else a pending draft
   */
  labelAt(x, y) {
    const label = this.document.head.at(x, y);
    const pending = this.document.pending(this.state);
    if (label !== 255 || !pending || !this.state.draft.visible) return label;
    const sure = (pending.confidence?.at(x, y) ?? 255) >= pending.threshold;
    return sure ? pending.proposal.at(x, y) : label;
  }

  /** Fetches masks and replays the journal. */
  async open() {
    const replayed = await open(this.remote, this.document, this.journal, this.saver);
    for (const edit of replayed) this.history.push(edit);
    this.dispatch({ type: "draft", draft: { exists: this.document.proposal !== null } });
    for (const ref of /** @type {const} */ (["head", "proposal", "confidence"])) {
      this.renderer.touchAll(ref);
    }
    this.ready = true;
    this.dispatch({ type: "save", state: "saved" });
    this.tell("opened");
    this.changed();
    if (this.saver.pending) {
      toast("Strokes that were not saved yet are back.", { kind: "ok" });
      this.saver.flush();
    }
  }

  /** @param {Edit} edit */
  committed(edit) {
    this.history.push(edit);
    this.saver.commit(edit);
    this.changed();
  }

  /** Pixels or steps changed: whoever counts them should look again. */
  changed() {
    const { undoable, redoable } = this.history;
    this.store.dispatch({ type: "steps", undo: undoable, redo: redoable });
    this.frame.ask();
    this.tell("edited");
  }

  /** @param {"undo" | "redo"} which */
  step(which) {
    const run = async () => {
      this.document.end();
      const edit = await this.history[which]();
      if (!edit) return;
      this.document.replay(edit);
      this.saver.commit(edit);
      this.changed();
    };
    this.stepping = this.stepping.then(run, run);
    return this.stepping;
  }

  /** @param {SavedRef} ref */
  saved(ref) {
    this.tell("saved", { ref });
    // Changed ground truth puts an image back to work, whatever it was.
    if (ref === "head" && this.state.image.status !== "in_progress") this.refresh();
  }

  async refresh() {
    this.dispatch({ type: "image", image: await this.remote.refresh() });
  }

  /**
   * Others saved other tiles meanwhile: their revision, and my later steps over it.
   * @param {SavedRef} ref
   * @param {number} revision
   * @param {import("./save.js").Track} track
   */
  async takeMerge(ref, revision, track) {
    const tiles = await this.fetchTiles(revision);
    await this.penUp();
    this.document.adopt(ref, tiles);
    for (const { title, patches } of track.since) {
      this.document.replay({ title, patches: patches.filter((patch) => patch.ref === ref) });
    }
    this.changed();
    toast("Someone else's changes to this image were merged in.");
  }

  /**
   * @param {SavedRef | number} ref
   * @returns {Promise<Map<number, Uint8Array>>}
   */
  async fetchTiles(ref) {
    /** @type {Map<number, Uint8Array>} */
    const tiles = new Map();
    await this.remote.mask(ref, ["classes"], (_layer, index, pixels) => {
      tiles.set(index, Uint8Array.from(pixels));
    });
    return tiles;
  }

  /**
   * Goes to another image; what isn't saved in time is sent by the page that opens next.
   * @param {number | null} image
   */
  async leaveFor(image) {
    if (image === null) {
      toast("There is no other image in this direction.");
      return;
    }
    await this.leave(`/images/${image}${location.search}`);
  }

  /**
   * Gives a save in progress a moment, so that the next page shows it.
   * @param {string} url
   */
  async leave(url) {
    this.document.end();
    const late = new Promise((resolve) => setTimeout(resolve, 1500));
    await Promise.race([this.saver.flush(), late]);
    location.assign(url);
  }

  /** Resolves between strokes. */
  async penUp() {
    while (this.document.stroke) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
