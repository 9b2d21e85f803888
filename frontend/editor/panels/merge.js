/** The choice after a conflict: both versions of each clashing tile, side by side. */

import { $, h, icon } from "../../lib/dom.js";
import { toast, toastError } from "../../lib/toast.js";
import { TILE } from "../codec.js";
import { chosenTile, clashes, fetchConflict, settle } from "../conflict.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../conflict.js").Choice} Choice */
/** @typedef {import("../conflict.js").Conflict} Conflict */
/** @typedef {import("../types.js").SavedRef} SavedRef */

const CHOICES = /** @type {const} */ ([
  ["both", "Both", "My pixels over theirs"],
  ["mine", "Mine", "As it is on my screen"],
  ["theirs", "Theirs", "As it was saved meanwhile"],
]);

/** @param {App} app */
export function initMerge(app) {
  /** @type {{ref: SavedRef, base: number} | null} */
  let waiting = null;
  app.addEventListener("conflict", (event) => {
    const told = /** @type {{ref: SavedRef, base: number}} */ (
      /** @type {CustomEvent} */ (event).detail
    );
    if (told.ref === "proposal") {
      takeNewDraft(app, told.base).catch(toastError);
      return;
    }
    waiting = told;
    $("#conflict").hidden = false;
  });
  const open = async () => {
    if (!waiting || document.querySelector("dialog[open]")) return;
    try {
      const conflict = await fetchConflict(app.remote, app.document, waiting.ref, waiting.base);
      showMerge(app, conflict, () => {
        waiting = null;
        $("#conflict").hidden = true;
      });
    } catch (error) {
      toastError(error);
    }
  };
  app.addEventListener("merge", open);
  $("#conflict-open").addEventListener("click", open);
}

/**
 * @param {App} app
 * @param {Conflict} conflict
 * @param {(tile: number) => Choice} choose
 */
async function resolve(app, conflict, choose) {
  await app.penUp();
  const { ref, revision } = conflict;
  const { dirty } = app.saver.tracks[ref];
  const { step, tiles, journaled } = settle(app.document, conflict, dirty, choose);
  if (step.patches.length > 0) app.history.push(step);
  app.changed();
  await app.saver.rebase(ref, revision, tiles, journaled);
}

/**
 * The image was drafted anew meanwhile. No person's work clashes with that, so nobody is asked:
 * the new draft comes in, and what was rejected here stays rejected.
 * @param {App} app
 * @param {number} base
 */
async function takeNewDraft(app, base) {
  const conflict = await fetchConflict(app.remote, app.document, "proposal", base);
  /** @type {Map<number, Uint8Array>} */
  const confidence = new Map();
  await app.remote.mask(conflict.revision, ["confidence"], (_layer, index, pixels) => {
    confidence.set(index, Uint8Array.from(pixels));
  });
  app.document.adopt("confidence", confidence);
  await resolve(app, conflict, () => "both");
  toast("This image was drafted anew meanwhile. Your decisions stay.");
}

/**
 * @param {App} app
 * @param {Conflict} conflict
 * @param {() => void} settled
 */
function showMerge(app, conflict, settled) {
  const { dirty } = app.saver.tracks[conflict.ref];
  const tiles = clashes(conflict, dirty);
  /** @type {Map<number, Choice>} */
  const choices = new Map(tiles.map((tile) => [tile, "both"]));
  const rows = tiles.map((tile) => tileRow(app, conflict, tile, choices));
  const apply = async () => {
    dialog.close();
    await resolve(app, conflict, (tile) => choices.get(tile) ?? "both");
    settled();
    toast("Put together. What you didn't choose is in the history and behind undo.", {
      kind: "ok",
    });
  };
  const all = CHOICES.map(([choice, name]) =>
    h(
      "button",
      {
        class: "btn btn-sm",
        type: "button",
        dataset: { testid: `merge-all-${choice}` },
        onclick: () => {
          for (const radio of dialog.querySelectorAll("input")) {
            if (radio.value === choice && !radio.checked) radio.click();
          }
        },
      },
      `All: ${name.toLowerCase()}`,
    ),
  );
  const dialog = h(
    "dialog",
    {
      class: "panel ed-merge",
      "aria-labelledby": "merge-title",
      dataset: { testid: "merge-view" },
    },
    h(
      "div",
      { class: "ed-dialog-head" },
      h("h2", { id: "merge-title" }, "Someone else changed the same places"),
      h(
        "button",
        { class: "icon-btn", type: "button", "aria-label": "Later", onclick: () => dialog.close() },
        icon("x"),
      ),
    ),
    h(
      "p",
      { class: "muted" },
      "Nothing is lost: choose what goes on. What you leave out stays in the history.",
    ),
    h("div", { class: "ed-merge-all" }, ...all),
    h("div", { class: "ed-merge-rows" }, ...rows),
    h(
      "div",
      { class: "ed-dialog-actions" },
      h("button", { class: "btn", type: "button", onclick: () => dialog.close() }, "Later"),
      h(
        "button",
        {
          class: "btn btn-primary",
          type: "button",
          dataset: { testid: "merge-apply" },
          onclick: apply,
        },
        "Put together",
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {App} app
 * @param {Conflict} conflict
 * @param {number} tile
 * @param {Map<number, Choice>} choices
 */
function tileRow(app, conflict, tile, choices) {
  const mine = app.document.ensure(conflict.ref);
  const { x, y } = mine.tileRect(tile);
  return h(
    "fieldset",
    { class: "ed-merge-row", dataset: { testid: `merge-tile-${tile}` } },
    h("legend", { class: "label-text muted num" }, `At ${x}, ${y}`),
    ...CHOICES.map(([choice, name, words]) =>
      h(
        "label",
        { class: "ed-merge-choice", dataset: { tooltip: words } },
        thumbnail(app, mine.tileRect(tile), chosenTile(choice, conflict, mine, tile)),
        h(
          "span",
          null,
          h("input", {
            type: "radio",
            name: `merge-${tile}`,
            value: choice,
            checked: choices.get(tile) === choice,
            onchange: () => choices.set(tile, choice),
          }),
          ` ${name}`,
        ),
      ),
    ),
  );
}

/**
 * @param {App} app
 * @param {import("../types.js").Rect} rect
 * @param {Uint8Array} pixels 256 * 256
 */
function thumbnail(app, rect, pixels) {
  const canvas = h("canvas", { width: TILE, height: TILE, class: "ed-merge-picture" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const ink = context.createImageData(TILE, TILE);
  const colors = new Map(
    app.state.labels.map(({ index, color }) => [index, Number.parseInt(color.slice(1), 16)]),
  );
  for (let i = 0; i < pixels.length; i++) {
    const color = colors.get(pixels[i]);
    if (color === undefined) continue;
    ink.data.set([color >> 16, (color >> 8) & 255, color & 255, 150], i * 4);
  }
  const over = h("canvas", { width: TILE, height: TILE });
  over.getContext("2d")?.putImageData(ink, 0, 0);
  const { photo } = app.renderer;
  if (photo) {
    const { x, y, width, height } = rect;
    context.drawImage(photo, x, y, width, height, 0, 0, width, height);
  }
  context.drawImage(over, 0, 0);
  return canvas;
}
