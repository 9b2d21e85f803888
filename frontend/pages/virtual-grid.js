/**
 * A grid of equal cards in the window's scroll of which only those near the view are in the page.
 */

const MIN_WIDTH = 208;
const GAP = 12;
/** Rows kept above and below the view, so that a quick scroll meets finished cards. */
const SPARE_ROWS = 2;

/**
 * @template T
 * @typedef {object} GridOptions
 * @property {(item: T) => string} keyOf
 * @property {(item: T, at: number) => HTMLElement} create
 * @property {(element: HTMLElement, item: T, at: number) => void} update
 * @property {number} captionHeight below the 4:3 picture
 * @property {() => void} onEnd the last rows came into view
 * @property {() => boolean} isComplete whether all items are here
 */

/** @template T */
export class VirtualGrid {
  /**
   * @param {HTMLElement} root
   * @param {GridOptions<T>} options
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    /** @type {T[]} */
    this.items = [];
    /** @type {Map<string, HTMLElement>} */
    this.shown = new Map();
    this.columns = 1;
    this.cardWidth = MIN_WIDTH;
    this.rowHeight = 1;
    this.frame = 0;
    new ResizeObserver(() => this.layout()).observe(root);
    window.addEventListener("scroll", () => this.schedule(), { passive: true });
    window.addEventListener("resize", () => this.schedule(), { passive: true });
  }

  /** @param {T[]} items */
  setItems(items) {
    this.items = items;
    const keys = new Set(items.map((item) => this.options.keyOf(item)));
    for (const [key, element] of this.shown) {
      if (keys.has(key)) continue;
      element.remove();
      this.shown.delete(key);
    }
    this.layout();
  }

  layout() {
    const width = this.root.clientWidth;
    if (width === 0) return;
    // A phone still gets two columns.
    this.columns = Math.max(2, Math.floor((width + GAP) / (MIN_WIDTH + GAP)));
    this.cardWidth = Math.floor((width - GAP * (this.columns - 1)) / this.columns);
    const picture = Math.round((this.cardWidth * 3) / 4);
    this.rowHeight = picture + this.options.captionHeight + GAP;
    this.root.style.setProperty("--card-picture", `${picture}px`);
    const rows = Math.ceil(this.items.length / this.columns);
    this.root.style.height = `${Math.max(0, rows * this.rowHeight - GAP)}px`;
    this.render();
  }

  /** For screen readers; -1 is ARIA's word for "not known yet". */
  total() {
    return this.options.isComplete() ? this.items.length : -1;
  }

  schedule() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.render();
    });
  }

  render() {
    const [first, end] = this.range();
    /** @type {Set<string>} */
    const wanted = new Set();
    for (let at = first; at < end; at += 1) {
      const item = this.items[at];
      if (item === undefined) continue;
      wanted.add(this.options.keyOf(item));
      this.put(item, at);
    }
    this.arrange();
    for (const [key, element] of this.shown) {
      // Taking away what has the focus would throw the keyboard back to the top of the page.
      if (wanted.has(key) || element.contains(document.activeElement)) continue;
      element.remove();
      this.shown.delete(key);
    }
    if (end >= this.items.length) this.options.onEnd();
  }

  /** @returns {[number, number]} the items from, up to but without */
  range() {
    const { top } = this.root.getBoundingClientRect();
    const firstRow = Math.floor(-top / this.rowHeight) - SPARE_ROWS;
    const lastRow = Math.ceil((window.innerHeight - top) / this.rowHeight) + SPARE_ROWS;
    const end = Math.min(this.items.length, Math.max(0, lastRow) * this.columns);
    return [Math.max(0, firstRow) * this.columns, end];
  }

  /**
   * @param {T} item
   * @param {number} at
   */
  put(item, at) {
    const key = this.options.keyOf(item);
    let element = this.shown.get(key);
    if (!element) {
      element = this.options.create(item, at);
      this.shown.set(key, element);
    }
    element.dataset.at = String(at);
    element.ariaPosInSet = String(at + 1);
    element.ariaSetSize = String(this.total());
    const x = (at % this.columns) * (this.cardWidth + GAP);
    const y = Math.floor(at / this.columns) * this.rowHeight;
    element.style.width = `${this.cardWidth}px`;
    element.style.transform = `translate(${x}px, ${y}px)`;
    this.options.update(element, item, at);
  }

  /** Keeps the order of the page equal to that on the screen, for Tab and screen readers. */
  arrange() {
    const focused = document.activeElement;
    const ordered = [...this.shown.values()].sort(
      (a, b) => Number(a.dataset.at) - Number(b.dataset.at),
    );
    let place = this.root.firstElementChild;
    for (const element of ordered) {
      if (element === place) place = place.nextElementSibling;
      else this.root.insertBefore(element, place);
    }
    // Moving an element takes its focus away.
    if (focused instanceof HTMLElement && this.root.contains(focused)) {
      focused.focus({ preventScroll: true });
    }
  }

  /**
   * Scrolls the item into view and returns its card.
   * @param {number} at
   */
  reveal(at) {
    const item = this.items[at];
    if (item === undefined) return null;
    const { top } = this.root.getBoundingClientRect();
    const cardTop = top + Math.floor(at / this.columns) * this.rowHeight;
    const head = 72; // the sticky toolbar and a little air
    if (cardTop < head + 48) window.scrollBy(0, cardTop - head - 48);
    const below = cardTop + this.rowHeight - window.innerHeight;
    if (below > 0) window.scrollBy(0, below);
    this.render();
    return this.shown.get(this.options.keyOf(item)) ?? null;
  }
}
