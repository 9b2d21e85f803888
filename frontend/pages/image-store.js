/**
 * The images of a project that fit the filter, fetched page by page as they are wanted.
 */
import { api } from "../lib/api.js";

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */

const PAGE = 100;
/** Changes are stamped a little before they can be seen, so each look goes back this far. */
const OVERLAP_MS = 5000;
/** So many changed images are taken in one by one; after more, the list is fetched anew. */
const MAX_NEWS = 500;

/**
 * Everything is text as in the address; "" stands for "any".
 * @typedef {object} Filter
 * @property {string} status
 * @property {string} label
 * @property {string} q
 * @property {string} min_uncertainty
 * @property {string} max_uncertainty
 * @property {string} order
 */

/** @type {Filter} */
export const ANY = {
  status: "",
  label: "",
  q: "",
  min_uncertainty: "",
  max_uncertainty: "",
  order: "name",
};

export class ImageStore {
  /**
   * @param {number} projectId
   * @param {(images: ImageInfo[]) => void} onChange
   * @param {(error: unknown) => void} onError
   */
  constructor(projectId, onChange, onError) {
    this.path = `/projects/${projectId}/images`;
    this.onChange = onChange;
    this.onError = onError;
    /** @type {ImageInfo[]} */
    this.images = [];
    /** @type {Filter} */
    this.filter = ANY;
    /** @type {string | null} */
    this.cursor = null;
    this.complete = false;
    this.loading = new AbortController();
    this.busy = false;
    /** The last change that was taken in, ms; 0 before the first look. */
    this.synced = 0;
  }

  /** @param {Filter} filter */
  async load(filter) {
    this.filter = filter;
    await this.fetchUpTo(PAGE);
  }

  /** Fetches again what is shown; what stays keeps its place. */
  async reload() {
    await this.fetchUpTo(Math.max(PAGE, this.images.length));
  }

  /** @param {number} wanted */
  async fetchUpTo(wanted) {
    this.loading.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    this.busy = true;
    try {
      /** @type {ImageInfo[]} */
      const found = [];
      /** @type {string | null} */
      let cursor = null;
      do {
        const page = await this.fetchPage(this.filter, cursor, signal);
        found.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor && found.length < wanted);
      this.cursor = cursor;
      this.show(found);
    } catch (error) {
      if (!signal.aborted) this.onError(error);
    } finally {
      if (!signal.aborted) this.busy = false;
    }
  }

  /** Fetches the next page, unless one is on its way or all are here. */
  async more() {
    if (this.busy || !this.cursor) return;
    const { signal } = this.loading;
    this.busy = true;
    try {
      const page = await this.fetchPage(this.filter, this.cursor, signal);
      this.cursor = page.next_cursor;
      this.busy = false;
      this.show([...this.images, ...page.items]);
    } catch (error) {
      if (signal.aborted) return;
      this.busy = false;
      this.onError(error);
    }
  }

  /** Fetches all that is still missing. */
  async all() {
    while (this.cursor && !this.loading.signal.aborted) {
      const before = this.cursor;
      await this.more();
      if (this.cursor === before) return; // it failed, or another fetch is on its way
    }
  }

  /**
   * Takes in what has changed of the images that are here, wherever in the list they stand: as
   * many requests as there is news, not as there are images. Throws when the server can't be asked.
   */
  async sync() {
    const { signal } = this.loading;
    const last = this.synced || Math.max(0, ...this.images.map(changedAt));
    const held = new Set(this.images.map(({ id }) => id));
    /** @type {Map<number, ImageInfo>} */
    const news = new Map();
    /** @type {string | null} */
    let cursor = null;
    let seen = 0;
    do {
      const page = await this.fetchPage({ ...ANY, order: "updated" }, cursor, signal);
      const fresh = page.items.filter((image) => changedAt(image) >= last - OVERLAP_MS);
      for (const image of fresh) {
        if (held.has(image.id)) news.set(image.id, image);
        this.synced = Math.max(this.synced, changedAt(image));
      }
      seen += fresh.length;
      cursor = fresh.length === page.items.length ? page.next_cursor : null;
    } while (cursor && seen < MAX_NEWS);
    if (signal.aborted) return;
    if (cursor) await this.reload();
    else this.show(this.images.map((image) => news.get(image.id) ?? image));
  }

  /**
   * @param {Filter} filter
   * @param {string | null} cursor
   * @param {AbortSignal} signal
   * @returns {Promise<{items: ImageInfo[], next_cursor: string | null}>}
   */
  fetchPage(filter, cursor, signal) {
    return api("GET", this.path, { query: { ...filter, cursor, limit: PAGE }, signal });
  }

  /** @param {ImageInfo[]} images */
  show(images) {
    this.images = images;
    this.complete = this.cursor === null;
    this.onChange(images);
  }

  /** @param {ImageInfo} image the new state of one that is shown */
  put(image) {
    this.show(this.images.map((known) => (known.id === image.id ? image : known)));
  }

  /** @param {Set<number>} ids */
  drop(ids) {
    this.show(this.images.filter((image) => !ids.has(image.id)));
  }
}

/** @param {ImageInfo} image */
function changedAt({ updated_at }) {
  return Date.parse(updated_at);
}
