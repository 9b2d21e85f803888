/**
 * Small helpers over the DOM. Text always goes in as text nodes, so names need no escaping.
 */

const SPRITE = "/static/vendor/lucide/sprite.svg";

/** Where icons come from: the sprite's file, or this page once it was taken in. */
let sprite = SPRITE;

/**
 * Takes the sprite into the page, for pages that must still show new icons while offline.
 */
export async function inlineSprite() {
  const response = await fetch(SPRITE);
  const parsed = new DOMParser().parseFromString(await response.text(), "image/svg+xml");
  const svg = document.importNode(parsed.documentElement, true);
  svg.setAttribute("hidden", "");
  document.body.append(svg);
  sprite = "";
}

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * Creates an element. `on*` props are listeners, `class`, `dataset` and `aria-*` do what they say,
 * other props are set as properties where the element has them, else as attributes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any> | null} [props]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) setProp(element, key, value);
  element.append(...nodes(children));
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} key
 * @param {any} value
 */
function setProp(element, key, value) {
  if (value === undefined || value === null) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2).toLowerCase(), value);
  else if (key === "class") element.className = value;
  else if (key === "dataset") Object.assign(element.dataset, value);
  else if (key in element && !key.includes("-")) /** @type {any} */ (element)[key] = value;
  else element.setAttribute(key, String(value));
}

/**
 * @param {(Child | Child[])[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  return children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}

/**
 * A Lucide icon; decoration only, so the control beside it carries the name.
 * @param {string} name
 * @param {string} [extraClass]
 */
export function icon(name, extraClass = "") {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", `icon ${extraClass}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(ns, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * The one element that the page must have.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {T}
 */
export function $(selector, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`${selector} is not on this page`);
  return /** @type {T} */ (found);
}

/**
 * The JSON that the template left for the script.
 * @template T
 * @returns {T}
 */
export function bootstrap() {
  return JSON.parse($("#bootstrap").textContent ?? "null");
}

/**
 * Says something to screen readers without moving the focus.
 * @param {string} message
 */
export function announce(message) {
  $("#live").textContent = message;
}

/**
 * True while the key press belongs to a text field.
 * @param {Event} event
 */
export function isTyping(event) {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, dialog") !==
      null
  );
}

/**
 * Runs `action` once, `ms` after the last call.
 * @param {() => void} action
 * @param {number} ms
 */
export function debounce(action, ms) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(action, ms);
  };
}
