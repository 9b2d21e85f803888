/**
 * The filter of the gallery: its fields, and the address that keeps it.
 */
import { $, debounce, h, icon } from "../lib/dom.js";
import { STATUS_NAME } from "../lib/format.js";
import { asBound } from "./doubt.js";
import { DoubtFilter } from "./gallery-doubt.js";
import { ANY } from "./image-store.js";
import { emptyState } from "./shell.js";

/** @typedef {import("./image-store.js").Filter} Filter */

export class FilterFields {
  /**
   * @param {import("../lib/types.js").Label[]} labels
   * @param {(change: Partial<Filter>) => void} onChange
   */
  constructor(labels, onChange) {
    this.search = /** @type {HTMLInputElement} */ ($("#search"));
    this.label = /** @type {HTMLSelectElement} */ ($("#label-filter"));
    this.order = /** @type {HTMLSelectElement} */ ($("#order"));
    this.doubt = new DoubtFilter(/** @type {HTMLButtonElement} */ ($("#doubt")), ({ min, max }) =>
      onChange({ min_uncertainty: min, max_uncertainty: max }),
    );
    this.label.append(
      h("option", { value: "" }, "Any label"),
      ...labels.map((label) => h("option", { value: String(label.index) }, label.name)),
    );
    const searched = debounce(() => onChange({ q: this.search.value.trim() }), 200);
    this.search.addEventListener("input", searched);
    this.label.addEventListener("change", () => onChange({ label: this.label.value }));
    this.order.addEventListener("change", () => onChange({ order: this.order.value }));
  }

  /**
   * Shows the filter in the fields and in the address, so that "back" finds it again.
   * @param {Filter} filter
   */
  show(filter) {
    const query = new URLSearchParams(
      Object.entries(filter).filter(([key, value]) => value && !isDefault(key, value)),
    );
    history.replaceState(null, "", query.size > 0 ? `?${query}` : location.pathname);
    if (this.search.value.trim() !== filter.q) this.search.value = filter.q;
    this.label.value = filter.label;
    this.order.value = filter.order;
    this.doubt.show({ min: filter.min_uncertainty, max: filter.max_uncertainty });
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
function isDefault(key, value) {
  return ANY[/** @type {keyof Filter} */ (key)] === value;
}

/** @returns {Filter} */
export function filterFromAddress() {
  const query = new URLSearchParams(location.search);
  const value = (/** @type {keyof Filter} */ key) => query.get(key) || ANY[key];
  return {
    status: value("status"),
    label: value("label"),
    q: value("q"),
    min_uncertainty: asBound(query.get("min_uncertainty")),
    max_uncertainty: asBound(query.get("max_uncertainty")),
    order: value("order"),
  };
}

/**
 * Whether it leaves images out.
 * @param {Filter} filter
 */
export function narrows(filter) {
  return Object.entries(filter).some(([key, value]) => key !== "order" && value !== "");
}

/**
 * What stands in place of images: the first steps, or that none fits.
 * @param {Filter} filter
 * @param {{pick: () => void, clear: () => void}} actions
 */
export function nothing(filter, { pick, clear }) {
  if (!narrows(filter)) {
    return emptyState(
      "image-plus",
      "Add your first photographs",
      "Drop photographs or whole folders anywhere on this page, paste one, or choose files. JPEG, PNG, WebP, TIFF and BMP.",
      h(
        "button",
        { class: "btn btn-primary", type: "button", onclick: pick },
        icon("upload"),
        "Choose files",
      ),
    );
  }
  const { status } = filter;
  const name = (STATUS_NAME[status] ?? status).toLowerCase();
  return emptyState(
    "list-filter",
    status && !narrows({ ...filter, status: "" }) ? `No image is ${name}` : "No image fits",
    "Images appear here as soon as they fit the filter.",
    h("button", { class: "btn", type: "button", onclick: clear }, "Show all images"),
  );
}
