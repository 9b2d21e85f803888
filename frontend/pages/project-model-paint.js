/**
 * Pictures of a mask over its photograph, painted pixel by pixel.
 */
import { VOID } from "./project-model-state.js";

const OPACITY = 165; // of 255: the photograph still shows what is under a colour
const FADED = 40;

/**
 * @typedef {object} Seen
 * @property {number} width
 * @property {number} height
 * @property {Uint8Array} indices the model's, row by row
 * @property {CanvasImageSource} picture
 */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Seen} seen
 * @param {(index: number) => [number, number, number] | null} color null leaves the photograph
 * @param {number | null} only fade all but this index of the model's
 */
export function paint(canvas, seen, color, only) {
  const { width, height, indices, picture } = seen;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (!context) return;
  context.drawImage(picture, 0, 0, width, height);
  const layer = new OffscreenCanvas(width, height);
  const on = layer.getContext("2d");
  if (!on) return;
  const pixels = on.createImageData(width, height);
  const words = new Uint32Array(pixels.data.buffer);
  const colors = palette(color, only);
  for (let at = 0; at < indices.length; at++) words[at] = colors[indices[at] ?? VOID] ?? 0;
  on.putImageData(pixels, 0, 0);
  context.drawImage(layer, 0, 0);
}

/**
 * 256 pixels as the canvas keeps them; transparent where there is no colour.
 * @param {(index: number) => [number, number, number] | null} color
 * @param {number | null} only
 */
function palette(color, only) {
  const bytes = new Uint8Array(1024);
  for (let index = 0; index < 256; index++) {
    const found = color(index);
    if (!found) continue;
    bytes.set([...found, only === null || only === index ? OPACITY : FADED], 4 * index);
  }
  return new Uint32Array(bytes.buffer);
}

/**
 * Index → its share of all pixels, for those that have any.
 * @param {Uint8Array[]} masks
 * @returns {Map<number, number>}
 */
export function sharesOf(masks) {
  const counts = new Uint32Array(256);
  for (const indices of masks)
    for (const index of indices) counts[index] = (counts[index] ?? 0) + 1;
  const all = masks.reduce((sum, indices) => sum + indices.length, 0);
  const found = [...counts.entries()].filter(([, count]) => count > 0);
  return new Map(found.map(([index, count]) => [index, count / all]));
}

/**
 * "#1e90ff" as red, green, blue
 * @param {string} hex
 * @returns {[number, number, number]}
 */
export function rgb(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
