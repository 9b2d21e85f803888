import assert from "node:assert/strict";
import { test } from "node:test";
import { eachSpan, holeSpans, regionSpans } from "../../frontend/editor/flood.js";
import { dabStart, footprint, polygonSpans, Sweep } from "../../frontend/editor/raster.js";
import { picture, random } from "./make.js";

const [W, H] = [97, 83];

/** @param {(span: (y: number, x0: number, x1: number) => void) => void} draw */
function painted(draw) {
  const out = new Uint8Array(W * H);
  draw((y, x0, x1) => {
    assert.ok(y >= 0 && y < H && x0 >= 0 && x1 <= W && x0 < x1);
    out.fill(1, y * W + x0, y * W + x1);
  });
  return out;
}

test("a brush of 1 px is one pixel, the one under the pointer", () => {
  const { left, right } = footprint(1, "round");
  assert.deepEqual([left[0], right[0]], [0, 1]);
  assert.equal(dabStart(7.99, 1), 7);
});

test("a round dab has the pixels whose centre lies in the circle", () => {
  for (const size of [1, 2, 3, 4, 5, 8, 25, 64, 512]) {
    const { left, right } = footprint(size, "round");
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const inside = (x + 0.5 - size / 2) ** 2 + (y + 0.5 - size / 2) ** 2 <= (size / 2) ** 2;
        assert.equal(x >= left[y] && x < right[y], inside, `${size}: ${x}, ${y}`);
      }
    }
  }
});

test("a line is the union of the dabs along it, without gaps", () => {
  const next = random(1);
  const sweep = new Sweep(W, H);
  for (let n = 0; n < 200; n++) {
    const size = 1 + Math.floor(next() * 30);
    const dab = footprint(size, n % 2 ? "round" : "square");
    const point = () => ({ x: next() * (W + 40) - 20, y: next() * (H + 40) - 20 });
    const [from, to] = [point(), point()];
    const line = painted((span) => sweep.line(from, to, dab, span));
    const dots = painted((span) => {
      for (const [x, y] of bresenham(from, to, size)) {
        sweep.line({ x, y }, { x, y }, dab, span);
      }
    });
    assert.deepEqual(line, dots);
  }
});

/**
 * Pointer positions whose dabs lie on the line, one pixel apart.
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 * @param {number} size
 */
function* bresenham(from, to, size) {
  let [x, y] = [dabStart(from.x, size), dabStart(from.y, size)];
  const [x1, y1] = [dabStart(to.x, size), dabStart(to.y, size)];
  const [dx, dy] = [Math.abs(x1 - x), -Math.abs(y1 - y)];
  let error = dx + dy;
  for (;;) {
    yield [x + size / 2, y + size / 2];
    if (x === x1 && y === y1) return;
    const twice = 2 * error;
    if (twice >= dy) {
      error += dy;
      x += x < x1 ? 1 : -1;
    }
    if (twice <= dx) {
      error += dx;
      y += y < y1 ? 1 : -1;
    }
  }
}

test("a polygon has the pixels whose centre it winds around", () => {
  const next = random(2);
  for (let n = 0; n < 60; n++) {
    const points = Array.from({ length: 3 + (n % 7) }, () => ({
      x: next() * (W + 20) - 10,
      y: next() * (H + 20) - 10,
    }));
    const fast = painted((span) => polygonSpans(points, W, H, span));
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        assert.equal(fast[y * W + x] === 1, winding(points, x + 0.5, y + 0.5) !== 0);
      }
    }
  }
});

/**
 * @param {{x: number, y: number}[]} points
 * @param {number} x
 * @param {number} y
 */
function winding(points, x, y) {
  let number = 0;
  for (let i = 0; i < points.length; i++) {
    const [p, q] = [points[i], points[(i + 1) % points.length]];
    const side = (q.x - p.x) * (y - p.y) - (x - p.x) * (q.y - p.y);
    if (p.y <= y && q.y > y && side > 0) number++;
    if (q.y <= y && p.y > y && side < 0) number--;
  }
  return number;
}

test("a region is 4-connected", () => {
  const layer = picture("11.1", ".1.1", "1.11", "11.1");
  const found = new Uint8Array(16);
  eachSpan(regionSpans(layer, 0, 0), (y, x0, x1) => found.fill(1, y * 4 + x0, y * 4 + x1));
  assert.deepEqual([...found], [1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("a spiral is one region", () => {
  const layer = picture(
    "1111111",
    "......1",
    "11111.1",
    "1...1.1",
    "1.111.1",
    "1.....1",
    "1111111",
  );
  let pixels = 0;
  eachSpan(regionSpans(layer, 2, 4), (_y, x0, x1) => {
    pixels += x1 - x0;
  });
  assert.equal(pixels, [...layer.data].filter((value) => value === 1).length);
});

test("holes are what a region encloses, whatever is in them", () => {
  const layer = picture("......", ".1111.", ".1.21.", ".1111.", "......");
  const holes = [...holeSpans(regionSpans(layer, 1, 1))];
  assert.deepEqual(holes, [2, 2, 4]);
});

test("a region that is open at a corner encloses nothing", () => {
  const layer = picture(".111", "1..1", "1111");
  assert.deepEqual([...holeSpans(regionSpans(layer, 3, 0))], []);
});
