/**
 * Moving through the grid with the keyboard.
 */

/** @type {Record<string, (at: number, columns: number, perView: number) => number>} */
const MOVES = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at, columns) => at - columns,
  ArrowDown: (at, columns) => at + columns,
  PageUp: (at, columns, perView) => at - columns * perView,
  PageDown: (at, columns, perView) => at + columns * perView,
  Home: () => 0,
  End: () => Number.POSITIVE_INFINITY,
};

/**
 * Where a key leads from item `at`, or null where the key moves nothing.
 * @param {string} key
 * @param {number} at
 * @param {number} length
 * @param {number} columns
 * @param {number} perView rows in the view
 */
export function target(key, at, length, columns, perView) {
  const move = MOVES[key];
  if (!move || length === 0) return null;
  const to = move(at, columns, perView);
  // From the top row up, stay: jumping to the first card would lose the column.
  if (to < 0 && key === "ArrowUp") return at;
  return Math.min(length - 1, Math.max(0, to));
}

/** What the help shows. */
export const HELP = [
  ["Move", "← ↑ → ↓"],
  ["Open", "Enter"],
  ["Select", "X"],
  ["Select a range", "Shift X"],
  ["Select all that fit", "Ctrl A"],
  ["Clear the selection", "Esc"],
  ["Move to trash", "Del"],
  ["Search", "/"],
  ["Masks on thumbnails", "O"],
  ["Draft all new", "D"],
  ["More ways to draft, earlier runs", "Shift D"],
  ["Most doubtful first", "M"],
  ["Upload", "U"],
  ["Paste a picture", "Ctrl V"],
  ["Keyboard shortcuts", "?"],
];
