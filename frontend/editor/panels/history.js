/** Revisions of the image: look at one, restore one. */

import { $, h, icon } from "../../lib/dom.js";
import { ago, plural } from "../../lib/format.js";
import { toast, toastError } from "../../lib/toast.js";
import { Layer } from "../mask.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../types.js").Revision} Revision */

/** @type {Record<string, [string, string]>} icon and words */
const KINDS = {
  human: ["user", "Painted"],
  model: ["sparkles", "Drafted"],
  import: ["upload", "Imported"],
  merge: ["git-merge", "Merged"],
};

/** @param {App} app */
export function initHistory(app) {
  const list = $("#revisions");
  /** @type {string | null} */
  let cursor = null;
  const load = async (/** @type {boolean} */ more) => {
    list.setAttribute("aria-busy", "true");
    try {
      const page = await app.remote.revisions(more ? cursor : null);
      cursor = page.next_cursor;
      const entries = page.items.map((revision) => entry(app, revision));
      if (more) list.append(...entries);
      else list.replaceChildren(...entries);
      $("#revisions-empty").hidden = list.children.length > 0;
      $("#revisions-more").hidden = cursor === null;
    } catch (error) {
      toastError(error);
    }
    list.removeAttribute("aria-busy");
  };
  const refresh = () => {
    if (app.state.panels.history) load(false);
  };
  $("#revisions-more").addEventListener("click", () => load(true));
  app.store.watch((s) => [s.panels.history], refresh);
  app.addEventListener("saved", refresh);
  app.addEventListener("look", (event) => {
    look(app, /** @type {CustomEvent} */ (event).detail);
  });
  app.store.watch(
    (s) => [s.looking],
    ({ looking }) => {
      $("#looking").hidden = looking === null;
      $("#looking-text").textContent = `You are looking at revision ${looking}.`;
      for (const item of list.children) {
        const shown = /** @type {HTMLElement} */ (item).dataset.revision === String(looking);
        item.toggleAttribute("data-shown", shown);
      }
    },
  );
  $("#looking-back").addEventListener("click", () => look(app, null));
  $("#looking-restore").addEventListener("click", () => {
    const { looking } = app.state;
    if (looking !== null) restore(app, looking);
  });
}

/**
 * @param {App} app
 * @param {Revision} revision
 */
function entry(app, { id, kind, author, created_at: at, changed_tiles: tiles, message }) {
  const [iconName, words] = KINDS[kind] ?? ["circle-dot", kind];
  return h(
    "li",
    { class: "ed-revision", dataset: { revision: String(id), testid: `revision-${id}` } },
    icon(iconName),
    h(
      "button",
      {
        class: "ed-revision-look",
        type: "button",
        dataset: { tooltip: "Look at this revision" },
        onclick: () => look(app, id),
      },
      h(
        "span",
        { class: "truncate" },
        message || `${words} by ${author.name === "local" ? "you" : author.name}`,
      ),
      h("span", { class: "muted label-text num" }, `${ago(at)} · ${plural(tiles, "tile")}`),
    ),
    h(
      "button",
      {
        class: "icon-btn icon-btn-sm",
        type: "button",
        "aria-label": `Restore revision ${id}`,
        dataset: { tooltip: "Restore this revision" },
        onclick: () => restore(app, id),
      },
      icon("rotate-ccw"),
    ),
  );
}

/**
 * @param {App} app
 * @param {number | null} revision null: back to the head
 */
async function look(app, revision) {
  if (revision === null) app.looked = null;
  else {
    const layer = new Layer(app.document.width, app.document.height, 255);
    try {
      for (const [tile, pixels] of await app.fetchTiles(revision)) layer.writeTile(tile, pixels);
    } catch (error) {
      toastError(error);
      return;
    }
    app.document.end();
    app.looked = layer;
  }
  app.renderer.touchAll("head");
  app.dispatch({ type: "looking", revision });
}

/**
 * Restoring is a step: the server keeps the history, and undo works here.
 * @param {App} app
 * @param {number} revision
 */
async function restore(app, revision) {
  try {
    await app.saver.flush();
    if (app.saver.pending) {
      toast("Restoring waits until your strokes are saved.", { kind: "error" });
      return;
    }
    const made = await app.remote.restore(revision);
    const tiles = await app.fetchTiles(made.id);
    await look(app, null);
    const patches = app.document.adopt("head", tiles);
    app.saver.tracks.head.base = made.id;
    if (patches.length > 0) app.history.push({ title: "Restore", patches });
    app.changed();
    app.tell("saved", { ref: "head" });
    toast(`Revision ${revision} is back.`, {
      kind: "ok",
      action: { label: "Undo", run: () => app.step("undo") },
    });
  } catch (error) {
    toastError(error);
  }
}
