/**
 * What every page has: the theme switch, tooltips and single-key shortcuts.
 */
import { h, icon, isTyping } from "../lib/dom.js";
import { initTheme } from "../lib/theme.js";
import { initTooltips } from "../lib/tooltip.js";

initTheme();
initTooltips();

/**
 * Runs the action of a pressed key, unless it was typed into a field or with Ctrl, Alt or Meta.
 * @param {Record<string, (event: KeyboardEvent) => void>} keys by `event.key`, lower case
 */
export function shortcuts(keys) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || event.defaultPrevented) return;
    event.preventDefault();
    action(event);
  });
}

/**
 * @param {string} iconName
 * @param {string} title
 * @param {string} text
 * @param {...(Node | null)} actions
 */
export function emptyState(iconName, title, text, ...actions) {
  return h(
    "div",
    { class: "empty-state" },
    icon(iconName),
    h("h2", null, title),
    h("p", null, text),
    actions.length > 0 && h("div", { class: "empty-actions" }, ...actions),
  );
}

/**
 * The state of a list that could not be loaded.
 * @param {unknown} error
 * @param {() => void} retry
 */
export function errorState(error, retry) {
  const text = error instanceof Error ? error.message : String(error);
  const button = h("button", { class: "btn", type: "button", onclick: retry }, "Try again");
  return emptyState("cloud-off", "This could not be loaded", text, button);
}
