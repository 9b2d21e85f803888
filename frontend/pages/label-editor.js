/**
 * The list of labels with name, color, hotkey and order; used for new and existing projects.
 */
import { announce, h, icon } from "../lib/dom.js";
import { dragRow } from "./label-drag.js";
import { field, header, LAST_INDEX, rowElement } from "./label-row.js";

/** @typedef {import("../lib/types.js").Label} Label */
/** @typedef {Label & {saved: boolean}} Row */

/** Colors for added labels, far from each other and from what photographs are full of. */
const FRESH = [
  "#e6284b", "#4964f6", "#74f834", "#e601f9", "#f86927", "#27f6cc", "#9b75f9", "#b8b40b",
  "#088fe3", "#fb8bd4", "#00ba56", "#8d13f4", "#eeee9e", "#8f2f39", "#0d9296", "#d034a4",
]; // biome-ignore format: a palette reads best as a block

export class LabelEditor {
  /**
   * @param {HTMLElement} root
   * @param {() => void} onChange
   */
  constructor(root, onChange) {
    this.onChange = onChange;
    /** @type {Map<HTMLElement, Row>} */
    this.rows = new Map();
    this.list = h("ol", { class: "label-rows", "aria-label": "Labels" });
    this.blank = h("p", { class: "label-blank muted" }, "No labels yet. Add the first one.");
    const add = h(
      "button",
      { class: "btn", type: "button", onclick: () => this.add() },
      icon("plus"),
      "Add label",
    );
    root.replaceChildren(
      h("div", { class: "label-editor panel" }, header(), this.list, this.blank),
      h("div", { class: "label-foot" }, add),
    );
    dragRow(this.list, () => this.changed());
    this.list.addEventListener("input", () => this.changed());
    this.list.addEventListener("keydown", (event) => this.moveByKey(event));
  }

  /**
   * @param {Label[]} labels
   * @param {boolean} saved true when masks may hold these indices already
   */
  set(labels, saved) {
    this.rows.clear();
    this.list.replaceChildren();
    for (const label of labels) this.append({ ...label, saved });
    this.blank.hidden = labels.length > 0;
  }

  /** @returns {Label[]} in the order of the screen */
  get() {
    return this.elements().map((element) => {
      const { saved: _, ...label } = this.read(element);
      return label;
    });
  }

  elements() {
    return /** @type {HTMLElement[]} */ ([...this.list.children]);
  }

  /**
   * @param {HTMLElement} element
   * @returns {Row}
   */
  read(element) {
    const row = this.rows.get(element);
    if (!row) throw new Error("a row without its label");
    const value = (/** @type {string} */ name) => field(element, name).value.trim();
    return {
      ...row,
      index: row.saved ? row.index : Number(value("index")),
      name: value("name"),
      color: value("color"),
      hotkey: value("hotkey") || null,
      is_thing: field(element, "is_thing").checked,
    };
  }

  /** @param {Row} row */
  append(row) {
    const element = rowElement(row, () => this.remove(element));
    this.rows.set(element, row);
    this.list.append(element);
    return element;
  }

  add() {
    const taken = this.elements().map((element) => this.read(element).index);
    const index = Math.max(-1, ...taken) + 1;
    if (index > LAST_INDEX) return announce("A project has 255 labels at most.");
    const color = FRESH[index % FRESH.length] ?? "#e6284b";
    const element = this.append({
      index,
      name: "",
      color,
      hotkey: freeHotkey(this.get()),
      is_thing: true,
      saved: false,
    });
    this.changed();
    field(element, "name").focus();
  }

  /** @param {HTMLElement} element */
  remove(element) {
    const next = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    this.changed();
    next?.querySelector("input")?.focus();
  }

  /** @param {KeyboardEvent} event */
  moveByKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const row = target.closest("li");
    const handle = target.matches(".label-handle");
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!row || !step || !(event.altKey || handle)) return;
    event.preventDefault();
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    target.focus();
    announce(`Moved to place ${this.elements().indexOf(row) + 1}`);
    this.changed();
  }

  changed() {
    this.blank.hidden = this.list.children.length > 0;
    this.validate(false);
    this.onChange();
  }

  /**
   * Marks what can't be saved.
   * @param {boolean} complete also complain about names that are still empty
   */
  validate(complete) {
    /** @type {Record<"index" | "name" | "hotkey", Set<string>>} */
    const seen = { index: new Set(), name: new Set(), hotkey: new Set() };
    let valid = true;
    for (const element of this.elements()) {
      const problem = complaint(this.read(element), seen, complete);
      this.complain(element, problem);
      valid &&= problem === "";
    }
    return valid;
  }

  /**
   * @param {HTMLElement} element
   * @param {string} text
   */
  complain(element, text) {
    const place = element.querySelector(".field-error");
    if (!(place instanceof HTMLElement)) return;
    place.textContent = text;
    place.hidden = text === "";
    field(element, "name").setAttribute("aria-invalid", String(text !== ""));
  }

  /**
   * Puts a row back where it was, because the server refused to drop it, with the reason.
   * @param {Label[]} labels as they are saved
   * @param {number} at
   * @param {string} reason
   */
  restore(labels, at, reason) {
    const label = labels[at];
    if (!label) return;
    const rowOf = (/** @type {number} */ index) =>
      this.elements().find((element) => this.read(element).index === index);
    let element = rowOf(label.index);
    if (!element) {
      element = this.append({ ...label, saved: true });
      const next = labels
        .slice(at + 1)
        .map((after) => rowOf(after.index))
        .find(Boolean);
      next?.before(element);
    }
    this.complain(element, reason);
    element.scrollIntoView({ block: "center" });
    this.blank.hidden = true;
  }
}

/**
 * @param {Row} row
 * @param {Record<"index" | "name" | "hotkey", Set<string>>} seen
 * @param {boolean} complete
 */
function complaint(row, seen, complete) {
  if (!Number.isInteger(row.index) || row.index < 0 || row.index > LAST_INDEX)
    return "The index is a whole number from 0 to 254.";
  if (complete && !row.name) return "This label needs a name.";
  const keys = { index: String(row.index), name: row.name.toLowerCase(), hotkey: row.hotkey ?? "" };
  for (const what of /** @type {const} */ (["index", "name", "hotkey"])) {
    const key = keys[what];
    if (key && seen[what].has(key)) return `Another label has this ${what} already.`;
    seen[what].add(key);
  }
  return "";
}

/** @param {Label[]} labels */
function freeHotkey(labels) {
  const taken = new Set(labels.map((label) => label.hotkey));
  return ["1", "2", "3", "4", "5", "6", "7", "8", "9"].find((key) => !taken.has(key)) ?? null;
}
