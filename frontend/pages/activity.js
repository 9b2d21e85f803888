/**
 * The panel in the corner that shows uploads and drafts as they go: sections that come and go.
 */
import { h, icon } from "../lib/dom.js";

/**
 * @typedef {object} Section
 * @property {HTMLElement} element
 * @property {HTMLElement} title
 * @property {HTMLElement} note
 * @property {HTMLElement} head
 * @property {HTMLProgressElement} bar
 */

/**
 * A head with title and note, and a progress bar; what follows is the section's own.
 * @param {string} name
 * @returns {Section}
 */
export function section(name) {
  const title = h("span", { class: "activity-title truncate" });
  const note = h("span", { class: "activity-note label-text muted num" });
  const bar = h("progress", { class: "progress", max: 1, value: 0, "aria-label": name });
  const text = h("div", { class: "activity-text" }, title, note);
  const head = h("div", { class: "activity-head" }, text);
  const element = h("section", { class: "activity-section", "aria-label": name }, head, bar);
  return { element, title, note, head, bar };
}

/**
 * @param {string} text
 * @param {() => void} run
 */
export function smallButton(text, run) {
  return h("button", { class: "btn btn-sm", type: "button", onclick: run }, text);
}

/**
 * @param {string} text
 * @param {() => void} run
 */
export function textButton(text, run) {
  return h("button", { class: "btn btn-ghost btn-sm", type: "button", onclick: run }, text);
}

/**
 * @param {() => void} run
 * @param {string} [label]
 */
export function closeButton(run, label = "Close") {
  return h(
    "button",
    { class: "icon-btn icon-btn-sm", type: "button", "aria-label": label, onclick: run },
    icon("x"),
  );
}

export class Activity {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {HTMLElement} element */
  open(element) {
    if (!element.isConnected) this.root.prepend(element);
    this.root.hidden = false;
  }

  /**
   * Below all others.
   * @param {HTMLElement} element
   */
  openLast(element) {
    if (this.root.lastElementChild !== element) this.root.append(element);
    this.root.hidden = false;
  }

  /** @param {HTMLElement} element */
  close(element) {
    element.remove();
    this.root.hidden = this.root.childElementCount === 0;
  }
}
