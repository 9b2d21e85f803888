/** What is going on: the save state, the point under the pointer, the zoom, errors. */

import { $, announce, icon } from "../../lib/dom.js";

/** @typedef {import("../app.js").App} App */

/** @type {Record<string, [string, string]>} icon and words */
const SAVE = {
  loading: ["loader-circle", "Opening…"],
  closed: ["cloud-off", "Not opened"],
  saving: ["cloud-upload", "Saving…"],
  saved: ["cloud-check", "Saved"],
  offline: ["cloud-off", "Offline, kept here"],
  conflict: ["git-merge", "Conflict"],
  error: ["triangle-alert", "Not saved"],
};

/** @type {Record<string, string>} */
const EXPLAINED = {
  saving: "Your strokes are on their way to the server.",
  saved: "Everything is on the server.",
  offline:
    "The server can't be reached. Your strokes are kept in this browser and sent as soon as it can.",
  conflict: "Someone else saved the same places. Click to put both together; nothing is lost.",
};

/** @param {App} app */
export function initStatusLine(app) {
  const save = $("#save-state");
  save.addEventListener("click", () => {
    if (app.state.save.state === "conflict") app.tell("merge");
    else app.saver.retry();
  });
  app.store.watch(
    (s) => [s.save],
    ({ save: { state, detail } }) => {
      if (save.dataset.state === state && save.dataset.detail === detail) return;
      const [iconName, words] = SAVE[state];
      save.dataset.state = state;
      save.dataset.detail = detail;
      save.dataset.tooltip = EXPLAINED[state] ?? detail;
      save.replaceChildren(icon(iconName), words);
      if (state !== "saving") announce(words);
      $("#refused").hidden = state !== "error";
      $("#refused-text").textContent =
        `${detail} Your strokes are kept in this browser; nothing is lost.`;
    },
  );
  $("#refused-retry").addEventListener("click", () => app.saver.retry());
  app.store.watch(
    (s) => [s.masksHidden],
    (s) => {
      $("#masks-hidden").hidden = !s.masksHidden;
    },
  );
  initZoom(app);
  initPosition(app);
}

/** @param {App} app */
function initZoom(app) {
  app.store.watch(
    (s) => [s.view.scale],
    ({ view }) => {
      const percent = view.scale * (window.devicePixelRatio || 1) * 100;
      $("#zoom").textContent = `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
    },
  );
}

/** @param {App} app */
function initPosition(app) {
  const names = new Map(app.state.labels.map(({ index, name }) => [index, name]));
  let last = "";
  app.addEventListener("drawn", () => {
    const at = app.overlay.pointer?.at;
    const [x, y] = [Math.floor(at?.x ?? -1), Math.floor(at?.y ?? -1)];
    const inside = x >= 0 && y >= 0 && x < app.document.width && y < app.document.height;
    const label = inside ? (names.get(app.labelAt(x, y)) ?? "void") : "";
    const text = inside
      ? `${x}, ${y} · ${label}`
      : `${app.document.width} × ${app.document.height}`;
    if (text === last) return;
    last = text;
    $("#position").textContent = text;
  });
}
