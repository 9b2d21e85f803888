/**
 * Tile payloads and tile bundles (application/vnd.maskwright.tiles).
 *
 * A payload codes each row of a tile against the row above: masks are flat regions whose edges
 * move little from row to row, so most rows are a few small deltas, which deflate then shrinks.
 * The same bytes are written by the server's domain/codec.py; tests compare the two.
 */

import { crc32 } from "./zlib.js";

export const TILE = 256;
export const VOID = 255;
const PIXELS = TILE * TILE;
const MOST_RUNS = 254;
const MOST_SHIFT = 127;
const ALL_TILES = 0xffffffff;
const MAGIC = 0x3154574d; // "MWT1", little-endian

/** @typedef {Uint8Array | Uint16Array} Pixels */
/** @typedef {"classes" | "instances" | "confidence"} LayerName */

/** @type {Record<LayerName, {id: number, bytes: 1 | 2, fill: number}>} */
export const LAYERS = {
  classes: { id: 0, bytes: 1, fill: VOID },
  instances: { id: 1, bytes: 2, fill: 0 },
  confidence: { id: 2, bytes: 1, fill: 0 },
};
const LAYER_NAMES = /** @type {LayerName[]} */ (["classes", "instances", "confidence"]);

export class CodecError extends Error {}

/**
 * @param {boolean} condition
 * @param {string} message
 * @returns {asserts condition}
 */
function check(condition, message) {
  if (!condition) throw new CodecError(message);
}

const heads = new Uint8Array(TILE);
const values = new Uint8Array(PIXELS * 2);
const starts = new Uint8Array(PIXELS);
const deltas = new Uint8Array(PIXELS);

/**
 * @param {Pixels} pixels 256 * 256, row-major
 * @returns {Uint8Array<ArrayBuffer>} payload
 */
export function encodeTile(pixels) {
  return encodeRows(pixels) ?? encodeRaw(pixels);
}

/** @param {Pixels} pixels */
function encodeRaw(pixels) {
  const out = new Uint8Array(1 + pixels.byteLength);
  if (pixels instanceof Uint8Array) out.set(pixels, 1);
  else {
    const view = new DataView(out.buffer);
    for (let i = 0; i < pixels.length; i++) view.setUint16(1 + 2 * i, pixels[i], true);
  }
  return out;
}

/**
 * @param {Pixels} pixels
 * @returns {Uint8Array<ArrayBuffer> | null} null where raw is smaller or a row has too many runs
 */
function encodeRows(pixels) {
  const wide = pixels.BYTES_PER_ELEMENT === 2;
  let [nv, ns, nd] = [0, 0, 0];
  let cols = new Int32Array(TILE);
  let above = new Int32Array(TILE);
  let runsAbove = 0;
  for (let y = 0; y < TILE; y++) {
    const row = y * TILE;
    let runs = 0;
    let same = y > 0;
    for (let x = 0; x < TILE; x++) {
      if (x > 0 && pixels[row + x] === pixels[row + x - 1]) continue;
      cols[runs] = x;
      if (same) {
        same =
          runs < runsAbove &&
          Math.abs(x - above[runs]) <= MOST_SHIFT &&
          pixels[row + x] === pixels[row - TILE + above[runs]];
      }
      runs++;
    }
    if (runs > MOST_RUNS) return null;
    if (same && runs === runsAbove) {
      heads[y] = 0;
      for (let r = 1; r < runs; r++) {
        const d = cols[r] - above[r];
        deltas[nd++] = d >= 0 ? 2 * d : -2 * d - 1;
      }
    } else {
      heads[y] = runs;
      for (let r = 0; r < runs; r++) {
        const value = pixels[row + cols[r]];
        values[nv++] = value & 255;
        if (wide) values[nv++] = value >> 8;
        if (r > 0) starts[ns++] = cols[r];
      }
    }
    if (1 + TILE + nv + ns + nd > pixels.byteLength) return null;
    [cols, above, runsAbove] = [above, cols, runs];
  }
  const out = new Uint8Array(1 + TILE + nv + ns + nd);
  out[0] = 1;
  out.set(heads, 1);
  out.set(values.subarray(0, nv), 1 + TILE);
  out.set(starts.subarray(0, ns), 1 + TILE + nv);
  out.set(deltas.subarray(0, nd), 1 + TILE + nv + ns);
  return out;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at where the payload begins
 * @param {Pixels} out 256 * 256, written
 * @returns {number} where the payload ends
 */
export function decodeTile(bytes, at, out) {
  const mode = bytes[at++];
  if (mode === 0) return decodeRaw(bytes, at, out);
  check(mode === 1, `unknown tile mode ${mode}`);
  return decodeRows(bytes, at, out);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {Pixels} out
 */
function decodeRaw(bytes, at, out) {
  const end = at + out.byteLength;
  check(end <= bytes.length, "tile cut short");
  if (out instanceof Uint8Array) out.set(bytes.subarray(at, end));
  else for (let i = 0; i < PIXELS; i++) out[i] = bytes[at + 2 * i] | (bytes[at + 2 * i + 1] << 8);
  return end;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {Pixels} out
 */
function decodeRows(bytes, at, out) {
  check(at + TILE <= bytes.length, "tile cut short");
  const wide = out.BYTES_PER_ELEMENT;
  let [keys, runsOfKeys, shifts, runs] = [0, 0, 0, 0];
  for (let y = 0; y < TILE; y++) {
    const head = bytes[at + y];
    check(head <= MOST_RUNS && (y > 0 || head > 0), "bad row head");
    if (head > 0) {
      runs = head;
      keys++;
      runsOfKeys += head;
    } else shifts += runs - 1;
  }
  let v = at + TILE;
  let s = v + runsOfKeys * wide;
  let d = s + runsOfKeys - keys;
  const end = d + shifts;
  check(end <= bytes.length, "tile cut short");
  const cols = new Int32Array(TILE);
  const row = new Uint16Array(TILE);
  for (let y = 0; y < TILE; y++) {
    const head = bytes[at + y];
    if (head > 0) {
      runs = head;
      for (let r = 0; r < runs; r++, v += wide) {
        row[r] = wide === 2 ? bytes[v] | (bytes[v + 1] << 8) : bytes[v];
        if (r > 0) cols[r] = bytes[s++];
      }
    } else {
      for (let r = 1; r < runs; r++) {
        const z = bytes[d++];
        cols[r] += z & 1 ? -((z + 1) >> 1) : z >> 1;
      }
    }
    for (let r = 0; r < runs; r++) {
      const stop = r + 1 < runs ? cols[r + 1] : TILE;
      check(stop > cols[r] && stop <= TILE, "columns do not increase");
      out.fill(row[r], y * TILE + cols[r], y * TILE + stop);
    }
  }
  return end;
}

/**
 * Collects tiles into the inflated form of a bundle: the head of every layer, then every payload,
 * in the same order, then the checksum.
 */
export class BundleWriter {
  /**
   * @param {number} width
   * @param {number} height
   */
  constructor(width, height) {
    this.count = Math.ceil(width / TILE) * Math.ceil(height / TILE);
    const head = new Uint8Array(13);
    const view = new DataView(head.buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, width, true);
    view.setUint32(8, height, true);
    this.heads = [head];
    /** @type {Uint8Array[]} */
    this.payloads = [];
  }

  /**
   * @param {LayerName} layer
   * @param {ArrayLike<number>} indices ascending; as many tiles must be added, in this order
   */
  layer(layer, indices) {
    const complete = indices.length === this.count;
    const part = new Uint8Array(complete ? 5 : 5 + 4 * indices.length);
    const view = new DataView(part.buffer);
    part[0] = LAYERS[layer].id;
    view.setUint32(1, complete ? ALL_TILES : indices.length, true);
    if (!complete) {
      for (let i = 0; i < indices.length; i++) view.setUint32(5 + 4 * i, indices[i], true);
    }
    this.heads.push(part);
    this.heads[0][12]++;
  }

  /** @param {Pixels} pixels */
  tile(pixels) {
    this.payloads.push(encodeTile(pixels));
  }

  /** @returns {Uint8Array<ArrayBuffer>} to be deflated as a whole */
  finish() {
    const parts = [...this.heads, ...this.payloads];
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const out = new Uint8Array(size + 4);
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    new DataView(out.buffer).setUint32(at, crc32(out, at), true);
    return out;
  }
}

/** @typedef {{layer: LayerName, indices: number[]}} LayerHead */

/**
 * Yields each tile of an inflated bundle. `pixels` is reused: copy what you keep.
 * @param {Uint8Array} bytes
 * @param {{width: number, height: number}} expected
 * @returns {Generator<{layer: LayerName, index: number, pixels: Pixels}>}
 */
export function* readBundle(bytes, expected) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - 4;
  check(end >= 13 && view.getUint32(0, true) === MAGIC, "not a tile bundle");
  check(view.getUint32(end, true) === crc32(bytes, end), "checksum differs");
  const [width, height] = [view.getUint32(4, true), view.getUint32(8, true)];
  check(width === expected.width && height === expected.height, "bundle of another size");
  const all = Math.ceil(width / TILE) * Math.ceil(height / TILE);
  /** @type {LayerHead[]} */
  const heads = [];
  let at = 13;
  for (let n = bytes[12]; n > 0; n--) at = readLayerHead(view, at, end, all, heads);
  const body = bytes.subarray(0, end);
  for (const { layer, indices } of heads) {
    const pixels = LAYERS[layer].bytes === 2 ? new Uint16Array(PIXELS) : new Uint8Array(PIXELS);
    for (const index of indices) {
      at = decodeTile(body, at, pixels);
      yield { layer, index, pixels };
    }
  }
  check(at === end, "bytes after the last tile");
}

/**
 * @param {DataView} view
 * @param {number} at
 * @param {number} end
 * @param {number} all how many tiles the image has
 * @param {LayerHead[]} heads appended to
 * @returns {number} where the head ends
 */
function readLayerHead(view, at, end, all, heads) {
  check(at + 5 <= end, "bundle cut short");
  const layer = LAYER_NAMES[view.getUint8(at)];
  check(layer !== undefined, "unknown layer");
  const told = view.getUint32(at + 1, true);
  at += 5;
  if (told === ALL_TILES) {
    heads.push({ layer, indices: Array.from({ length: all }, (_, i) => i) });
    return at;
  }
  check(at + 4 * told <= end, "bundle cut short");
  const indices = Array.from({ length: told }, (_, i) => view.getUint32(at + 4 * i, true));
  for (let i = 0; i < told; i++) {
    check(indices[i] < all && (i === 0 || indices[i] > indices[i - 1]), "bad tile number");
  }
  heads.push({ layer, indices });
  return at + 4 * told;
}
