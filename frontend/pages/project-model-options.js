/**
 * How drafts are made: the fields, and what they cost.
 */
import { $, h } from "../lib/dom.js";

/**
 * @typedef {object} DraftOptions
 * @property {boolean | null} refine null leaves it to the model
 * @property {boolean} flips
 * @property {number[]} scales
 * @property {"auto" | "whole" | "tiles"} detail
 */

const REFINE = /** @type {const} */ ({ model: null, on: true, off: false });
const SCALES = [[1], [0.75, 1, 1.25], [0.5, 0.75, 1, 1.25, 1.5]];

export class OptionFields {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.refine = /** @type {HTMLSelectElement} */ ($("#refine"));
    this.detail = /** @type {HTMLSelectElement} */ ($("#detail"));
    this.scales = /** @type {HTMLSelectElement} */ ($("#scales"));
    this.flips = /** @type {HTMLInputElement} */ ($("#flips"));
    for (const field of [this.refine, this.detail, this.scales, this.flips])
      field.addEventListener("change", () => {
        this.showCost();
        onChange();
      });
  }

  /** @param {DraftOptions} options */
  set(options) {
    this.refine.value = options.refine === null ? "model" : options.refine ? "on" : "off";
    this.detail.value = options.detail;
    this.flips.checked = options.flips;
    const own = options.scales.join(", ");
    const known = SCALES.map((scales) => scales.join(", "));
    const all = known.includes(own) ? known : [...known, own];
    this.scales.replaceChildren(
      ...all.map((value) => h("option", { value }, value === "1" ? "One, as it is" : value)),
    );
    this.scales.value = own;
    this.showCost();
  }

  /** @returns {DraftOptions} */
  get() {
    return {
      refine: REFINE[/** @type {keyof typeof REFINE} */ (this.refine.value)],
      flips: this.flips.checked,
      scales: this.scales.value.split(", ").map(Number),
      detail: /** @type {DraftOptions["detail"]} */ (this.detail.value),
    };
  }

  showCost() {
    const { flips, scales } = this.get();
    // Work grows with the area that a view covers.
    const area = scales.reduce((sum, scale) => sum + scale * scale, 0) * (flips ? 2 : 1);
    $("#cost").textContent =
      area === 1
        ? "One look at each image: as fast as measured."
        : `A draft takes about ${area < 10 ? area.toFixed(1).replace(/\.0$/, "") : Math.round(area)} times as long as a plain one.`;
  }
}

/**
 * @param {DraftOptions} a
 * @param {DraftOptions} b
 */
export function sameOptions(a, b) {
  const plain = (/** @type {DraftOptions} */ { refine, flips, scales, detail }) =>
    JSON.stringify([refine, flips, scales, detail]);
  return plain(a) === plain(b);
}
