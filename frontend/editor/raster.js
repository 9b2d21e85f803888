/**
 * Shapes as runs of pixels. Every function calls `span(y, x0, x1)` for pixels [x0, x1) of row y,
 * clipped to the image; nothing here knows what is done with them.
 */

/** @typedef {import("./types.js").BrushShape} BrushShape */
/** @typedef {import("./types.js").XY} XY */
/** @typedef {(y: number, x0: number, x1: number) => void} Span */

/**
 * @typedef {object} Footprint pixels of one dab: row r covers [left[r], right[r])
 * @property {number} size
 * @property {Int16Array} left
 * @property {Int16Array} right
 */

/** @type {Map<string, Footprint>} */
const footprints = new Map();

/**
 * A round dab has the pixels whose centre lies in the circle of diameter `size`.
 * @param {number} size whole pixels, at least 1
 * @param {BrushShape} shape
 * @returns {Footprint}
 */
export function footprint(size, shape) {
  const key = shape + size;
  const known = footprints.get(key);
  if (known) return known;
  const left = new Int16Array(size);
  const right = new Int16Array(size).fill(size);
  if (shape === "round") {
    for (let r = 0; r < size; r++) {
      const dy = r + 0.5 - size / 2;
      const half = Math.sqrt((size * size) / 4 - dy * dy);
      left[r] = Math.ceil(size / 2 - half - 0.5);
      right[r] = Math.floor(size / 2 + half - 0.5) + 1;
    }
  }
  const made = { size, left, right };
  footprints.set(key, made);
  return made;
}

/**
 * @param {number} position of the pointer, along one axis
 * @param {number} size
 * @returns {number} first pixel of the dab: centred on a pixel, or on a corner for even sizes
 */
export function dabStart(position, size) {
  return Math.floor(position - (size - 1) / 2);
}

/** Sweeps a dab along a line. One per document: the row buffers are reused. */
export class Sweep {
  /**
   * @param {number} width
   * @param {number} height
   */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.left = new Int32Array(height);
    this.right = new Int32Array(height);
  }

  /**
   * The union of dabs at every pixel of the line, without gaps. A dab's rows are single runs and
   * steps are at most one pixel, so the union's rows are single runs too: it is enough to keep
   * the least and the greatest column of each row.
   * @param {XY} from pointer positions
   * @param {XY} to
   * @param {Footprint} dab
   * @param {Span} span
   */
  line(from, to, dab, span) {
    const { size } = dab;
    let x = dabStart(from.x, size);
    let y = dabStart(from.y, size);
    const [endX, endY] = [dabStart(to.x, size), dabStart(to.y, size)];
    const top = Math.max(0, Math.min(y, endY));
    const bottom = Math.min(this.height, Math.max(y, endY) + size);
    if (top >= bottom) return;
    this.left.fill(0x7fffffff, top, bottom);
    this.right.fill(-0x80000000, top, bottom);
    const [dx, dy] = [Math.abs(endX - x), -Math.abs(endY - y)];
    const [sx, sy] = [x < endX ? 1 : -1, y < endY ? 1 : -1];
    let error = dx + dy;
    for (;;) {
      this.stamp(x, y, dab, top, bottom);
      if (x === endX && y === endY) break;
      const twice = 2 * error;
      if (twice >= dy) {
        error += dy;
        x += sx;
      }
      if (twice <= dx) {
        error += dx;
        y += sy;
      }
    }
    for (let row = top; row < bottom; row++) {
      const x0 = Math.max(0, this.left[row]);
      const x1 = Math.min(this.width, this.right[row]);
      if (x0 < x1) span(row, x0, x1);
    }
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {Footprint} dab
   * @param {number} top
   * @param {number} bottom
   */
  stamp(x, y, dab, top, bottom) {
    const { left, right } = this;
    const last = Math.min(bottom - y, dab.size);
    for (let r = Math.max(0, top - y); r < last; r++) {
      const a = x + dab.left[r];
      const b = x + dab.right[r];
      if (a < left[y + r]) left[y + r] = a;
      if (b > right[y + r]) right[y + r] = b;
    }
  }
}

/**
 * Pixels whose centre lies inside a closed polygon, by the nonzero winding rule: a loop drawn
 * over itself stays filled.
 * @param {XY[]} points
 * @param {number} width
 * @param {number} height
 * @param {Span} span
 */
export function polygonSpans(points, width, height, span) {
  const edges = polygonEdges(points, height);
  /** @type {ReturnType<typeof polygonEdges>} */
  let active = [];
  let next = 0;
  const rows = edges.length ? Math.max(...edges.map((edge) => edge.bottom)) : 0;
  for (let y = edges[0]?.top ?? 0; y < rows; y++) {
    active = active.filter((edge) => edge.bottom > y);
    while (next < edges.length && edges[next].top <= y) active.push(edges[next++]);
    for (const edge of active) edge.x = edge.atX + (y + 0.5 - edge.atY) * edge.slope;
    active.sort((a, b) => a.x - b.x);
    let winding = 0;
    let start = 0;
    for (const edge of active) {
      if (winding === 0) start = edge.x;
      winding += edge.direction;
      if (winding !== 0) continue;
      const x0 = Math.max(0, Math.ceil(start - 0.5));
      const x1 = Math.min(width, Math.ceil(edge.x - 0.5));
      if (x0 < x1) span(y, x0, x1);
    }
  }
}

/**
 * @param {XY[]} points
 * @param {number} height
 */
function polygonEdges(points, height) {
  const edges = [];
  for (let i = 0; i < points.length; i++) {
    const p = points[i];
    const q = points[(i + 1) % points.length];
    const [a, b] = p.y < q.y ? [p, q] : [q, p];
    // Rows whose centre lies in [a.y, b.y).
    const top = Math.max(0, Math.ceil(a.y - 0.5));
    const bottom = Math.min(height, Math.ceil(b.y - 0.5));
    if (top >= bottom) continue;
    const slope = (b.x - a.x) / (b.y - a.y);
    const direction = p.y < q.y ? 1 : -1;
    edges.push({ top, bottom, slope, atX: a.x, atY: a.y, direction, x: 0 });
  }
  return edges.sort((a, b) => a.top - b.top);
}
