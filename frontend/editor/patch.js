/**
 * What changed in one tile, as runs in row-major order: the unit of undo, journal and replay.
 *
 * A run is varint(length * 2 + changed), followed by the value before and the value after where
 * it changed. Both values are kept, so that a patch can be applied backwards, and unchanged
 * pixels are skipped, so that it can be replayed over a mask that others changed elsewhere.
 */

import { TILE } from "./codec.js";

/** @typedef {import("./mask.js").Layer} Layer */

const SPACE = TILE * TILE;
// The worst tile changes every pixel differently: 3 bytes each.
const scratch = new Uint8Array(SPACE * 3 + 8);

/**
 * @param {Uint8Array} out
 * @param {number} at
 * @param {number} value
 */
function putVarint(out, at, value) {
  while (value > 127) {
    out[at++] = (value & 127) | 128;
    value >>= 7;
  }
  out[at++] = value;
  return at;
}

/**
 * @param {Uint8Array} before 256 * 256: the tile as it was
 * @param {Layer} layer holds the tile as it is now
 * @param {number} index
 * @returns {Uint8Array | null} null when nothing changed
 */
export function diffTile(before, layer, index) {
  const { x, y, width, height } = layer.tileRect(index);
  const { data, width: stride } = layer;
  let out = 0;
  let length = 0;
  let [was, is] = [-1, -1]; // of the current run; equal = unchanged
  const flush = () => {
    if (length === 0) return;
    out = putVarint(scratch, out, length * 2 + (was === is ? 0 : 1));
    if (was !== is) {
      scratch[out++] = was;
      scratch[out++] = is;
    }
  };
  for (let row = 0; row < height; row++) {
    const from = row * TILE;
    const to = (y + row) * stride + x;
    for (let col = 0; col < width; col++) {
      const a = before[from + col];
      const b = data[to + col];
      if (a === b ? was === is && length > 0 : a === was && b === is) length++;
      else {
        flush();
        [was, is, length] = [a, b, 1];
      }
    }
  }
  if (out === 0 && was === is) return null;
  if (was !== is) flush();
  return scratch.slice(0, out);
}

/**
 * Calls back for each changed run, within one row.
 * @param {Uint8Array} bytes
 * @param {number} width of the tile's part in the image
 * @param {(row: number, col: number, length: number, before: number, after: number) => void} visit
 */
function eachRun(bytes, width, visit) {
  let pixel = 0;
  for (let at = 0; at < bytes.length; ) {
    let [head, shift] = [0, 0];
    let byte = 0;
    do {
      byte = bytes[at++];
      head |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127);
    let length = head >> 1;
    if (!(head & 1)) {
      pixel += length;
      continue;
    }
    const [before, after] = [bytes[at++], bytes[at++]];
    while (length > 0) {
      const col = pixel % width;
      const part = Math.min(length, width - col);
      visit((pixel - col) / width, col, part, before, after);
      pixel += part;
      length -= part;
    }
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {Layer} layer
 * @param {number} index
 */
export function applyPatch(bytes, layer, index) {
  const { x, y, width } = layer.tileRect(index);
  eachRun(bytes, width, (row, col, length, _before, after) => {
    const at = (y + row) * layer.width + x + col;
    layer.data.fill(after, at, at + length);
  });
}

/**
 * @param {Uint8Array} bytes
 * @returns {Uint8Array} the patch that takes it back
 */
export function invertPatch(bytes) {
  const out = bytes.slice();
  for (let at = 0; at < out.length; ) {
    const changed = out[at] & 1;
    while (out[at++] > 127);
    if (!changed) continue;
    [out[at], out[at + 1]] = [out[at + 1], out[at]];
    at += 2;
  }
  return out;
}

/**
 * @param {Uint8Array} bytes
 * @param {Float64Array} counts pixels of each value, changed as the patch changes them
 */
export function countPatch(bytes, counts) {
  eachRun(bytes, SPACE, (_row, _col, length, before, after) => {
    counts[before] -= length;
    counts[after] += length;
  });
}
