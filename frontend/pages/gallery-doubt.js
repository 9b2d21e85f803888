/**
 * The filter by doubt: a button that says the bounds, and under it the drafts' histogram with two
 * sliders.
 */
import { debounce, h } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import {
  axis,
  binsOf,
  boundsOf,
  boundsText,
  doubtfulQuarter,
  EXPLAINED,
  inside,
  surestQuarter,
} from "./doubt.js";

/** @typedef {import("./doubt.js").Bounds} Bounds */

const ANY_DOUBT = { min: "", max: "" };
const APPLY_AFTER_MS = 200;

export class DoubtFilter {
  /**
   * @param {HTMLButtonElement} button
   * @param {(bounds: Bounds) => void} onChange
   */
  constructor(button, onChange) {
    this.button = button;
    /** @type {Bounds} */
    this.bounds = ANY_DOUBT;
    /** @type {number[]} */
    this.bins = [];
    this.apply = debounce(() => onChange(this.bounds), APPLY_AFTER_MS);
    this.from = this.slider("Doubt from");
    this.to = this.slider("Doubt to");
    this.bars = h("div", { class: "doubt-bars", role: "img" });
    this.ticks = h("div", { class: "doubt-ticks label-text muted num", "aria-hidden": "true" });
    this.said = h("output", { class: "num" });
    this.panel = h(
      "div",
      { class: "doubt-panel panel", popover: "auto", role: "dialog", "aria-label": "Doubt" },
      h("p", { class: "doubt-head" }, h("strong", null, "Doubt of drafts"), this.said),
      this.bars,
      h("div", { class: "doubt-sliders" }, h("div", { class: "doubt-track" }), this.from, this.to),
      this.ticks,
      h("p", { class: "label-text muted" }, `${EXPLAINED}. The bars count images.`),
      h(
        "div",
        { class: "doubt-presets" },
        this.preset("Doubtful quarter", () => [doubtfulQuarter(this.bins), this.end]),
        this.preset("Surest quarter", () => [0, surestQuarter(this.bins)]),
        this.preset("Any", () => [0, this.end]),
      ),
    );
    button.after(this.panel);
    button.addEventListener("click", () => this.panel.togglePopover({ source: button }));
    this.panel.addEventListener("toggle", (event) => this.onToggle(event));
  }

  /** Bins on the axis. */
  get end() {
    return axis(this.bins);
  }

  /** @param {string} label */
  slider(label) {
    const take = () => {
      const other = label === "Doubt from" ? this.to : this.from;
      // One slider pushes the other along, so that the range is never empty.
      if (Number(this.from.value) >= Number(this.to.value)) {
        const step = label === "Doubt from" ? 1 : -1;
        other.value = String(Number(input.value) + step);
        if (Number(this.from.value) >= Number(this.to.value)) {
          input.value = String(Number(other.value) - step);
        }
      }
      this.choose(Number(this.from.value), Number(this.to.value));
    };
    const input = h("input", { type: "range", min: "0", step: "1", oninput: take });
    input.setAttribute("aria-label", label);
    return input;
  }

  /**
   * @param {string} text
   * @param {() => [number, number]} range
   */
  preset(text, range) {
    const run = () => this.choose(...range());
    return h("button", { class: "btn btn-sm", type: "button", onclick: run }, text);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  choose(from, to) {
    this.bounds = boundsOf(from, to, this.end, this.bins.length);
    this.draw();
    this.apply();
  }

  /** @param {Bounds} bounds as the gallery is filtered now */
  show(bounds) {
    this.bounds = bounds;
    this.draw();
  }

  /** @param {number[]} bins */
  setBins(bins) {
    this.bins = bins;
    this.draw();
  }

  draw() {
    const any = this.bounds.min === "" && this.bounds.max === "";
    this.button.replaceChildren(boundsText(this.bounds));
    this.button.classList.toggle("filtered", !any);
    const drafts = inside(this.bins, 0, this.bins.length);
    this.button.disabled = drafts === 0 && any;
    if (!this.panel.matches(":popover-open")) return;
    const { bins, end } = this;
    const [from, to] = binsOf(this.bounds, end, bins.length);
    const highest = Math.max(1, ...bins);
    this.bars.replaceChildren(
      ...bins.slice(0, end).map((number, at) => bar(number / highest, at >= from && at < to)),
    );
    for (const slider of [this.from, this.to]) slider.max = String(end);
    this.from.value = String(from);
    this.to.value = String(to);
    const edge = (/** @type {number} */ bin) => `${Math.round((bin / bins.length) * 100)} %`;
    this.from.ariaValueText = edge(from);
    this.to.ariaValueText = edge(to);
    this.panel.style.setProperty("--from", `${(from / end) * 100}%`);
    this.panel.style.setProperty("--to", `${(to / end) * 100}%`);
    this.ticks.replaceChildren(h("span", null, "0 %"), h("span", null, edge(end)));
    const fitting = plural(inside(bins, from, to), "image");
    this.said.textContent = `${edge(from).replace(" %", "")}–${edge(to)} · ${fitting}`;
    this.bars.setAttribute("aria-label", `Histogram of ${plural(drafts, "draft")}`);
  }

  /** @param {Event} event */
  onToggle(event) {
    const open = /** @type {ToggleEvent} */ (event).newState === "open";
    this.button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    this.draw();
    const at = this.button.getBoundingClientRect();
    const right = document.documentElement.clientWidth - this.panel.offsetWidth - 8;
    this.panel.style.left = `${Math.max(8, Math.min(at.left, right))}px`;
    this.panel.style.top = `${at.bottom + 4}px`;
    this.from.focus();
  }
}

/**
 * @param {number} share of the highest bar
 * @param {boolean} chosen
 */
function bar(share, chosen) {
  const element = h("span", { class: chosen ? "doubt-bar chosen" : "doubt-bar" });
  element.style.height = `${share * 100}%`;
  return element;
}
