/** One layer of an image's mask: a byte per pixel, seen as 256 * 256 tiles. */

import { TILE } from "./codec.js";

/** @typedef {import("./types.js").Rect} Rect */

export class Layer {
  /**
   * @param {number} width
   * @param {number} height
   * @param {number} fill value of a pixel that nobody set
   */
  constructor(width, height, fill) {
    this.width = width;
    this.height = height;
    this.fill = fill;
    this.cols = Math.ceil(width / TILE);
    this.rows = Math.ceil(height / TILE);
    this.tiles = this.cols * this.rows;
    this.data = new Uint8Array(width * height);
    if (fill) this.data.fill(fill);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {number} the pixel, or `fill` outside the image
   */
  at(x, y) {
    const inside = x >= 0 && y >= 0 && x < this.width && y < this.height;
    return inside ? this.data[y * this.width + x] : this.fill;
  }

  /**
   * @param {number} index
   * @returns {Rect} the part of the tile that lies in the image
   */
  tileRect(index) {
    const x = (index % this.cols) * TILE;
    const y = Math.floor(index / this.cols) * TILE;
    return {
      x,
      y,
      width: Math.min(TILE, this.width - x),
      height: Math.min(TILE, this.height - y),
    };
  }

  /**
   * @param {number} index
   * @param {Uint8Array} out 256 * 256, written; padded beyond the image
   */
  readTile(index, out) {
    const { x, y, width, height } = this.tileRect(index);
    if (width < TILE || height < TILE) out.fill(this.fill);
    for (let row = 0; row < height; row++) {
      const at = (y + row) * this.width + x;
      out.set(this.data.subarray(at, at + width), row * TILE);
    }
    return out;
  }

  /**
   * @param {number} index
   * @param {ArrayLike<number>} pixels 256 * 256
   */
  writeTile(index, pixels) {
    const bytes = pixels instanceof Uint8Array ? pixels : Uint8Array.from(pixels);
    const { x, y, width, height } = this.tileRect(index);
    for (let row = 0; row < height; row++) {
      this.data.set(bytes.subarray(row * TILE, row * TILE + width), (y + row) * this.width + x);
    }
  }

  /** @returns {Float64Array} how many pixels have each value */
  histogram() {
    const counts = new Float64Array(256);
    for (let i = 0; i < this.data.length; i++) counts[this.data[i]]++;
    return counts;
  }
}
