/** Size and shape of the brush, what it may paint over. */

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../commands.js").Command} Command */
/** @typedef {import("../types.js").State} State */

/**
 * @param {(size: number) => number} change
 * @returns {(app: App) => void}
 */
const resize = (change) => (app) => {
  app.dispatch({ type: "brush", size: change(app.state.brush.size) });
  app.overlay.pointer &&= { ...app.overlay.pointer, size: app.state.brush.size };
};

/**
 * @param {import("../types.js").Over} over
 * @param {string} title
 * @param {string} key
 * @returns {Command}
 */
const rule = (over, title, key) => ({
  id: `rule.${over}`,
  title,
  group: "Brush",
  keys: [key],
  run: (app) => app.dispatch({ type: "rule", over }),
  active: (s) => s.rule.over === over,
});

/** @type {Command[]} */
export const BRUSH_COMMANDS = [
  {
    id: "brush.smaller",
    title: "Smaller brush",
    group: "Brush",
    keys: ["["],
    run: resize((size) => size - Math.max(1, Math.round(size * 0.15))),
  },
  {
    id: "brush.larger",
    title: "Larger brush",
    group: "Brush",
    keys: ["]"],
    run: resize((size) => size + Math.max(1, Math.round(size * 0.15))),
  },
  {
    id: "brush.shape",
    title: "Round or square brush",
    group: "Brush",
    keys: ["q"],
    run: (app) => {
      const shape = app.state.brush.shape === "round" ? "square" : "round";
      app.dispatch({ type: "brush", shape });
    },
  },
  rule("all", "Paint over everything", "Alt+1"),
  rule("void", "Paint only over void", "Alt+2"),
  rule("chosen", "Paint only over chosen labels", "Alt+3"),
];
