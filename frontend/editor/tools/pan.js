/** Drags the picture. */

/** @type {import("../types.js").Tool} */
export const pan = {
  down: () => [],
  move: (p) => [{ type: "pan", dx: p.screen.x - p.screenFrom.x, dy: p.screen.y - p.screenFrom.y }],
  up: () => [],
};
