/**
 * The doubt of a model about its drafts, as numbers: shares of images, bounds, words.
 *
 * Bins are those of the project's stats: the number of images in each of equal steps from 0 to 1.
 */

/** @typedef {{min: string, max: string}} Bounds "" for none, as the API takes them */

export const EXPLAINED = "Mean doubt of the model over the image's pixels";
const SMALLEST_AXIS = 0.2;
const AXIS_STEP = 0.1;

/**
 * How many bins are worth showing: up to the most doubtful draft, in steps of a tenth.
 * @param {number[]} bins
 */
export function axis(bins) {
  const highest = bins.reduce((last, number, at) => (number > 0 ? at + 1 : last), 0);
  const step = bins.length * AXIS_STEP;
  return Math.max(bins.length * SMALLEST_AXIS, Math.ceil(highest / step) * step);
}

/**
 * The images in bins `from` up to but without `to`.
 * @param {number[]} bins
 * @param {number} from
 * @param {number} to
 */
export function inside(bins, from, to) {
  return bins.slice(from, to).reduce((sum, number) => sum + number, 0);
}

/**
 * The bin from which on lies a quarter of the drafts, or a little more.
 * @param {number[]} bins
 */
export function doubtfulQuarter(bins) {
  const wanted = inside(bins, 0, bins.length) / 4;
  let from = bins.length - 1;
  while (from > 0 && inside(bins, from, bins.length) < wanted) from -= 1;
  return from;
}

/**
 * The bin before which lies a quarter of the drafts, or a little more.
 * @param {number[]} bins
 */
export function surestQuarter(bins) {
  const wanted = inside(bins, 0, bins.length) / 4;
  let to = 1;
  while (to < bins.length && inside(bins, 0, to) < wanted) to += 1;
  return to;
}

/**
 * The bounds of bins `from` up to but without `to`; the ends of the axis are no bounds.
 * @param {number} from
 * @param {number} to
 * @param {number} end bins on the axis
 * @param {number} length of all bins
 * @returns {Bounds}
 */
export function boundsOf(from, to, end, length) {
  return {
    min: from > 0 ? String(round(from / length)) : "",
    max: to < end ? String(round(to / length)) : "",
  };
}

/**
 * @param {Bounds} bounds
 * @param {number} end
 * @param {number} length
 * @returns {[number, number]} the bins from, up to but without
 */
export function binsOf({ min, max }, end, length) {
  const from = min === "" ? 0 : Math.min(end - 1, Math.round(Number(min) * length));
  const to = max === "" ? end : Math.min(end, Math.round(Number(max) * length));
  return [from, Math.max(from + 1, to)];
}

/** @param {Bounds} bounds */
export function boundsText({ min, max }) {
  const [low, high] = [min, max].map((bound) => Math.round(Number(bound) * 100));
  if (min === "" && max === "") return "Any doubt";
  if (max === "") return `Doubt ≥ ${low} %`;
  if (min === "") return `Doubt ≤ ${high} %`;
  return `Doubt ${low}–${high} %`;
}

/**
 * A bound from the address, or "" if it is none.
 * @param {string | null} text
 */
export function asBound(text) {
  const value = Number(text);
  return text && value >= 0 && value <= 1 ? text : "";
}

/**
 * The doubt of one image: whole percents, but never "0 %" for some doubt.
 * @param {number} uncertainty
 */
export function doubtText(uncertainty) {
  const value = uncertainty * 100;
  return value > 0 && value < 1 ? "<1 %" : `${Math.round(value)} %`;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}
