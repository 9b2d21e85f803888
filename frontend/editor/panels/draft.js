/** The draft's panel: how sure the model must be, and whether it may replace labels. */

import { $ } from "../../lib/dom.js";
import { bindRange } from "./controls.js";

/** @typedef {import("../app.js").App} App */

/** @param {App} app */
export function initDraft(app) {
  bindRange(
    app,
    "threshold",
    (s) => s.draft.threshold,
    (threshold) => ({ type: "draft", draft: { threshold } }),
    (value) => `${Math.round((value / 255) * 100)} %`,
  );
  app.store.watch(
    (s) => [s.draft.exists],
    ({ draft }) => {
      $("#draft-none").hidden = draft.exists;
      $("#draft-some").hidden = !draft.exists;
    },
  );
  app.store.watch(
    (s) => [s.draft.startedAt],
    () => showProgress(app),
  );
  const over = /** @type {HTMLSelectElement} */ ($("#draft-over"));
  over.addEventListener("change", () => {
    app.dispatch({ type: "draft", draft: { over: over.value === "all" ? "all" : "void" } });
    over.blur();
  });
  app.store.watch(
    (s) => [s.draft.over],
    (s) => {
      over.value = s.draft.over;
    },
  );
}

/**
 * Nobody knows how long a model takes, so the time that passed is shown.
 * @param {App} app
 */
function showProgress(app) {
  const { startedAt } = app.state.draft;
  const running = startedAt !== null;
  for (const button of document.querySelectorAll('[data-command="draft"]')) {
    button.toggleAttribute("data-busy", running);
    button.setAttribute("aria-busy", String(running));
    const text = button.querySelector("[data-draft-text]");
    const seconds = running ? Math.floor((Date.now() - startedAt) / 1000) : 0;
    if (text) text.textContent = running ? `Drafting… ${seconds ? `${seconds} s` : ""}` : "Draft";
  }
  if (running) setTimeout(() => showProgress(app), 1000);
}
