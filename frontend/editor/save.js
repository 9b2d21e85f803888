/**
 * Saving: a short while after each step the changed tiles go to the server, one save at a time,
 * again and again until it is answered. Painting goes on meanwhile.
 */

import { ApiError } from "../lib/api.js";

/** @typedef {import("./document.js").Document} Document */
/** @typedef {import("./journal.js").Attempt} Attempt */
/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./journal.js").Left} Left */
/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").Revision} Revision */
/** @typedef {import("./types.js").SavedRef} SavedRef */
/** @typedef {import("./types.js").SaveState} SaveState */

const DELAY_MS = 500;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30000;
const REFS = /** @type {SavedRef[]} */ (["head", "proposal"]);

/**
 * @typedef {object} Track what of one ref the server doesn't have yet
 * @property {number} base
 * @property {Set<number>} dirty
 * @property {Attempt | null} attempt
 * @property {Edit[]} since steps made after the attempt was put together
 */

/**
 * @typedef {object} Hooks
 * @property {(state: SaveState, detail?: string) => void} state
 * @property {(ref: SavedRef, revision: Revision) => void} saved
 * @property {(ref: SavedRef, base: number, problem: Record<string, any>) => void} conflict
 * @property {(ref: SavedRef, revision: number, track: Track) => Promise<void>} merged
 *   others saved other tiles: take the revision and put the steps since on top
 */

/** @param {ApiError} error */
const willPass = ({ status }) => status === 0 || status === 408 || status === 429 || status >= 500;

export class Saver {
  /**
   * @param {Document} document
   * @param {Pick<import("./remote.js").Remote, "encode" | "save">} remote
   * @param {Pick<Journal, "append" | "settled" | "sending" | "acknowledged" | "last" | "failed">} journal
   * @param {Hooks} hooks
   */
  constructor(document, remote, journal, hooks) {
    this.document = document;
    this.remote = remote;
    this.journal = journal;
    this.hooks = hooks;
    /** @type {Record<SavedRef, Track>} */
    this.tracks = {
      head: { base: 0, dirty: new Set(), attempt: null, since: [] },
      proposal: { base: 0, dirty: new Set(), attempt: null, since: [] },
    };
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Promise<void> | null} */
    this.running = null;
    this.failures = 0;
    /** @type {"conflict" | "error" | null} waits for a person */
    this.halted = null;
  }

  get pending() {
    return REFS.some((ref) => this.tracks[ref].attempt || this.tracks[ref].dirty.size > 0);
  }

  /**
   * What a closed page left, its pixels being in the document already.
   * @param {SavedRef} ref
   * @param {Left} left
   */
  resume(ref, { base, attempt, strokes }) {
    const track = this.tracks[ref];
    track.base = base;
    track.attempt = attempt;
    for (const { id = 0, patches } of strokes) {
      if (attempt && id <= attempt.upTo) continue;
      for (const { tile } of patches) track.dirty.add(tile);
    }
  }

  /** @param {Edit} edit a step that is in the document now */
  commit(edit) {
    this.journal.append(edit, { head: this.tracks.head.base, proposal: this.tracks.proposal.base });
    for (const { ref, tile } of edit.patches) {
      if (ref !== "confidence") this.tracks[ref].dirty.add(tile);
    }
    for (const ref of REFS) {
      if (edit.patches.some((patch) => patch.ref === ref)) this.tracks[ref].since.push(edit);
    }
    if (this.halted) return;
    if (this.failures === 0) this.hooks.state("saving");
    this.schedule(this.failures === 0 ? DELAY_MS : undefined);
  }

  /** @param {number} [ms] left out: as already planned */
  schedule(ms) {
    if (ms === undefined && this.timer !== undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), ms ?? DELAY_MS);
  }

  /** Saves now what is to be saved. Resolves when that worked or failed once. */
  flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async run() {
    for (;;) {
      const ref = REFS.find((r) => this.tracks[r].attempt || this.tracks[r].dirty.size > 0);
      if (!ref || this.halted) break;
      if (this.failures === 0) this.hooks.state("saving");
      try {
        await this.saveOnce(ref);
        this.failures = 0;
      } catch (error) {
        this.failed(ref, error);
        return;
      }
    }
    if (!this.halted) this.hooks.state("saved");
  }

  /** @param {SavedRef} ref */
  async saveOnce(ref) {
    const track = this.tracks[ref];
    const attempt = track.attempt ?? (await this.prepare(ref, track));
    const revision = await this.remote.save(ref, attempt);
    track.attempt = null;
    track.base = revision.id;
    await this.journal.acknowledged(ref, attempt.upTo, revision.id);
    // A save that changes nothing is answered with the revision that is there.
    if (revision.id !== attempt.base && (revision.parent ?? 0) !== attempt.base) {
      await this.hooks.merged(ref, revision.id, track);
    }
    this.hooks.saved(ref, revision);
  }

  /**
   * @param {SavedRef} ref
   * @param {Track} track
   */
  async prepare(ref, track) {
    // The journal first: what is sent is on disk.
    await this.journal.settled();
    const upTo = this.journal.last;
    const tiles = [...track.dirty].sort((a, b) => a - b);
    track.dirty.clear();
    track.since = [];
    const layer = /** @type {import("./mask.js").Layer} */ (this.document.layer(ref));
    const body = await this.remote.encode(layer, tiles);
    const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    track.attempt = { key, base: track.base, upTo, tiles, body };
    await this.journal.sending(ref, track.attempt);
    return track.attempt;
  }

  /**
   * @param {SavedRef} ref
   * @param {unknown} error
   */
  failed(ref, error) {
    const track = this.tracks[ref];
    if (error instanceof ApiError && error.code === "stale_revision") {
      const base = track.attempt?.base ?? track.base;
      this.halt("conflict", track, error.detail);
      this.hooks.conflict(ref, base, error.problem);
      return;
    }
    if (!(error instanceof ApiError) || !willPass(error)) {
      // The server will not take it as it is (image deleted, say): keep everything, stop asking.
      this.halt("error", track, error instanceof Error ? error.message : String(error));
      return;
    }
    const backOff = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures++;
    const wait = Math.max(backOff * (0.75 + Math.random() / 2), (error.retryAfter ?? 0) * 1000);
    this.hooks.state("offline", error.detail);
    this.schedule(wait);
  }

  /**
   * @param {"conflict" | "error"} why
   * @param {Track} track
   * @param {string} detail
   */
  halt(why, track, detail) {
    for (const tile of track.attempt?.tiles ?? []) track.dirty.add(tile);
    track.attempt = null;
    this.halted = why;
    this.hooks.state(why, detail);
  }

  /** The network is back, or the person asks: don't wait for the back-off. */
  retry() {
    if (this.halted === "error") this.halted = null;
    if (!this.halted && this.pending) this.flush();
  }

  /**
   * Goes on after a conflict was settled in the document.
   * @param {SavedRef} ref
   * @param {number} base the revision that the document now starts from
   * @param {number[]} tiles that differ from it
   * @param {Edit} journaled the same as patches against the base
   */
  async rebase(ref, base, tiles, journaled) {
    const track = this.tracks[ref];
    await this.journal.settled();
    await this.journal.acknowledged(ref, this.journal.last, base, journaled);
    track.base = base;
    track.dirty = new Set(tiles);
    this.halted = null;
    this.failures = 0;
    return this.flush();
  }
}
