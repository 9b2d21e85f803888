/** Pure arithmetic of the view: screen = image * scale + (x, y), in CSS pixels. */

/** @typedef {import("./types.js").View} View */
/** @typedef {import("./types.js").XY} XY */
/** @typedef {{width: number, height: number}} Size */

export const MAX_SCALE = 64;
/** Screen pixels kept free around a fitted image: tool options above, zoom below. */
const MARGIN = { top: 56, side: 24, bottom: 48 };

/**
 * @param {View} view
 * @param {XY} screen
 * @returns {XY}
 */
export const toImage = (view, screen) => ({
  x: (screen.x - view.x) / view.scale,
  y: (screen.y - view.y) / view.scale,
});

/**
 * @param {View} view
 * @param {XY} point
 * @returns {XY}
 */
export const toScreen = (view, point) => ({
  x: point.x * view.scale + view.x,
  y: point.y * view.scale + view.y,
});

/**
 * @param {Size} image
 * @param {Size} viewport
 */
function fitScale(image, viewport) {
  const width = Math.max(16, viewport.width - 2 * MARGIN.side);
  const height = Math.max(16, viewport.height - MARGIN.top - MARGIN.bottom);
  return Math.min(width / image.width, height / image.height, MAX_SCALE);
}

/**
 * The whole image, centred.
 * @param {Size} image
 * @param {Size} viewport
 * @returns {View}
 */
export function fit(image, viewport) {
  const scale = fitScale(image, viewport);
  return {
    scale,
    x: (viewport.width - image.width * scale) / 2,
    y: (viewport.height - image.height * scale + MARGIN.top - MARGIN.bottom) / 2,
  };
}

/**
 * Keeps the image point under `about` where it is.
 * @param {View} view
 * @param {XY} about screen
 * @param {number} scale
 * @param {Size} image
 * @param {Size} viewport
 * @returns {View}
 */
export function zoomTo(view, about, scale, image, viewport) {
  const least = Math.min(fitScale(image, viewport), 1) / 2;
  const next = Math.min(MAX_SCALE, Math.max(least, scale));
  const k = next / view.scale;
  const moved = {
    scale: next,
    x: about.x - (about.x - view.x) * k,
    y: about.y - (about.y - view.y) * k,
  };
  return keepInSight(moved, image, viewport);
}

/**
 * Part of the image always stays on the screen, so that nobody gets lost.
 * @param {View} view
 * @param {Size} image
 * @param {Size} viewport
 * @returns {View}
 */
export function keepInSight(view, image, viewport) {
  const keep = 48;
  const x = Math.min(viewport.width - keep, Math.max(keep - image.width * view.scale, view.x));
  const y = Math.min(viewport.height - keep, Math.max(keep - image.height * view.scale, view.y));
  return { scale: view.scale, x, y };
}
