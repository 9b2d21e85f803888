/**
 * The label map as a table: each of the model's labels, and what it becomes in the project.
 */
import { $, h } from "../lib/dom.js";
import { percent, plural } from "../lib/format.js";
import { ChoiceField } from "./project-model-choice.js";
import { vocCss } from "./voc-colors.js";

/** @typedef {import("../lib/types.js").Label} Label */
/** @typedef {import("./project-model-state.js").MapEntry} MapEntry */
/** @typedef {import("./project-model-state.js").MapState} MapState */

/** So many options in all can be made at once without anybody waiting. */
const MANY = 8000;

/**
 * @typedef {object} Row
 * @property {MapEntry} entry
 * @property {HTMLTableRowElement} element
 * @property {ChoiceField} field
 * @property {HTMLElement} swatch
 * @property {HTMLElement} share
 */

export class MapTable {
  /**
   * @param {Label[]} labels the project's
   * @param {{onChange: () => void, onPoint: (index: number | null) => void}} hooks `onPoint` is told
   *   which of the model's labels the pointer or the focus is at
   */
  constructor(labels, { onChange, onPoint }) {
    this.labels = labels;
    this.onChange = onChange;
    this.body = /** @type {HTMLTableSectionElement} */ ($("#map-rows"));
    this.search = /** @type {HTMLInputElement} */ ($("#map-search"));
    this.show = /** @type {HTMLSelectElement} */ ($("#map-show"));
    /** @type {Row[]} */
    this.rows = [];
    /** @type {MapState | null} */
    this.state = null;
    /** @type {Map<number, number>} */
    this.shares = new Map();
    this.search.addEventListener("input", () => this.filter());
    this.show.addEventListener("change", () => this.filter());
    for (const type of ["focusin", "pointerover"])
      this.body.addEventListener(type, (event) => onPoint(this.indexAt(event.target)));
    for (const type of ["focusout", "pointerleave"])
      this.body.addEventListener(type, () => onPoint(null));
  }

  /**
   * @param {MapState} state
   * @param {Record<string, number>} iou measured, per label of the model
   */
  set(state, iou) {
    const focused = this.indexAt(document.activeElement);
    this.state = state;
    this.rows = state.entries.map((entry) => this.row(entry, iou[entry.name]));
    this.body.replaceChildren(...this.rows.map((row) => row.element));
    if (this.rows.length * this.labels.length <= MANY)
      for (const { field } of this.rows) field.fill();
    this.refresh();
    this.setShares(this.shares);
    this.rows.find(({ entry }) => entry.index === focused)?.field.element.focus();
  }

  /**
   * @param {Map<number, number>} shares of each of the model's labels in the previews, 0 to 1
   */
  setShares(shares) {
    this.shares = shares;
    for (const { entry, share } of this.rows) {
      const value = shares.get(entry.index) ?? 0;
      share.textContent = value > 0 ? percent(value) : "";
    }
    this.filter();
  }

  /** Shows the choices as they are now. */
  refresh() {
    if (!this.state) return;
    for (const row of this.rows) this.refreshRow(row, this.state);
    this.filter();
  }

  /**
   * @param {Row} row
   * @param {MapState} state
   */
  refreshRow({ entry, element, field, swatch }, state) {
    const gone = state.isGone(entry);
    field.show(gone ? "gone" : state.choice(entry));
    const target = state.target(entry);
    const label = this.labels.find(({ index }) => index === target);
    swatch.style.background = label?.color ?? "";
    swatch.classList.toggle("swatch-void", !label);
    element.classList.toggle("map-void", !label);
    element.classList.toggle("map-changed", state.isChanged(entry));
    element.classList.toggle("map-gone", gone);
  }

  /**
   * @param {MapEntry} entry
   * @param {number | undefined} iou
   * @returns {Row}
   */
  row(entry, iou) {
    const share = h("td", { class: "num muted map-share" });
    const swatch = h("span", { class: "swatch" });
    const field = new ChoiceField(entry, this.labels, (choice) => {
      this.state?.choose(entry.name, choice);
      this.refresh();
      this.onChange();
    });
    const own = h("span", { class: "swatch" });
    own.style.background = vocCss(entry.index);
    const element = h(
      "tr",
      { dataset: { index: entry.index } },
      h(
        "th",
        { scope: "row" },
        h(
          "span",
          { class: "map-name" },
          own,
          h("span", { class: "truncate", title: entry.name }, entry.name),
        ),
      ),
      share,
      h("td", { class: "num muted map-iou" }, iou === undefined ? "" : iou.toFixed(2)),
      h("td", null, h("span", { class: "map-choice" }, swatch, field.element)),
    );
    return { entry, element, field, swatch, share };
  }

  /** Hides the rows that are not asked for. */
  filter() {
    const words = this.search.value.trim().toLowerCase();
    const shown = this.rows.filter((row) => {
      const wanted = this.isShown(row) && matches(row, words);
      row.element.hidden = !wanted;
      return wanted;
    });
    $("#map-count").textContent =
      shown.length === this.rows.length
        ? plural(this.rows.length, "label")
        : `${shown.length} of ${plural(this.rows.length, "label")}`;
    $("#map-none").hidden = shown.length > 0 || this.rows.length === 0;
  }

  /** @param {Row} row */
  isShown({ entry }) {
    const { state } = this;
    if (!state) return false;
    switch (this.show.value) {
      case "void":
        return state.target(entry) === null;
      case "chosen":
        return state.choice(entry) !== "automatic";
      case "seen":
        return (this.shares.get(entry.index) ?? 0) > 0;
      default:
        return true;
    }
  }

  /** @param {EventTarget | null} target */
  indexAt(target) {
    const row = target instanceof Element ? target.closest("tr") : null;
    return row && this.body.contains(row) ? Number(row.dataset.index) : null;
  }
}

/**
 * @param {Row} row
 * @param {string} words
 */
function matches({ entry, field }, words) {
  return `${entry.name} ${field.text()}`.toLowerCase().includes(words);
}
