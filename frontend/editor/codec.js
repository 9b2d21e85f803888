/**
 * Tile payloads and tile bundles (application/vnd.maskwright.tiles).
 *
 * The same bytes are written by the server's domain/codec.py; tests compare the two.
 */

import { check, decodeRows, encodeRows, TILE, transposed } from "./rows.js";
import { crc32 } from "./zlib.js";

export { CodecError, TILE } from "./rows.js";
export const VOID = 255;
const [RAW, ROWS, COLUMNS] = [0, 1, 2];
const PIXELS = TILE * TILE;
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

/**
 * Upright borders code best by rows, flat ones by columns: the cheaper is taken.
 * @param {Pixels} pixels 256 * 256, row-major
 * @returns {Uint8Array<ArrayBuffer>} payload
 */
export function encodeTile(pixels) {
  const rows = encodeRows(pixels);
  const columns = rows && encodeRows(transposed(pixels));
  if (!rows || !columns) return encodeRaw(pixels);
  const best = columns.cost < rows.cost ? columns : rows;
  best.payload[0] = best === rows ? ROWS : COLUMNS;
  return best.payload;
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
 * @param {Uint8Array} bytes
 * @param {number} at where the payload begins
 * @param {Pixels} out 256 * 256, written
 * @returns {number} where the payload ends
 */
export function decodeTile(bytes, at, out) {
  const mode = bytes[at++];
  if (mode === RAW) return decodeRaw(bytes, at, out);
  check(mode === ROWS || mode === COLUMNS, `unknown tile mode ${mode}`);
  const end = decodeRows(bytes, at, out);
  if (mode === COLUMNS) out.set(transposed(out));
  return end;
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
