/** Makers of what the tests need: random numbers that repeat, tiles, layers. */

import { Layer } from "../../frontend/editor/mask.js";

/**
 * Mulberry32: small, seeded, good enough to make shapes.
 * @param {number} seed
 * @returns {() => number} 0 to 1
 */
export function random(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A tile of overlapping discs.
 * @param {number} seed
 */
export function blobs(seed) {
  const next = random(seed);
  const tile = new Uint8Array(65536).fill(255);
  for (let n = 0; n < 12; n++) {
    const [cx, cy, r, label] = [next() * 256, next() * 256, next() * 70, Math.floor(next() * 20)];
    for (let y = 0; y < 256; y++) {
      for (let x = 0; x < 256; x++) {
        if ((x - cx) ** 2 + (y - cy) ** 2 < r * r) tile[y * 256 + x] = label;
      }
    }
  }
  return tile;
}

/** @param {number} seed */
export function noise(seed) {
  const next = random(seed);
  return Uint8Array.from({ length: 65536 }, () => Math.floor(next() * 256));
}

/**
 * A layer drawn as text: one character a pixel, "." is void.
 * @param {...string} rows
 */
export function picture(...rows) {
  const layer = new Layer(rows[0].length, rows.length, 255);
  rows.forEach((row, y) => {
    [...row].forEach((c, x) => {
      layer.data[y * layer.width + x] = c === "." ? 255 : Number.parseInt(c, 36);
    });
  });
  return layer;
}

/**
 * The inverse of `picture`.
 * @param {Layer} layer
 */
export function drawn(layer) {
  const rows = [];
  for (let y = 0; y < layer.height; y++) {
    const row = layer.data.subarray(y * layer.width, (y + 1) * layer.width);
    rows.push([...row].map((v) => (v === 255 ? "." : v.toString(36))).join(""));
  }
  return rows;
}
