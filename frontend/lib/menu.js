/**
 * A small menu under a button: arrows move, Enter chooses, Escape closes.
 */
import { h, icon } from "./dom.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {string} [icon] a Lucide name
 * @property {string} [statusDot] a status, shown as its dot
 * @property {() => void} run
 */

/**
 * @param {HTMLElement} button
 * @param {MenuItem[]} items
 */
export function openMenu(button, items) {
  const menu = h("div", { class: "menu panel", role: "menu", popover: "auto" });
  const close = () => menu.hidePopover();
  menu.append(...items.map((item) => entry(item, close)));
  menu.addEventListener("keydown", (event) => moveFocus(menu, event));
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement)) button.focus();
    menu.remove();
  });
  document.body.append(menu);
  menu.showPopover();
  place(button, menu);
  button.setAttribute("aria-expanded", "true");
  menu.querySelector("button")?.focus();
}

/**
 * @param {MenuItem} item
 * @param {() => void} close
 */
function entry(item, close) {
  const run = () => {
    close();
    item.run();
  };
  return h(
    "button",
    { class: "menu-item", type: "button", role: "menuitem", tabIndex: -1, onclick: run },
    item.statusDot ? h("span", { class: `dot status-${item.statusDot}` }) : null,
    item.icon ? icon(item.icon) : null,
    item.label,
  );
}

/**
 * @param {HTMLElement} menu
 * @param {KeyboardEvent} event
 */
function moveFocus(menu, event) {
  const entries = [...menu.querySelectorAll("button")];
  const at = entries.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (step === undefined) return;
  event.preventDefault();
  entries[(at + step + entries.length) % entries.length]?.focus();
}

/**
 * @param {HTMLElement} button
 * @param {HTMLElement} menu
 */
function place(button, menu) {
  const at = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const right = document.documentElement.clientWidth - width - 8;
  const below = at.bottom + 4;
  menu.style.left = `${Math.max(8, Math.min(at.left, right))}px`;
  menu.style.top = `${below + height > window.innerHeight ? at.top - 4 - height : below}px`;
}
