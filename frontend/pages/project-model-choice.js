/**
 * The list of what one of the model's labels may become.
 */
import { h } from "../lib/dom.js";

/** @typedef {import("../lib/types.js").Label} Label */
/** @typedef {import("./project-model-state.js").Choice} Choice */
/** @typedef {import("./project-model-state.js").MapEntry} MapEntry */

export class ChoiceField {
  /**
   * @param {MapEntry} entry
   * @param {Label[]} labels the project's
   * @param {(choice: Choice) => void} onChoose
   */
  constructor(entry, labels, onChoose) {
    this.labels = labels;
    this.gone = entry.gone;
    const automatic = labels.find(({ index }) => index === entry.automatic);
    this.group = h("optgroup", { label: "Labels" });
    this.element = h(
      "select",
      { class: "select", "aria-label": `What ${entry.name} becomes` },
      h("option", { value: "automatic" }, `Automatic: ${automatic?.name ?? "void"}`),
      h("option", { value: "void" }, "Void"),
      entry.gone !== null && h("option", { value: "gone" }, `Label ${entry.gone} is gone: void`),
      this.group,
    );
    this.element.addEventListener("change", () => onChoose(this.choice()));
    // Many lists of many labels would take the page seconds; nobody opens them all.
    for (const type of ["pointerenter", "pointerdown", "focus"])
      this.element.addEventListener(type, () => this.fill());
  }

  /** Puts in all of the project's labels. */
  fill() {
    if (this.group.children.length === this.labels.length) return;
    const { value } = this.element;
    this.group.replaceChildren(...this.labels.map(option));
    this.element.value = value;
  }

  /** @returns {Choice} */
  choice() {
    const { value } = this.element;
    if (value === "automatic") return value;
    if (value === "void") return null;
    return value === "gone" ? this.gone : Number(value);
  }

  /** @param {Choice | "gone"} choice */
  show(choice) {
    const value = choice === null ? "void" : String(choice);
    const label = this.labels.find(({ index }) => index === choice);
    const missing = ![...this.element.options].some((one) => one.value === value);
    if (label && missing) this.group.append(option(label));
    this.element.value = value;
  }

  text() {
    return this.element.selectedOptions[0]?.textContent ?? "";
  }
}

/** @param {Label} label */
function option({ index, name }) {
  return h("option", { value: index }, name);
}
