/**
 * Which images are selected: click toggles, Shift selects the range from the last click.
 */

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */

export class Selection {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Set<number>} */
    this.ids = new Set();
    this.anchor = -1;
  }

  get size() {
    return this.ids.size;
  }

  /** @param {number} id */
  has(id) {
    return this.ids.has(id);
  }

  /**
   * @param {ImageInfo[]} images in the order of the screen
   * @param {number} at
   * @param {boolean} range
   */
  toggle(images, at, range) {
    const image = images[at];
    if (!image) return;
    if (range && this.anchor >= 0) {
      const [from, to] = [Math.min(at, this.anchor), Math.max(at, this.anchor)];
      for (const each of images.slice(from, to + 1)) this.ids.add(each.id);
    } else if (!this.ids.delete(image.id)) {
      this.ids.add(image.id);
    }
    this.anchor = at;
    this.onChange();
  }

  /** @param {ImageInfo[]} images */
  all(images) {
    for (const image of images) this.ids.add(image.id);
    this.onChange();
  }

  clear() {
    this.ids.clear();
    this.anchor = -1;
    this.onChange();
  }
}
