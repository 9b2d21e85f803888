/**
 * Stacked bars: how far a project is, and how its pixels are shared among the labels.
 */

import { h } from "./dom.js";
import { STATUSES } from "./format.js";

/**
 * @typedef {object} Segment
 * @property {string} name
 * @property {number} value
 * @property {string} text what the tooltip says
 * @property {string} [color]
 * @property {string} [className]
 */

/**
 * @param {HTMLElement} bar
 * @param {Segment[]} segments
 * @param {string} label
 */
export function stackBar(bar, segments, label) {
  const shown = segments.filter((segment) => segment.value > 0);
  bar.replaceChildren(
    ...shown.map((segment) => {
      const part = h("span", {
        class: `stack-part ${segment.className ?? ""}`,
        dataset: { tooltip: `${segment.name}: ${segment.text}` },
      });
      part.style.flexGrow = String(segment.value);
      if (segment.color) part.style.background = segment.color;
      return part;
    }),
  );
  bar.setAttribute("role", "img");
  const said = shown.map((segment) => `${segment.name} ${segment.text}`).join(", ");
  bar.setAttribute("aria-label", `${label}: ${said || "none yet"}`);
}

/**
 * Approved first, so that the bar fills from the left.
 * @param {HTMLElement} bar
 * @param {Partial<Record<string, number>>} byStatus
 */
export function statusBar(bar, byStatus) {
  const order = ["approved", "submitted", "in_progress", "rejected", "proposed", "new"];
  const names = Object.fromEntries(STATUSES);
  const segments = order.map((status) => ({
    name: names[/** @type {keyof typeof names} */ (status)] ?? status,
    value: byStatus[status] ?? 0,
    text: String(byStatus[status] ?? 0),
    className: `status-${status}`,
  }));
  stackBar(bar, segments, "Images by status");
}
