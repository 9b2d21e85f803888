/**
 * One image in the gallery: thumbnail, name, status, and a box to select it.
 */
import { h, icon } from "../lib/dom.js";
import { STATUS_NAME } from "../lib/format.js";
import { doubtText, EXPLAINED } from "./doubt.js";
import { thumbnailUrl } from "./thumbnail.js";

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */

/**
 * What a card shows now, so that scrolling past hundreds touches only those that changed.
 * @type {WeakMap<HTMLElement, string>}
 */
const LOOKS = new WeakMap();

/** @param {Event} event the picture came, or could not */
function onPicture({ type, target }) {
  const box = /** @type {HTMLElement} */ (target).parentElement;
  box?.classList.toggle("no-picture", type === "error");
}

export function createCard() {
  return h(
    "div",
    { class: "card", role: "listitem" },
    h(
      "a",
      { class: "card-link", draggable: false },
      h(
        "span",
        { class: "card-picture" },
        h("img", {
          alt: "",
          decoding: "async",
          draggable: false,
          onload: onPicture,
          onerror: onPicture,
        }),
        icon("image", "card-blank"),
        h(
          "span",
          { class: "card-doubt num" },
          h("span", { class: "doubt-meter" }),
          h("span", { class: "card-doubt-text" }),
        ),
      ),
      h(
        "span",
        { class: "card-caption" },
        h("span", { class: "card-name truncate" }),
        h("span", { class: "badge" }),
      ),
    ),
    h("label", { class: "card-select" }, h("input", { type: "checkbox", tabIndex: -1 })),
  );
}

/**
 * Near 4:3 a picture fills its box, at the price of a tenth at the edges; others are shown whole.
 * @param {ImageInfo} image
 */
function fillsBox({ width, height }) {
  const ratio = width / height;
  return ratio > 1.2 && ratio < 1.52;
}

/**
 * @param {HTMLElement} card
 * @param {ImageInfo} image
 * @param {{overlay: boolean, selected: boolean, current: boolean}} state
 */
export function updateCard(card, image, { overlay, selected, current }) {
  const source = thumbnailUrl(image, overlay);
  const look = [source, image.status, image.uncertainty, location.search, selected, current].join();
  if (LOOKS.get(card) === look) return;
  LOOKS.set(card, look);
  const link = /** @type {HTMLAnchorElement} */ (card.querySelector("a"));
  const picture = /** @type {HTMLImageElement} */ (card.querySelector("img"));
  const badge = /** @type {HTMLElement} */ (card.querySelector(".badge"));
  const name = /** @type {HTMLElement} */ (card.querySelector(".card-name"));
  const box = /** @type {HTMLInputElement} */ (card.querySelector("input"));
  const status = STATUS_NAME[image.status] ?? image.status;
  card.dataset.id = String(image.id);
  link.href = `/images/${image.id}${location.search}`; // the editor goes on in the same list
  link.tabIndex = current ? 0 : -1;
  const doubt = showDoubt(card, image.uncertainty);
  link.setAttribute("aria-label", [image.name, status, doubt].filter(Boolean).join(", "));
  if (picture.getAttribute("src") !== source) picture.src = source;
  picture.parentElement?.classList.toggle("cover-fit", fillsBox(image));
  name.textContent = image.name;
  name.title = `${image.name}, ${image.width} × ${image.height}`;
  badge.className = `badge badge-${image.status}`;
  badge.textContent = status;
  box.checked = selected;
  box.setAttribute("aria-label", `Select ${image.name}`);
  card.classList.toggle("selected", selected);
}

/**
 * A small meter on the picture; hidden where there is no draft to doubt.
 * @param {HTMLElement} card
 * @param {number | null} uncertainty 0 to 1
 */
function showDoubt(card, uncertainty) {
  const chip = /** @type {HTMLElement} */ (card.querySelector(".card-doubt"));
  const text = /** @type {HTMLElement} */ (card.querySelector(".card-doubt-text"));
  chip.hidden = uncertainty === null;
  if (uncertainty === null) return "";
  const said = doubtText(uncertainty);
  chip.style.setProperty("--doubt", `${uncertainty * 100}%`);
  chip.dataset.tooltip = `Doubt ${said}. ${EXPLAINED}.`;
  text.textContent = said;
  return `doubt ${said}`;
}
