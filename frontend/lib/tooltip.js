/**
 * One tooltip for every `[data-tooltip]` control, with its shortcut from `data-shortcut`.
 */
import { h } from "./dom.js";

const DELAY_MS = 400;
const GAP = 6;

/** @type {HTMLElement | null} */
let bubble = null;
let timer = 0;

/** @param {Event} event */
function ownerOf(event) {
  const target = event.target instanceof Element ? event.target : null;
  return target?.closest("[data-tooltip]") ?? null;
}

/** @param {Element} owner */
function show(owner) {
  hide();
  if (!(owner instanceof HTMLElement) || !owner.isConnected) return;
  const { tooltip, shortcut } = owner.dataset;
  if (!tooltip) return;
  bubble = h(
    "div",
    { class: "tooltip", role: "tooltip" },
    h("span", null, tooltip),
    shortcut ? h("kbd", { class: "kbd" }, shortcut) : null,
  );
  document.body.append(bubble);
  place(owner.getBoundingClientRect(), bubble);
}

/**
 * Below the control, or above it where there is no room.
 * @param {DOMRect} at
 * @param {HTMLElement} tip
 */
function place(at, tip) {
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(
    Math.max(8, at.left + at.width / 2 - width / 2),
    document.documentElement.clientWidth - width - 8,
  );
  const below = at.bottom + GAP;
  const top = below + height > window.innerHeight - 4 ? at.top - GAP - height : below;
  tip.style.left = `${left}px`;
  tip.style.top = `${top}px`;
}

function hide() {
  clearTimeout(timer);
  bubble?.remove();
  bubble = null;
}

export function initTooltips() {
  document.addEventListener("pointerover", (event) => {
    const owner = ownerOf(event);
    clearTimeout(timer);
    if (!owner) return hide();
    timer = window.setTimeout(() => show(owner), DELAY_MS);
  });
  document.addEventListener("focusin", (event) => {
    const owner = ownerOf(event);
    if (owner?.matches(":focus-visible") && !owner.matches("input, select")) show(owner);
    else hide();
  });
  for (const type of ["focusout", "pointerdown", "keydown", "scroll"]) {
    document.addEventListener(type, hide, { capture: true, passive: true });
  }
}
