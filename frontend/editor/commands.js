/** Everything that can be done, once: buttons, shortcuts and the palette all come from this list. */

import { BRUSH_COMMANDS } from "./commands/brush.js";
import { DRAFT_COMMANDS } from "./commands/draft.js";
import { EDIT_COMMANDS, IMAGE_COMMANDS } from "./commands/image.js";
import { TOOL_COMMANDS } from "./commands/tools.js";
import { VIEW_COMMANDS } from "./commands/view.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").State} State */

/**
 * @typedef {object} Command
 * @property {string} id
 * @property {string} title
 * @property {string} group
 * @property {string[]} keys as keyOf writes them
 * @property {(app: App) => unknown} run
 * @property {(s: State) => boolean} [active] shown as pressed
 * @property {(s: State) => boolean} [enabled]
 * @property {string} [color] swatch in the palette
 */

/**
 * @param {App} app
 * @returns {Command[]}
 */
function labelCommands(app) {
  const { labels } = app.state;
  const named = labels.some(({ hotkey }) => hotkey);
  return labels.map(({ index, name, hotkey, color }, position) => ({
    id: `label.${index}`,
    title: name,
    group: "Labels",
    keys: [hotkey ?? (named || position > 8 ? "" : String(position + 1))].filter(Boolean),
    color,
    run: () => app.dispatch({ type: "label", label: index }),
    active: (s) => s.label === index && s.tool !== "eraser",
  }));
}

/**
 * @param {App} app
 * @returns {Map<string, Command>}
 */
export function commandsOf(app) {
  const all = [
    ...TOOL_COMMANDS,
    ...BRUSH_COMMANDS,
    ...EDIT_COMMANDS,
    ...DRAFT_COMMANDS,
    ...VIEW_COMMANDS,
    ...IMAGE_COMMANDS,
    ...labelCommands(app),
  ];
  return new Map(all.map((command) => [command.id, command]));
}

/**
 * What each key does. A label's own hotkey beats a command's.
 * @param {Iterable<Command>} commands
 * @returns {Map<string, Command>}
 */
export function keymapOf(commands) {
  /** @type {Map<string, Command>} */
  const map = new Map();
  for (const command of commands) {
    for (const key of command.keys)
      map.set(key.toLowerCase().length === 1 ? key.toLowerCase() : key, command);
  }
  return map;
}
