/** Connected regions: of one value (4-connected), and the holes that they enclose. */

/** @typedef {import("./mask.js").Layer} Layer */
/** @typedef {import("./raster.js").Span} Span */
/** @typedef {import("./types.js").Rect} Rect */

/** A set of pixels, one bit each. */
class PixelSet {
  /** @param {number} size */
  constructor(size) {
    this.bits = new Uint8Array((size + 7) >> 3);
  }

  /** @param {number} i */
  has(i) {
    return (this.bits[i >> 3] >> (i & 7)) & 1;
  }

  /** @param {number} i */
  add(i) {
    this.bits[i >> 3] |= 1 << (i & 7);
  }
}

/**
 * Rows of the 4-connected region of equal value around (x, y). The layer may be changed in
 * `span` only after the walk: collect first where the edit writes to the same layer.
 * @param {Layer} layer
 * @param {number} x
 * @param {number} y
 * @returns {Int32Array} y, x0, x1 of each run
 */
export function regionSpans(layer, x, y) {
  const { width, height, data } = layer;
  if (x < 0 || y < 0 || x >= width || y >= height) return new Int32Array(0);
  const value = data[y * width + x];
  const seen = new PixelSet(width * height); // the first pixel of each run
  const runs = new Stack();
  const todo = new Stack();
  todo.push(x, y, 0);
  while (todo.length > 0) {
    todo.length -= 3;
    const at = todo.items[todo.length + 1] * width;
    let x0 = todo.items[todo.length];
    while (x0 > 0 && data[at + x0 - 1] === value) x0--;
    if (seen.has(at + x0)) continue;
    seen.add(at + x0);
    let x1 = x0 + 1;
    while (x1 < width && data[at + x1] === value) x1++;
    const row = at / width;
    runs.push(row, x0, x1);
    if (row > 0) seedRow(data, at - width, x0, x1, value, row - 1, todo);
    if (row + 1 < height) seedRow(data, at + width, x0, x1, value, row + 1, todo);
  }
  return runs.items.subarray(0, runs.length);
}

/**
 * Queues each run of `value` that touches [x0, x1) of a row.
 * @param {Uint8Array} data
 * @param {number} at first pixel of the row
 * @param {number} x0
 * @param {number} x1
 * @param {number} value
 * @param {number} row
 * @param {Stack} todo
 */
function seedRow(data, at, x0, x1, value, row, todo) {
  let inside = false;
  for (let x = x0; x < x1; x++) {
    const match = data[at + x] === value;
    if (match && !inside) todo.push(x, row, 0);
    inside = match;
  }
}

/** Growing array of triples. */
class Stack {
  constructor() {
    this.items = new Int32Array(3 * 1024);
    this.length = 0;
  }

  /**
   * @param {number} a
   * @param {number} b
   * @param {number} c
   */
  push(a, b, c) {
    if (this.length === this.items.length) {
      const bigger = new Int32Array(this.items.length * 2);
      bigger.set(this.items);
      this.items = bigger;
    }
    this.items[this.length++] = a;
    this.items[this.length++] = b;
    this.items[this.length++] = c;
  }
}

/**
 * @param {Int32Array} runs
 * @param {Span} span
 */
export function eachSpan(runs, span) {
  for (let i = 0; i < runs.length; i += 3) span(runs[i], runs[i + 1], runs[i + 2]);
}

/**
 * Everything that a 4-connected region encloses. Background leaks through corners (it is
 * 8-connected), which is the dual of the region's own 4-connectedness.
 * @param {Int32Array} region runs, as of regionSpans
 * @returns {Int32Array} runs of the holes
 */
export function holeSpans(region) {
  if (region.length === 0) return region;
  const { x, y, width, height } = boundsOf(region);
  // A frame of one pixel all around is outside for certain.
  const stride = width + 2;
  const grid = new Uint8Array(stride * (height + 2));
  eachSpan(region, (row, x0, x1) => {
    const at = (row - y + 1) * stride + 1 - x;
    grid.fill(1, at + x0, at + x1);
  });
  floodOutside(grid, stride);
  const holes = new Stack();
  for (let row = 1; row <= height; row++) {
    for (let col = 1; col <= width; col++) {
      if (grid[row * stride + col] !== 0) continue;
      const start = col;
      while (grid[row * stride + col] === 0) col++;
      holes.push(row - 1 + y, start - 1 + x, col - 1 + x);
    }
  }
  return holes.items.subarray(0, holes.length);
}

/**
 * @param {Int32Array} runs
 * @returns {Rect}
 */
export function boundsOf(runs) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  eachSpan(runs, (y, a, b) => {
    y0 = Math.min(y0, y);
    y1 = Math.max(y1, y + 1);
    x0 = Math.min(x0, a);
    x1 = Math.max(x1, b);
  });
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

/**
 * Marks with 2 every 0 that is 8-connected to the first pixel.
 * @param {Uint8Array} grid
 * @param {number} stride
 */
function floodOutside(grid, stride) {
  const around = [-stride - 1, -stride, 1 - stride, -1, 1, stride - 1, stride, stride + 1];
  let todo = new Int32Array(1024);
  let length = 1; // todo[0] = 0: the corner of the frame
  grid[0] = 2;
  while (length > 0) {
    const at = todo[--length];
    const col = at % stride;
    for (const step of around) {
      const to = at + step;
      const across = Math.abs((((to % stride) + stride) % stride) - col) > 1;
      if (to < 0 || to >= grid.length || across || grid[to] !== 0) continue;
      grid[to] = 2;
      if (length === todo.length) {
        const bigger = new Int32Array(todo.length * 2);
        bigger.set(todo);
        todo = bigger;
      }
      todo[length++] = to;
    }
  }
}
