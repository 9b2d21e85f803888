/**
 * Drafts images one after the other; waits when the server says that it is busy.
 */
import { ApiError, api } from "../lib/api.js";

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */

const DEFAULT_WAIT_S = 2;
/** After so many failures in a row it is not the image's fault. */
const GIVE_UP = 3;

/**
 * @typedef {object} DraftState
 * @property {number} done
 * @property {number} failed
 * @property {number} total
 * @property {string} current the image being drafted
 * @property {string} note why it waits or what went wrong last
 * @property {number | null} secondsLeft known after the first images
 * @property {boolean} finished
 */

export class DraftRun {
  /**
   * @param {ImageInfo[]} images
   * @param {(state: DraftState) => void} onState
   * @param {(image: ImageInfo, busy: boolean) => void} onImage told when an image begins and ends
   */
  constructor(images, onState, onImage) {
    this.images = images;
    this.onState = onState;
    this.onImage = onImage;
    this.abort = new AbortController();
    /** @type {DraftState} */
    this.state = {
      done: 0,
      failed: 0,
      total: images.length,
      current: "",
      note: "",
      secondsLeft: null,
      finished: false,
    };
  }

  cancel() {
    this.abort.abort();
  }

  async run() {
    const started = performance.now();
    let inARow = 0;
    for (const image of this.images) {
      if (this.abort.signal.aborted || inARow >= GIVE_UP) break;
      this.report({ current: image.name });
      const ok = await this.draft(image);
      inARow = ok ? 0 : inARow + 1;
      const handled = this.state.done + this.state.failed;
      const each = (performance.now() - started) / 1000 / Math.max(1, handled);
      this.report({ secondsLeft: each * (this.images.length - handled) });
    }
    this.report({ finished: true, current: "" });
  }

  /** @param {ImageInfo} image */
  async draft(image) {
    this.onImage(image, true);
    let latest = image;
    try {
      await this.propose(image.id);
      latest = await api("GET", `/images/${image.id}`);
      this.report({ done: this.state.done + 1, note: "" });
      return true;
    } catch (error) {
      if (this.abort.signal.aborted) return true;
      const text = error instanceof Error ? error.message : String(error);
      this.report({ failed: this.state.failed + 1, note: `${image.name}: ${text}` });
      return false;
    } finally {
      this.onImage(latest, false);
    }
  }

  /** @param {number} id */
  async propose(id) {
    for (;;) {
      try {
        return await api("POST", `/images/${id}/proposal`, { json: {}, signal: this.abort.signal });
      } catch (error) {
        const busy = error instanceof ApiError && error.status === 503 && error.code === "busy";
        if (!busy) throw error;
        const seconds = error.retryAfter ?? DEFAULT_WAIT_S;
        this.report({ note: `The model is busy. Trying again in ${Math.ceil(seconds)} s.` });
        await wait(seconds * 1000, this.abort.signal);
      }
    }
  }

  /** @param {Partial<DraftState>} change */
  report(change) {
    Object.assign(this.state, change);
    this.onState(this.state);
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function wait(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("cancelled", "AbortError"));
    });
  });
}
