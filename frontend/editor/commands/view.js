/** Zoom, movement, and what is shown. */

import { toggleTheme } from "../../lib/theme.js";
import { fit, zoomTo } from "../view.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../commands.js").Command} Command */
/** @typedef {import("../types.js").State} State */

/**
 * @param {(s: State) => number} scale
 * @returns {(app: App) => void}
 */
const zoom = (scale) => (app) => {
  const { state } = app;
  const about = { x: state.viewport.width / 2, y: state.viewport.height / 2 };
  const view = zoomTo(state.view, about, scale(state), state.size, state.viewport);
  app.dispatch({ type: "view", view });
};

/**
 * @param {string} name
 * @param {string} key
 * @param {number} dx
 * @param {number} dy
 * @returns {Command}
 */
const move = (name, key, dx, dy) => ({
  id: `view.${name}`,
  title: `Move the view ${name}`,
  group: "View",
  keys: [key],
  run: (app) => app.dispatch({ type: "pan", dx, dy }),
});

/** @type {Command[]} */
export const VIEW_COMMANDS = [
  {
    id: "view.fit",
    title: "Fit the image",
    group: "View",
    keys: ["f", "Mod+0"],
    run: (app) => app.dispatch({ type: "view", view: fit(app.state.size, app.state.viewport) }),
  },
  {
    id: "view.actual",
    title: "One image pixel per screen pixel",
    group: "View",
    keys: ["Shift+f", "Mod+1"],
    run: zoom(() => 1 / (window.devicePixelRatio || 1)),
  },
  {
    id: "view.in",
    title: "Zoom in",
    group: "View",
    keys: ["+", "=", "Mod+="],
    run: zoom((s) => s.view.scale * 1.5),
  },
  {
    id: "view.out",
    title: "Zoom out",
    group: "View",
    keys: ["-", "Mod+-"],
    run: zoom((s) => s.view.scale / 1.5),
  },
  move("left", "ArrowLeft", 80, 0),
  move("right", "ArrowRight", -80, 0),
  move("up", "ArrowUp", 0, 80),
  move("down", "ArrowDown", 0, -80),
  {
    id: "view.hide",
    title: "Hide masks",
    group: "View",
    keys: ["x"],
    run: (app) => app.dispatch({ type: "show", masksHidden: !app.state.masksHidden }),
    active: (s) => s.masksHidden,
  },
  {
    id: "view.outline",
    title: "Outlines",
    group: "View",
    keys: ["o"],
    run: (app) => app.dispatch({ type: "show", outline: !app.state.outline }),
    active: (s) => s.outline,
  },
  {
    id: "view.patterns",
    title: "Patterns, to tell labels apart without colour",
    group: "View",
    keys: ["Shift+o"],
    run: (app) => app.dispatch({ type: "show", patterns: !app.state.patterns }),
    active: (s) => s.patterns,
  },
  {
    id: "view.side",
    title: "Side panel",
    group: "View",
    keys: ["\\"],
    run: (app) => app.dispatch({ type: "panel", panel: "side", open: !app.state.panels.side }),
    active: (s) => s.panels.side,
  },
  { id: "theme", title: "Light or dark", group: "View", keys: [], run: toggleTheme },
  {
    id: "palette",
    title: "Find a command",
    group: "View",
    keys: ["Mod+k"],
    run: (app) => app.tell("palette", "commands"),
  },
  {
    id: "shortcuts",
    title: "All shortcuts",
    group: "View",
    keys: ["?"],
    run: (app) => app.tell("palette", "shortcuts"),
  },
];
