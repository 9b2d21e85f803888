/**
 * The draft: which pixels of a proposal wait for a decision, and deciding on them.
 *
 * Pending = the model is at least as sure as the slider says, and the head is void there, or,
 * when a draft may replace, differs. A decision changes only pixels that are pending.
 */

import { VOID } from "./codec.js";
import { boundsOf, eachSpan, regionSpans } from "./flood.js";

/** @typedef {import("./mask.js").Layer} Layer */
/** @typedef {import("./types.js").XY} XY */

/**
 * @typedef {object} Pending
 * @property {Layer} head
 * @property {Layer} proposal
 * @property {Layer | null} confidence
 * @property {number} threshold 0-255
 * @property {boolean} replaces also over labelled pixels
 */

/**
 * @param {Pending} p
 * @param {number} i
 */
export function isPending({ head, proposal, confidence, threshold, replaces }, i) {
  const label = proposal.data[i];
  if (label === VOID || (confidence !== null && confidence.data[i] < threshold)) return false;
  return replaces ? head.data[i] !== label : head.data[i] === VOID;
}

/**
 * @param {Pending} p
 * @param {Float64Array} counts pending pixels of each label, added to
 * @param {number} row0
 * @param {number} row1
 */
export function countPending(p, counts, row0, row1) {
  const { width, data } = p.proposal;
  const head = p.head.data;
  const sure = p.confidence?.data;
  const end = row1 * width;
  for (let i = row0 * width; i < end; i++) {
    const label = data[i];
    if (label === VOID || (sure && sure[i] < p.threshold)) continue;
    if (p.replaces ? head[i] !== label : head[i] === VOID) counts[label]++;
  }
}

/**
 * Runs of pending pixels, of some labels, in one component, or all.
 * @param {Pending} p
 * @param {{labels?: number[] | undefined, at?: XY | undefined}} where
 * @param {(y: number, x0: number, x1: number) => void} span
 */
export function pendingSpans(p, { labels, at }, span) {
  const wanted = new Uint8Array(256).fill(labels ? 0 : 1);
  for (const label of labels ?? []) wanted[label] = 1;
  const { width, height, data } = p.proposal;
  /** @type {(y: number, x0: number, x1: number) => void} */
  const within = (y, x0, x1) => {
    let start = -1;
    for (let x = x0; x <= x1; x++) {
      const i = y * width + x;
      const hit = x < x1 && wanted[data[i]] === 1 && isPending(p, i);
      if (hit && start < 0) start = x;
      if (!hit && start >= 0) {
        span(y, start, x);
        start = -1;
      }
    }
  };
  if (!at) {
    for (let y = 0; y < height; y++) within(y, 0, width);
    return;
  }
  const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
  if (p.proposal.at(x, y) !== VOID) eachSpan(regionSpans(p.proposal, x, y), within);
}

/**
 * @param {Pending} p
 * @param {XY} at
 * @returns {import("./types.js").Rect | null} the box of the component at a point
 */
export function componentBounds(p, at) {
  const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
  return p.proposal.at(x, y) === VOID ? null : boundsOf(regionSpans(p.proposal, x, y));
}
