/** What painting may replace, as a table over the value that a pixel has now. */

import { VOID } from "./codec.js";

/** @typedef {import("./types.js").State} State */

/** @type {Record<import("./types.js").Over, (state: State, allowed: Uint8Array) => void>} */
const RULES = {
  all: (_state, allowed) => allowed.fill(1),
  void: (_state, allowed) => {
    allowed[VOID] = 1;
  },
  chosen: ({ rule }, allowed) => {
    for (const label of rule.labels) allowed[label] = 1;
  },
};

/**
 * @param {State} state
 * @returns {Uint8Array} (256,) 1 where a pixel of that value may be painted over
 */
export function paintable(state) {
  const allowed = new Uint8Array(256);
  RULES[state.rule.over](state, allowed);
  for (const label of state.locked) allowed[label] = 0;
  return allowed;
}

/**
 * @param {State} state
 * @returns {Uint8Array} (256,) 1 where a pixel of that value isn't locked
 */
export function unlocked(state) {
  const allowed = new Uint8Array(256).fill(1);
  for (const label of state.locked) allowed[label] = 0;
  return allowed;
}
