/**
 * One label in the label editor, and the head above them.
 */
import { h, icon } from "../lib/dom.js";

export const LAST_INDEX = 254;

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @returns {HTMLInputElement}
 */
export function field(element, name) {
  const found = element.querySelector(`input[name="${name}"]`);
  if (!(found instanceof HTMLInputElement)) throw new Error(`no field ${name}`);
  return found;
}

export function header() {
  return h(
    "div",
    { class: "label-row label-head label-text muted", "aria-hidden": "true" },
    h("span"),
    h("span", null, "Index"),
    h("span", null, "Color"),
    h("span", null, "Name"),
    h("span", null, "Hotkey"),
    h(
      "span",
      {
        dataset: {
          tooltip: "Things are counted one by one (a car); the rest is only covered (sky)",
        },
      },
      "Thing",
    ),
    h("span"),
  );
}

/**
 * @param {import("./label-editor.js").Row} row
 * @param {() => void} remove
 */
export function rowElement(row, remove) {
  const input = (/** @type {Record<string, any>} */ props) =>
    h("input", { class: "input", autocomplete: "off", ...props });
  const index = row.saved
    ? h("span", { class: "label-index num mono" }, row.index)
    : input({
        name: "index",
        type: "number",
        min: 0,
        max: LAST_INDEX,
        value: row.index,
        "aria-label": "Index",
      });
  return h(
    "li",
    { class: "label-row" },
    h(
      "button",
      {
        class: "icon-btn icon-btn-sm label-handle",
        type: "button",
        "aria-label": "Move: drag, or use the arrow keys",
        dataset: { tooltip: "Drag to reorder", shortcut: "Alt ↑↓" },
      },
      icon("grip-vertical"),
    ),
    index,
    h("input", {
      class: "color-input",
      name: "color",
      type: "color",
      value: row.color,
      "aria-label": "Color",
    }),
    input({
      name: "name",
      value: row.name,
      maxLength: 100,
      placeholder: "Name",
      "aria-label": "Name",
    }),
    input({
      name: "hotkey",
      class: "input hotkey-input",
      value: row.hotkey ?? "",
      maxLength: 1,
      "aria-label": "Hotkey",
    }),
    h("input", {
      name: "is_thing",
      type: "checkbox",
      checked: row.is_thing,
      "aria-label": "Thing",
    }),
    h(
      "button",
      {
        class: "icon-btn icon-btn-sm",
        type: "button",
        "aria-label": "Remove label",
        dataset: { tooltip: "Remove label" },
        onclick: remove,
      },
      icon("x"),
    ),
    h("p", { class: "field-error", role: "alert", hidden: true }),
  );
}
