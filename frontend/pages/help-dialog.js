/**
 * The list of a page's shortcuts.
 */
import { h, icon } from "../lib/dom.js";

/** @param {string[][]} rows what it does, and its keys */
export function showHelp(rows) {
  const close = () => dialog.close();
  const list = rows.map(([name = "", keys = ""]) =>
    h(
      "div",
      { class: "help-row" },
      h("dt", null, name),
      h("dd", null, ...keys.split(" ").map((key) => h("kbd", { class: "kbd" }, key))),
    ),
  );
  const dialog = h(
    "dialog",
    { class: "dialog panel", "aria-labelledby": "help-title", onclose: () => dialog.remove() },
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: "help-title" }, "Keyboard shortcuts"),
      h(
        "button",
        { class: "icon-btn", type: "button", "aria-label": "Close", onclick: close },
        icon("x"),
      ),
    ),
    h("dl", { class: "help-list" }, ...list),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });
  document.body.append(dialog);
  dialog.showModal();
}
