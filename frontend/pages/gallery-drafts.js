/**
 * Drafts asked for in the gallery: one run at a time.
 */
import { pages } from "../lib/api.js";
import { toast, toastError } from "../lib/toast.js";
import { DraftRun } from "./draft-run.js";

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */

/**
 * @typedef {object} DraftHooks
 * @property {(state: import("./draft-run.js").DraftState, cancel: () => void) => void} onState
 * @property {(image: ImageInfo) => void} onImage its drafting has begun or ended
 * @property {() => Promise<unknown>} onEnd
 */

export class Drafts {
  /**
   * @param {number} projectId
   * @param {DraftHooks} hooks
   */
  constructor(projectId, hooks) {
    this.projectId = projectId;
    this.hooks = hooks;
    this.running = false;
    /** @type {Set<number>} */
    this.ids = new Set();
  }

  /**
   * True while the model works on the image.
   * @param {number} id
   */
  has(id) {
    return this.ids.has(id);
  }

  /** @param {ImageInfo[]} images */
  async start(images) {
    if (this.running) {
      toast("Drafting is under way. Cancel it first, or wait until it is done.");
      return;
    }
    this.running = true;
    const { onState, onImage, onEnd } = this.hooks;
    const run = new DraftRun(
      images,
      (state) => onState(state, () => run.cancel()),
      (image, busy) => {
        this.ids[busy ? "add" : "delete"](image.id);
        onImage(image);
      },
    );
    await run.run();
    this.running = false;
    await onEnd();
  }

  async startAllNew() {
    try {
      /** @type {ImageInfo[]} */
      const fresh = [];
      const query = { status: "new", limit: 200 };
      for await (const items of pages(`/projects/${this.projectId}/images`, query)) {
        fresh.push(...items);
      }
      await this.start(fresh);
    } catch (error) {
      toastError(error);
    }
  }
}
