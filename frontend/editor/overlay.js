/** What lies over the picture: the brush's true footprint and the polygon being drawn. */

import { dabStart, footprint } from "./raster.js";
import { WITH_FOOTPRINT } from "./tools/index.js";
import { toScreen } from "./view.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").XY} XY */

/** @type {Map<string, Path2D>} */
const outlines = new Map();

/**
 * The edge of a dab, along pixel borders, in image pixels from its top left.
 * @param {number} size
 * @param {import("./types.js").BrushShape} shape
 */
function outlineOf(size, shape) {
  const key = shape + size;
  const known = outlines.get(key);
  if (known) return known;
  const { left, right } = footprint(size, shape);
  const path = new Path2D();
  path.moveTo(left[0], 0);
  path.lineTo(right[0], 0);
  for (let r = 0; r < size; r++) {
    path.lineTo(right[r], r);
    path.lineTo(right[r], r + 1);
  }
  for (let r = size - 1; r >= 0; r--) {
    path.lineTo(left[r], r + 1);
    path.lineTo(left[r], r);
  }
  path.closePath();
  if (outlines.size > 64) outlines.clear();
  outlines.set(key, path);
  return path;
}

/**
 * A dark line under a light one is seen on any photo.
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {number} unit length of a CSS pixel in the current coordinates
 * @param {string} light
 */
function strokeTwice(context, path, unit, light = "#fff") {
  context.lineWidth = 3 * unit;
  context.strokeStyle = "rgb(0 0 0 / 60%)";
  context.stroke(path);
  context.lineWidth = 1.25 * unit;
  context.strokeStyle = light;
  context.stroke(path);
}

export class Overlay {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    /** @type {{at: XY, size: number} | null} where the pointer is, in image coordinates */
    this.pointer = null;
    this.straight = false;
  }

  /**
   * @param {State} state
   * @param {number} ratio device pixels per CSS pixel
   */
  draw(state, ratio) {
    const { context, canvas } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawBorder(state);
    if (state.polygon.length > 0) this.drawPolygon(state);
    if (this.pointer && WITH_FOOTPRINT.has(state.tool) && state.looking === null) {
      this.drawFootprint(state, this.pointer);
    }
  }

  /** @param {State} state */
  drawBorder({ view, size }) {
    const { context } = this;
    context.strokeStyle = "rgb(128 128 128 / 50%)";
    context.lineWidth = 1;
    const [w, h] = [size.width * view.scale, size.height * view.scale];
    context.strokeRect(view.x - 0.5, view.y - 0.5, w + 1, h + 1);
  }

  /**
   * @param {State} state
   * @param {{at: XY, size: number}} pointer
   */
  drawFootprint(state, { at, size }) {
    const { context } = this;
    const { view, brush, lastPoint } = state;
    if (this.straight && lastPoint) {
      const line = new Path2D();
      const [a, b] = [toScreen(view, lastPoint), toScreen(view, at)];
      line.moveTo(a.x, a.y);
      line.lineTo(b.x, b.y);
      strokeTwice(context, line, 1);
    }
    const [x, y] = [dabStart(at.x, size), dabStart(at.y, size)];
    const corner = toScreen(view, { x, y });
    context.save();
    context.translate(corner.x, corner.y);
    context.scale(view.scale, view.scale);
    strokeTwice(context, outlineOf(size, brush.shape), 1 / view.scale);
    context.restore();
    if (size * view.scale < 8) this.drawCross(toScreen(view, at));
  }

  /**
   * A footprint of a few screen pixels would be lost without a mark around it.
   * @param {XY} at screen
   */
  drawCross({ x, y }) {
    const path = new Path2D();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      path.moveTo(x + dx * 8, y + dy * 8);
      path.lineTo(x + dx * 13, y + dy * 13);
    }
    strokeTwice(this.context, path, 1);
  }

  /** @param {State} state */
  drawPolygon(state) {
    const { context } = this;
    const points = state.polygon.map((point) => toScreen(state.view, point));
    const label = state.labels.find(({ index }) => index === state.label);
    const erases = state.tool === "polygon-erase";
    const path = new Path2D();
    points.forEach((p, i) => {
      if (i === 0) path.moveTo(p.x, p.y);
      else path.lineTo(p.x, p.y);
    });
    if (this.pointer) {
      const at = toScreen(state.view, this.pointer.at);
      path.lineTo(at.x, at.y);
    }
    context.globalAlpha = 0.25;
    context.fillStyle = erases ? "#000" : (label?.color ?? "#888");
    context.fill(path);
    context.globalAlpha = 1;
    context.setLineDash(erases ? [6, 4] : []);
    strokeTwice(context, path, 1);
    context.setLineDash([]);
    const first = new Path2D();
    first.arc(points[0].x, points[0].y, 5, 0, 2 * Math.PI);
    context.fillStyle = "#fff";
    context.fill(first);
    strokeTwice(context, first, 1, erases ? "#000" : (label?.color ?? "#888"));
  }
}
