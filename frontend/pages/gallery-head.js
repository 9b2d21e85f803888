/**
 * The head of the gallery: progress, share of pixels per label, tabs by status.
 */
import { stackBar, statusBar } from "../lib/bars.js";
import { $, h } from "../lib/dom.js";
import { count, percent, plural, STATUSES } from "../lib/format.js";

/** @typedef {import("../lib/types.js").Label} Label */
/** @typedef {import("../lib/types.js").Stats} Stats */

const LEGEND = 6;

/** @param {Stats} stats */
export function showProgress(stats) {
  const approved = stats.by_status.approved ?? 0;
  statusBar($("#progress-bar"), stats.by_status);
  $("#progress-text").textContent =
    stats.images > 0
      ? `${count(approved)} of ${plural(stats.images, "image")} approved`
      : "No images yet";
}

/**
 * @param {Stats} stats
 * @param {Label[]} labels
 */
export function showShares(stats, labels) {
  const shares = labels
    .map((label) => ({ label, share: stats.label_share[label.index] ?? 0 }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
  const segments = shares.map(({ label, share }) => ({
    name: label.name,
    value: share,
    text: percent(share),
    color: label.color,
  }));
  const none = {
    name: "Void",
    value: stats.void_share,
    text: percent(stats.void_share),
    className: "stack-void",
  };
  stackBar($("#share-bar"), [...segments, none], "Share of pixels per label");
  $("#share-text").textContent =
    stats.labelled_images > 0
      ? `${plural(stats.labelled_images, "image")} with a mask, ${percent(stats.void_share)} void`
      : "No masks yet";
  const rest = shares.length - LEGEND;
  $("#share-legend").replaceChildren(
    ...shares.slice(0, LEGEND).map(({ label, share }) => legendEntry(label, share)),
    ...(rest > 0 ? [h("li", { class: "muted" }, `and ${rest} more`)] : []),
  );
}

/**
 * @param {Label} label
 * @param {number} share
 */
function legendEntry(label, share) {
  const swatch = h("span", { class: "swatch" });
  swatch.style.background = label.color;
  return h(
    "li",
    { class: "share-entry" },
    swatch,
    label.name,
    h("span", { class: "muted num" }, percent(share)),
  );
}

/**
 * @param {Stats | null} stats null until they are known; the tabs keep their places
 * @param {string} current
 * @param {(status: string) => void} choose
 */
export function showTabs(stats, current, choose) {
  const tabs = [["", "All"], ...STATUSES].map(([status = "", name = ""]) => {
    const number = status
      ? (stats?.by_status[/** @type {keyof Stats["by_status"]} */ (status)] ?? 0)
      : (stats?.images ?? 0);
    return h(
      "button",
      {
        class: "tab",
        type: "button",
        "aria-pressed": String(status === current),
        dataset: { status },
        onclick: () => choose(status),
      },
      status && h("span", { class: `dot status-${status}` }),
      name,
      h("span", { class: "tab-count num" }, stats ? count(number) : ""),
    );
  });
  const focused =
    document.activeElement instanceof HTMLElement ? document.activeElement.dataset.status : null;
  const root = $("#tabs");
  const hadFocus = root.contains(document.activeElement);
  root.replaceChildren(...tabs);
  if (hadFocus) tabs.find((tab) => tab.dataset.status === focused)?.focus();
}
