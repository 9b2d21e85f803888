/** Every command, searchable; and the same list as an overview of the shortcuts. */

import { h, icon } from "../../lib/dom.js";
import { shownKey } from "../keys.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../commands.js").Command} Command */

/**
 * Letters in order, words first: "acal" finds "Accept all".
 * @param {string} text
 * @param {string} wanted
 * @returns {number} 0 = no match
 */
export function score(text, wanted) {
  const [t, w] = [text.toLowerCase(), wanted.toLowerCase()];
  if (w === "") return 1;
  if (t.startsWith(w)) return 4;
  if (t.includes(` ${w}`)) return 3;
  if (t.includes(w)) return 2;
  let at = -1;
  for (const letter of w) {
    at = t.indexOf(letter, at + 1);
    if (at < 0) return 0;
  }
  return 1;
}

/**
 * @param {App} app
 * @param {Map<string, Command>} commands
 */
export function initPalette(app, commands) {
  app.addEventListener("palette", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const { detail } = /** @type {CustomEvent} */ (event);
    if (detail === "shortcuts") showShortcuts(commands);
    else showPalette(app, commands);
  });
}

/**
 * @param {HTMLDialogElement} dialog
 * @returns {HTMLDialogElement}
 */
function show(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * @param {App} app
 * @param {Map<string, Command>} commands
 */
function showPalette(app, commands) {
  const input = h("input", {
    class: "input ed-palette-input",
    type: "text",
    placeholder: "Type a command or a label",
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "palette-list",
    "aria-label": "Command",
    autocomplete: "off",
    dataset: { testid: "palette-input" },
  });
  const list = h("ul", { id: "palette-list", class: "ed-palette-list", role: "listbox" });
  /** @type {Command[]} */
  let found = [];
  let at = 0;
  const draw = () => {
    list.replaceChildren(...found.map((command, i) => option(command, i === at, () => run(i))));
    list.children[at]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", found[at] ? `option-${found[at].id}` : "");
    if (found.length === 0) {
      list.append(h("li", { class: "muted ed-palette-none" }, "No command has that name."));
    }
  };
  const search = () => {
    const usable = [...commands.values()].filter((c) => !c.enabled || c.enabled(app.state));
    found = usable
      .map((command) => ({ command, rank: score(command.title, input.value.trim()) }))
      .filter(({ rank }) => rank > 0)
      .sort((a, b) => b.rank - a.rank)
      .map(({ command }) => command);
    at = 0;
    draw();
  };
  const run = (/** @type {number} */ i) => {
    dialog.close();
    found[i]?.run(app);
    app.frame.ask();
  };
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at = (at + step + found.length) % Math.max(1, found.length);
    if (event.key === "Enter") run(at);
    if (!step && event.key !== "Enter") return;
    event.preventDefault();
    draw();
  });
  const dialog = show(
    h("dialog", { class: "panel ed-palette", "aria-label": "Commands" }, input, list),
  );
  search();
  input.focus();
}

/**
 * @param {Command} command
 * @param {boolean} selected
 * @param {() => void} run
 */
function option({ id, title, group, keys, color }, selected, run) {
  const swatch = color ? h("span", { class: "swatch" }) : null;
  if (swatch && color) swatch.style.background = color;
  return h(
    "li",
    {
      id: `option-${id}`,
      class: "ed-palette-option",
      role: "option",
      "aria-selected": String(selected),
      onclick: run,
    },
    swatch,
    h("span", { class: "truncate" }, title),
    h("span", { class: "muted label-text" }, group),
    ...keys.slice(0, 1).map((key) => h("kbd", { class: "kbd" }, shownKey(key))),
  );
}

/** What isn't a command but worth knowing. */
const GESTURES = [
  ["Zoom about the pointer", "Wheel"],
  ["Brush size", "Ctrl+Wheel"],
  ["Move the view", "Space+Drag"],
  ["Straight line from the last stroke", "Shift+Click"],
  ["Erase with the brush", "Right button"],
  ["Take the label under the pointer", "Alt+Click"],
];

/** @param {Map<string, Command>} commands */
function showShortcuts(commands) {
  /** @type {Map<string, Command[]>} */
  const groups = new Map();
  for (const command of commands.values()) {
    if (command.keys.length === 0 || command.group === "Labels") continue;
    groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  }
  /**
   * @param {string} title
   * @param {string[][]} rows
   */
  const section = (title, rows) =>
    h(
      "section",
      { class: "ed-shortcuts-group" },
      h("h3", null, title),
      h(
        "dl",
        null,
        ...rows.map(([name, ...keys]) =>
          h(
            "div",
            { class: "ed-shortcut" },
            h("dt", null, name),
            h("dd", null, ...keys.map((key) => h("kbd", { class: "kbd" }, key))),
          ),
        ),
      ),
    );
  const dialog = show(
    h(
      "dialog",
      { class: "panel ed-shortcuts", "aria-labelledby": "shortcuts-title" },
      h(
        "div",
        { class: "ed-dialog-head" },
        h("h2", { id: "shortcuts-title" }, "Shortcuts"),
        h(
          "button",
          {
            class: "icon-btn",
            type: "button",
            "aria-label": "Close",
            onclick: () => dialog.close(),
          },
          icon("x"),
        ),
      ),
      h(
        "div",
        { class: "ed-shortcuts-columns" },
        section("Mouse and pen", [...GESTURES, ["Choose a label", "1 – 9"]]),
        ...[...groups].map(([group, members]) =>
          section(
            group,
            members.map(({ title, keys }) => [title, ...keys.slice(0, 2).map(shownKey)]),
          ),
        ),
      ),
    ),
  );
}
