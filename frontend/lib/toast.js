/**
 * Short messages at the bottom of the window, with at most one action (usually undo).
 */
import { h, icon } from "./dom.js";

const ICONS = { info: "info", ok: "circle-check", error: "circle-alert" };

/**
 * @typedef {object} ToastOptions
 * @property {"info" | "ok" | "error"} [kind]
 * @property {{label: string, run: () => void}} [action]
 * @property {number} [ms] how long it stays; 0 = until closed
 */

/** The region must be in the page before a message is put in, or it isn't read out. */
function region() {
  const found = document.querySelector(".toasts");
  if (found) return found;
  const made = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
  document.body.append(made);
  return made;
}

/**
 * @param {string} message
 * @param {ToastOptions} [options]
 * @returns {() => void} closes it
 */
export function toast(message, { kind = "info", action, ms } = {}) {
  const stay = ms ?? (kind === "error" ? 10000 : action ? 8000 : 4000);
  const close = () => element.remove();
  const element = h(
    "div",
    { class: `toast toast-${kind}` },
    icon(ICONS[kind]),
    h("span", null, message),
    action &&
      h(
        "button",
        {
          class: "btn btn-ghost btn-sm",
          type: "button",
          onclick: () => {
            close();
            action.run();
          },
        },
        action.label,
      ),
    h(
      "button",
      { class: "icon-btn icon-btn-sm", type: "button", "aria-label": "Close", onclick: close },
      icon("x"),
    ),
  );
  region().append(element);
  if (stay > 0) closeLater(element, close, stay);
  return close;
}

/**
 * Doesn't close under the pointer or the focus: an undo must stay reachable.
 * @param {HTMLElement} element
 * @param {() => void} close
 * @param {number} ms
 */
function closeLater(element, close, ms) {
  const tick = () => {
    if (element.matches(":hover, :focus-within")) setTimeout(tick, 1000);
    else close();
  };
  setTimeout(tick, ms);
}

/**
 * The sentence of whatever was thrown.
 * @param {unknown} error
 */
export function toastError(error) {
  toast(error instanceof Error ? error.message : String(error), { kind: "error" });
}
