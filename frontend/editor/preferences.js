/** How a person likes the editor, kept in this browser. Never anything of a mask. */

/** @typedef {import("./types.js").State} State */

const KEY = "maskwright.editor";
const KEPT = /** @type {const} */ (["brush", "opacity", "outline", "patterns", "panels"]);

/** @returns {Partial<State>} */
export function preferences() {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return Object.fromEntries(KEPT.filter((key) => key in stored).map((key) => [key, stored[key]]));
  } catch {
    return {};
  }
}

/**
 * @param {State} state
 * @param {State} before
 */
export function remember(state, before) {
  if (KEPT.every((key) => state[key] === before[key])) return;
  try {
    localStorage.setItem(
      KEY,
      JSON.stringify(Object.fromEntries(KEPT.map((key) => [key, state[key]]))),
    );
  } catch {
    // Storage can be switched off; the choice holds for this page then.
  }
}
