/** Tools that act on one click. */

import { VOID } from "../codec.js";

/** @typedef {import("../types.js").Action} Action */
/** @typedef {import("../types.js").Pointer} Pointer */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Tool} Tool */

/**
 * @param {(p: Pointer, x: number, y: number, s: State) => Action} act
 * @returns {Tool}
 */
const click = (act) => ({
  down: (p, s) => {
    const [x, y] = [Math.floor(p.x), Math.floor(p.y)];
    const inside = x >= 0 && y >= 0 && x < s.size.width && y < s.size.height;
    return inside ? [act(p, x, y, s)] : [];
  },
  move: () => [],
  up: () => [],
});

export const bucket = click((p, x, y, s) => ({
  type: "fill",
  x,
  y,
  value: p.erase ? VOID : s.label,
}));

export const holes = click((_p, x, y) => ({ type: "holes", x, y }));

export const picker = click((_p, x, y) => ({ type: "pick", x, y }));

/** Click accepts a region of the draft, right or Alt-click rejects it. */
export const regions = click((p, x, y) => ({
  type: p.erase || p.alt ? "draft.reject" : "draft.accept",
  at: { x, y },
}));
