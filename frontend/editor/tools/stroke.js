/** Brush and eraser: a line of dabs from sample to sample. Shift joins on to the last stroke. */

import { VOID } from "../codec.js";

/** @typedef {import("../types.js").Tool} Tool */

/**
 * @param {string} title
 * @param {(s: import("../types.js").State) => number} value
 * @returns {Tool}
 */
const stroke = (title, value) => ({
  down: (p, s) => [
    {
      type: "stroke.start",
      title: p.erase ? "Erase" : title,
      value: p.erase ? VOID : value(s),
    },
    { type: "stroke.line", from: (p.shift && s.lastPoint) || p, to: p, size: p.size },
  ],
  move: (p) => [{ type: "stroke.line", from: p.from, to: p, size: p.size }],
  up: (p) => [{ type: "stroke.end" }, { type: "lastPoint", point: { x: p.x, y: p.y } }],
});

export const brush = stroke("Brush", (s) => s.label);
export const eraser = stroke("Erase", () => VOID);
