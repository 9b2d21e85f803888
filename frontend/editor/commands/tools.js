/** Choosing tools, and what belongs to one of them. */

import { commitPolygon } from "../tools/polygon.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../commands.js").Command} Command */
/** @typedef {import("../types.js").State} State */

/**
 * @param {string} tool
 * @param {string} title
 * @param {...string} keys
 * @returns {Command}
 */
const tool = (tool, title, ...keys) => ({
  id: `tool.${tool}`,
  title,
  group: "Tools",
  keys,
  run: (app) => app.dispatch({ type: "tool", tool }),
  active: (s) => s.tool === tool,
});

/** @type {Command[]} */
export const TOOL_COMMANDS = [
  tool("brush", "Brush", "b"),
  tool("eraser", "Eraser (void)", "e", "0"),
  tool("polygon", "Polygon", "p"),
  tool("polygon-erase", "Erase polygon", "Shift+p"),
  tool("bucket", "Fill region", "g"),
  tool("holes", "Fill holes", "Shift+g"),
  tool("regions", "Accept or reject regions of the draft", "c"),
  tool("picker", "Pick label from image", "i"),
  tool("pan", "Move the view", "h"),
  {
    id: "polygon.commit",
    title: "Close polygon",
    group: "Tools",
    keys: ["Enter"],
    run: (app) => {
      for (const action of commitPolygon(app.state)) app.dispatch(action);
    },
    enabled: (s) => s.polygon.length > 2,
  },
  {
    id: "cancel",
    title: "Cancel",
    group: "Tools",
    keys: ["Escape"],
    run: (app) => {
      app.dispatch({ type: "stroke.cancel" });
      app.dispatch({ type: "polygon", points: [] });
      if (app.state.looking !== null) app.tell("look", null);
    },
  },
  {
    id: "polygon.back",
    title: "Remove the last corner",
    group: "Tools",
    keys: ["Backspace"],
    run: (app) => app.dispatch({ type: "polygon", points: app.state.polygon.slice(0, -1) }),
    enabled: (s) => s.polygon.length > 0,
  },
];
