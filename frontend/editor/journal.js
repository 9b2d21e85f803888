/**
 * The journal: every step is written to IndexedDB before it is sent, and forgotten once the
 * server has acknowledged it. What is left when a page opens is replayed.
 *
 * Each page (tab) writes under a session of its own and holds a Web Lock for as long as it lives,
 * so that a second tab on the same image doesn't replay what the first is still saving.
 */

import { answer, finished, openDatabase } from "./database.js";

/** @typedef {import("./types.js").Patch} Patch */
/** @typedef {import("./types.js").SavedRef} SavedRef */
/** @typedef {import("./types.js").Edit} Edit */

/**
 * @typedef {object} Attempt one save, kept word for word until it is answered
 * @property {string} key Idempotency-Key: sending it again can't save twice
 * @property {number} base
 * @property {number} upTo the last stroke in it
 * @property {number[]} tiles
 * @property {Uint8Array<ArrayBuffer>} body
 *
 * @typedef {object} Basis what a session's strokes are painted on
 * @property {number} image
 * @property {string} session
 * @property {SavedRef} ref
 * @property {number} base revision
 * @property {Attempt | null} attempt
 *
 * @typedef {object} Stroke
 * @property {number} [id] ascending
 * @property {number} image
 * @property {string} session
 * @property {SavedRef} ref
 * @property {number} base revision it was painted on; the session's basis, if there, knows better
 * @property {string} title
 * @property {Patch[]} patches
 *
 * @typedef {object} Left what was left behind for one ref
 * @property {number} base
 * @property {Attempt | null} attempt
 * @property {Stroke[]} strokes in order
 */

const LOCK = "maskwright-session-";
const CLOSING_MS = 1500;

/** @returns {Promise<Set<string>>} sessions of pages that are still open */
async function livingSessions() {
  if (!navigator.locks) return new Set();
  const { held = [] } = await navigator.locks.query();
  return new Set(held.map(({ name = "" }) => name.slice(LOCK.length)));
}

/**
 * Waits a moment for a page to let its session go: one that was closed a blink ago still holds it.
 * @param {string} session
 * @returns {Promise<boolean>} whether it is gone
 */
async function gone(session) {
  try {
    const signal = AbortSignal.timeout(CLOSING_MS);
    await navigator.locks.request(LOCK + session, { signal }, () => {});
    return true;
  } catch {
    return false;
  }
}

export class Journal {
  /**
   * @param {IDBDatabase} db
   * @param {number} image
   */
  constructor(db, image) {
    this.db = db;
    this.image = image;
    this.session = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
    this.last = 0;
    /** @type {Promise<unknown>} */
    this.writing = Promise.resolve();
    this.failed = false;
    /** @type {() => void} gives the session's lock back */
    this.release = () => {};
  }

  /**
   * @param {number} image
   * @returns {Promise<Journal>}
   */
  static async open(image) {
    const journal = new Journal(await openDatabase(), image);
    navigator.locks?.request(
      LOCK + journal.session,
      // Held until the page goes away or closes the journal.
      () =>
        new Promise((resolve) => {
          journal.release = () => resolve(undefined);
        }),
    );
    return journal;
  }

  /** Leaves what is not acknowledged to whoever opens the image next. */
  close() {
    this.release();
    this.db.close();
  }

  /**
   * One write after the other; a failure is remembered, and the page then warns before closing.
   * @template T
   * @param {string[]} stores
   * @param {(transaction: IDBTransaction) => T} work
   * @returns {Promise<T | undefined>}
   */
  write(stores, work) {
    const run = async () => {
      try {
        const transaction = this.db.transaction(stores, "readwrite");
        const done = finished(transaction);
        const result = work(transaction);
        await done;
        return result;
      } catch {
        this.failed = true;
        return undefined;
      }
    };
    // Started at once, not queued: a page that closes right after still gets its write through.
    const result = run();
    this.writing = Promise.all([this.writing, result]);
    return result;
  }

  /**
   * @param {Edit} edit
   * @param {Record<SavedRef, number>} bases
   */
  async append(edit, bases) {
    const { image, session } = this;
    const refs = /** @type {SavedRef[]} */ (["head", "proposal"]).filter((ref) =>
      edit.patches.some((patch) => patch.ref === ref),
    );
    const written = this.write(["strokes"], (transaction) => {
      for (const ref of refs) {
        const patches = edit.patches.filter((patch) => patch.ref === ref);
        const stroke = { image, session, ref, base: bases[ref], title: edit.title, patches };
        const request = transaction.objectStore("strokes").add(stroke);
        request.onsuccess = () => {
          this.last = Math.max(this.last, Number(request.result));
        };
      }
      // Said now and not by the last callback: a page that is killed in between has no callbacks.
      transaction.commit();
    });
    const based = this.write(["bases"], (transaction) => {
      const store = transaction.objectStore("bases");
      for (const ref of refs) {
        const known = store.get([image, session, ref]);
        known.onsuccess = () => {
          if (!known.result) store.put({ image, session, ref, base: bases[ref], attempt: null });
        };
      }
    });
    await Promise.all([written, based]);
  }

  /** Resolves when everything appended so far is on disk (or failed). */
  async settled() {
    await this.writing;
  }

  /**
   * @param {SavedRef} ref
   * @param {Attempt} attempt
   */
  sending(ref, attempt) {
    const { image, session } = this;
    return this.write(["bases"], (transaction) => {
      const basis = { image, session, ref, base: attempt.base, attempt };
      transaction.objectStore("bases").put(basis);
    });
  }

  /**
   * Forgets the strokes that the server now has.
   * @param {SavedRef} ref
   * @param {number} upTo
   * @param {number} base the revision that holds them
   * @param {Edit} [instead] what to keep in their place (after a conflict)
   */
  acknowledged(ref, upTo, base, instead) {
    const { image, session } = this;
    return this.write(["strokes", "bases"], (transaction) => {
      const strokes = transaction.objectStore("strokes");
      const cursor = strokes.index("session").openCursor([session, ref]);
      let left = 0;
      cursor.onsuccess = () => {
        const at = cursor.result;
        if (at) {
          if (Number(at.primaryKey) <= upTo) at.delete();
          else left++;
          at.continue();
          return;
        }
        if (instead && instead.patches.length > 0) {
          const { title, patches } = instead;
          strokes.add({ image, session, ref, base, title, patches });
          left++;
        }
        const bases = transaction.objectStore("bases");
        if (left > 0) bases.put({ image, session, ref, base, attempt: null });
        else bases.delete([image, session, ref]);
      };
    });
  }

  /** @param {number} image */
  async read(image) {
    const transaction = this.db.transaction(["strokes", "bases"]);
    /** @type {Promise<Stroke[]>} */
    const strokes = answer(transaction.objectStore("strokes").index("image").getAll(image));
    const range = IDBKeyRange.bound([image], [image, []]);
    /** @type {Promise<Basis[]>} */
    const bases = answer(transaction.objectStore("bases").getAll(range));
    return { strokes: await strokes, bases: await bases };
  }

  /**
   * @param {number} image
   * @returns {Promise<Set<string>>} open pages with work on the image that is theirs to save
   */
  async othersLiving(image) {
    const living = await livingSessions();
    const { strokes, bases } = await this.read(image);
    const sessions = new Set([...strokes, ...bases].map(({ session }) => session));
    const open = [...sessions].filter((session) => living.has(session));
    const left = await Promise.all(open.map(gone));
    return new Set(open.filter((_, i) => !left[i]));
  }

  /**
   * Takes over what closed pages left for an image.
   * @param {number} [image]
   * @returns {Promise<Partial<Record<SavedRef, Left>>>}
   */
  async adopt(image = this.image) {
    const living = await this.othersLiving(image);
    const { bases, strokes: all } = await this.read(image);
    const strokes = all.filter(({ session }) => !living.has(session));
    const dead = bases.filter(({ session }) => !living.has(session));
    await this.own(dead, strokes);
    /** @type {Partial<Record<SavedRef, Left>>} */
    const left = {};
    for (const ref of /** @type {SavedRef[]} */ (["head", "proposal"])) {
      const mine = strokes.filter((stroke) => stroke.ref === ref);
      const of = dead.filter((basis) => basis.ref === ref).sort((a, b) => a.base - b.base);
      if (mine.length === 0) continue;
      // A page killed in its first stroke has no basis yet; the stroke tells its own.
      const base = of[0]?.base ?? Math.min(...mine.map((stroke) => stroke.base));
      // Several closed pages: start from the oldest base; the server sorts out who clashes.
      left[ref] = {
        base,
        attempt: of.length === 1 ? of[0].attempt : null,
        strokes: mine,
      };
    }
    return left;
  }

  /**
   * @param {Basis[]} bases
   * @param {Stroke[]} strokes
   */
  async own(bases, strokes) {
    if (bases.length === 0 && strokes.length === 0) return;
    await this.write(["strokes", "bases"], (transaction) => {
      const store = transaction.objectStore("bases");
      const { session } = this;
      // Newest base first, so that the oldest is what stays under the new name.
      for (const basis of [...bases].sort((a, b) => b.base - a.base)) {
        store.delete([basis.image, basis.session, basis.ref]);
        const several = bases.filter(({ ref }) => ref === basis.ref).length > 1;
        store.put({ ...basis, session, attempt: several ? null : basis.attempt });
      }
      for (const stroke of strokes) transaction.objectStore("strokes").put({ ...stroke, session });
    });
    this.last = Math.max(this.last, ...strokes.map(({ id = 0 }) => id));
  }

  /** @returns {Promise<number[]>} other images with work that closed pages left behind */
  async othersLeft() {
    const living = await livingSessions();
    /** @type {Basis[]} */
    const bases = await answer(this.db.transaction("bases").objectStore("bases").getAll());
    const images = bases
      .filter(({ image, session }) => image !== this.image && !living.has(session))
      .map(({ image }) => image);
    return [...new Set(images)];
  }

  /** @returns {import("./history.js").Shelf} where old undo steps are kept */
  shelf() {
    const { db, session } = this;
    return {
      async put(key, edit) {
        const transaction = db.transaction("undo", "readwrite");
        transaction.objectStore("undo").put({ session, key, edit });
        await finished(transaction);
      },
      async take(key) {
        const store = db.transaction("undo").objectStore("undo");
        return (await answer(store.get([session, key]))).edit;
      },
    };
  }

  /** Undo steps die with their page. */
  async sweepUndo() {
    const living = await livingSessions();
    living.add(this.session);
    await this.write(["undo"], (transaction) => {
      const cursor = transaction.objectStore("undo").openKeyCursor();
      cursor.onsuccess = () => {
        const at = cursor.result;
        if (!at) return;
        const [session] = /** @type {[string, number]} */ (at.key);
        if (!living.has(session)) transaction.objectStore("undo").delete(at.key);
        at.continue();
      };
    });
  }
}
