/** Buttons, toggles and sliders of the template, bound to commands and to the state. */

import { $, isTyping } from "../../lib/dom.js";
import { keymapOf } from "../commands.js";
import { keyOf, shownKey } from "../keys.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../commands.js").Command} Command */
/** @typedef {import("../types.js").State} State */

/**
 * Every `[data-command]` element runs its command, tells it in a tooltip, and shows its state.
 * @param {App} app
 * @param {Map<string, Command>} commands
 * @param {ParentNode} [root]
 */
export function bindButtons(app, commands, root = document) {
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (
    root.querySelectorAll("[data-command]")
  )) {
    const command = commands.get(button.dataset.command ?? "");
    if (!command) throw new Error(`no command ${button.dataset.command}`);
    const { title, keys, active, enabled } = command;
    button.dataset.tooltip ??= title;
    if (keys[0]) button.dataset.shortcut = shownKey(keys[0]);
    if (!button.hasAttribute("aria-label") && !button.textContent?.trim()) {
      button.setAttribute("aria-label", title);
    }
    button.addEventListener("click", () => command.run(app));
    if (active) {
      app.store.watch(
        (s) => [active(s)],
        (s) => button.setAttribute("aria-pressed", String(active(s))),
      );
    }
    if (enabled) {
      app.store.watch(
        (s) => [enabled(s)],
        (s) => {
          button.disabled = !enabled(s);
        },
      );
    }
  }
}

/**
 * @param {App} app
 * @param {Map<string, Command>} commands
 * @param {import("../pointer.js").PointerInput} pointer
 */
export function bindKeys(app, commands, pointer) {
  const keymap = keymapOf(commands.values());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Control") pointer.control = true;
    if (takesKey(event)) return;
    if (event.key === " " && !isButton(event.target)) {
      pointer.space = true;
      event.preventDefault();
      app.tell("cursor");
      return;
    }
    const key = keyOf(event);
    const command = keymap.get(key);
    const ownKey = isButton(event.target) && (key === "Enter" || key === " ");
    if (!command || ownKey || (command.enabled && !command.enabled(app.state))) return;
    event.preventDefault();
    command.run(app);
    app.frame.ask();
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === "Control") pointer.control = false;
    if (event.key === " ") pointer.space = false;
    app.tell("cursor");
  });
  window.addEventListener("blur", () => {
    pointer.space = false;
    pointer.control = false;
  });
}

/**
 * A text field takes every key; a slider only those that move it, so that B is the brush still.
 * @param {KeyboardEvent} event
 */
function takesKey(event) {
  const slider = event.target instanceof HTMLInputElement && event.target.type === "range";
  return slider ? /^(Arrow|Home|End|Page)/.test(event.key) : isTyping(event);
}

/** @param {EventTarget | null} target */
function isButton(target) {
  return (
    target instanceof Element && target.closest("button, summary, a, [role=menuitem]") !== null
  );
}

/**
 * Ties a range input and the text beside it to a number in the state.
 * @param {App} app
 * @param {string} id
 * @param {(s: State) => number} read
 * @param {(value: number) => import("../types.js").Action} write
 * @param {(value: number) => string} text
 */
export function bindRange(app, id, read, write, text) {
  const input = /** @type {HTMLInputElement} */ ($(`#${id}`));
  const output = document.querySelector(`output[for="${id}"]`);
  input.addEventListener("input", () => app.dispatch(write(input.valueAsNumber)));
  // The picture takes the keys again once the slider is let go.
  input.addEventListener("pointerup", () => input.blur());
  app.store.watch(
    (s) => [read(s)],
    (s) => {
      input.value = String(read(s));
      input.setAttribute("aria-valuetext", text(read(s)));
      if (output) output.textContent = text(read(s));
    },
  );
}

/** @param {App} app */
export function bindPanels(app) {
  for (const panel of /** @type {NodeListOf<HTMLDetailsElement>} */ (
    document.querySelectorAll("details[data-panel]")
  )) {
    const name = panel.dataset.panel ?? "";
    app.store.watch(
      (s) => [s.panels[name]],
      (s) => {
        panel.open = s.panels[name] ?? false;
      },
    );
    panel.addEventListener("toggle", () => {
      if (panel.open !== app.state.panels[name]) {
        app.dispatch({ type: "panel", panel: name, open: panel.open });
      }
    });
  }
  app.store.watch(
    (s) => [s.panels.side],
    (s) => {
      document.body.classList.toggle("ed-side-closed", !s.panels.side);
    },
  );
}
