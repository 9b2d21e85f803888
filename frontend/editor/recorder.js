/**
 * Remembers tiles as they were before an edit first touched them, and turns that into patches.
 * Buffers are kept from edit to edit, so that painting allocates nothing per dab.
 */

import { TILE } from "./codec.js";
import { diffTile } from "./patch.js";

/** @typedef {import("./mask.js").Layer} Layer */
/** @typedef {import("./types.js").Patch} Patch */
/** @typedef {import("./types.js").Ref} Ref */

/** Kept buffers; a stroke over more tiles than this gives the others back to the collector. */
const KEPT = 256;
const SHIFT = Math.log2(TILE);

export class Recorder {
  constructor() {
    /** @type {Uint8Array[]} */
    this.free = [];
    /** @type {Map<Ref, {layer: Layer, before: (Uint8Array | undefined)[], touched: number[]}>} */
    this.open = new Map();
  }

  /**
   * To be called before pixels [x0, x1) of row y change.
   * @param {Ref} ref
   * @param {Layer} layer
   * @param {number} x0
   * @param {number} x1
   * @param {number} y
   */
  touchRow(ref, layer, x0, x1, y) {
    let record = this.open.get(ref);
    if (!record || record.layer !== layer) {
      record = { layer, before: new Array(layer.tiles), touched: [] };
      this.open.set(ref, record);
    }
    const row = (y >> SHIFT) * layer.cols;
    const last = row + ((x1 - 1) >> SHIFT);
    for (let tile = row + (x0 >> SHIFT); tile <= last; tile++) {
      if (record.before[tile]) continue;
      record.before[tile] = layer.readTile(tile, this.free.pop() ?? new Uint8Array(TILE * TILE));
      record.touched.push(tile);
    }
  }

  /**
   * @param {Ref} ref
   * @param {Layer} layer
   * @param {number} tile
   */
  touchTile(ref, layer, tile) {
    const { x, y } = layer.tileRect(tile);
    this.touchRow(ref, layer, x, x + 1, y);
  }

  /** @returns {Patch[]} what changed since the last call */
  finish() {
    /** @type {Patch[]} */
    const patches = [];
    for (const [ref, { layer, before, touched }] of this.open) {
      for (const tile of touched) {
        const was = /** @type {Uint8Array} */ (before[tile]);
        const bytes = diffTile(was, layer, tile);
        if (bytes) patches.push({ ref, tile, bytes });
        if (this.free.length < KEPT) this.free.push(was);
      }
    }
    this.open.clear();
    return patches;
  }

  /** Puts every touched tile back. */
  cancel() {
    for (const { layer, before, touched } of this.open.values()) {
      for (const tile of touched) {
        layer.writeTile(tile, /** @type {Uint8Array} */ (before[tile]));
      }
    }
    this.open.clear();
  }
}
