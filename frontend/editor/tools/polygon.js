/**
 * Polygons: click corner by corner, or drag for a freehand outline; a click on the first corner,
 * a double click or Enter closes.
 */

import { VOID } from "../codec.js";
import { toScreen } from "../view.js";

/** @typedef {import("../types.js").Action} Action */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Tool} Tool */
/** @typedef {import("../types.js").XY} XY */

const NEAR = 8; // screen pixels to the first corner that mean "close"
const STEP = 4; // screen pixels between the corners of a freehand outline

/**
 * @param {State} s
 * @param {XY} a
 * @param {XY} b
 */
function screenDistance(s, a, b) {
  const [p, q] = [toScreen(s.view, a), toScreen(s.view, b)];
  return Math.hypot(p.x - q.x, p.y - q.y);
}

/**
 * What closing the polygon does.
 * @param {State} s
 * @returns {Action[]}
 */
export function commitPolygon(s) {
  const value = s.tool === "polygon-erase" ? VOID : s.label;
  /** @type {Action[]} */
  const fill = s.polygon.length < 3 ? [] : [{ type: "polygon.fill", points: s.polygon, value }];
  return [...fill, { type: "polygon", points: [] }];
}

/** @type {Tool} */
export const polygon = {
  down: (p, s) => {
    const [first] = s.polygon;
    const last = s.polygon.at(-1);
    if (s.polygon.length > 2 && screenDistance(s, p, first) < NEAR) return commitPolygon(s);
    // The second press of a double click.
    if (s.polygon.length > 2 && last && screenDistance(s, p, last) < 3) return commitPolygon(s);
    return [{ type: "polygon", points: [...s.polygon, { x: p.x, y: p.y }] }];
  },
  move: (p, s) => {
    const last = s.polygon.at(-1);
    if (!last || screenDistance(s, p, last) < STEP) return [];
    return [{ type: "polygon", points: [...s.polygon, { x: p.x, y: p.y }] }];
  },
  up: (p, s) => {
    const [first] = s.polygon;
    const closes = s.polygon.length > 8 && screenDistance(s, p, first) < NEAR;
    return closes ? commitPolygon(s) : [];
  },
};
