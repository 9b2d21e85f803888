/**
 * What can be done with selected images: status, draft, trash.
 */
import { ApiError, api } from "../lib/api.js";
import { h, icon } from "../lib/dom.js";
import { plural, STATUS_NAME } from "../lib/format.js";
import { openMenu } from "../lib/menu.js";
import { toast, toastError } from "../lib/toast.js";

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */

const BY_HAND = ["in_progress", "submitted", "approved", "rejected"];

/**
 * @typedef {object} BarActions
 * @property {() => number[]} ids
 * @property {() => void} clear
 * @property {() => void} draft
 * @property {() => void} trash
 * @property {(status: string) => void} setStatus
 */

/**
 * @param {HTMLElement} bar
 * @param {number} size
 * @param {BarActions} actions
 */
export function showSelectionBar(bar, size, actions) {
  bar.hidden = size === 0;
  if (size === 0) return;
  const status = h(
    "button",
    {
      class: "btn btn-ghost",
      type: "button",
      "aria-haspopup": "menu",
      onclick: () => openMenu(status, statusItems(actions)),
    },
    icon("circle-dot"),
    "Set status",
  );
  bar.replaceChildren(
    h("span", { class: "selection-count num" }, `${plural(size, "image")} selected`),
    status,
    h(
      "button",
      { class: "btn btn-ghost", type: "button", onclick: actions.draft },
      icon("sparkles"),
      "Draft",
    ),
    h(
      "button",
      {
        class: "btn btn-ghost",
        type: "button",
        onclick: actions.trash,
        dataset: { tooltip: "Move to trash", shortcut: "Del" },
      },
      icon("trash-2"),
      "Trash",
    ),
    h(
      "button",
      {
        class: "icon-btn",
        type: "button",
        "aria-label": "Clear the selection",
        onclick: actions.clear,
        dataset: { tooltip: "Clear the selection", shortcut: "Esc" },
      },
      icon("x"),
    ),
  );
}

/** @param {BarActions} actions */
function statusItems(actions) {
  return BY_HAND.map((status) => ({
    label: STATUS_NAME[status] ?? status,
    statusDot: status,
    run: () => actions.setStatus(status),
  }));
}

/**
 * Sets the status of each image and says how many could not follow.
 * @param {number[]} ids
 * @param {string} status
 * @param {(image: ImageInfo) => void} onImage
 */
export async function setStatuses(ids, status, onImage) {
  /** @type {string[]} */
  const refused = [];
  for (const id of ids) {
    try {
      onImage(await api("POST", `/images/${id}/status`, { json: { status } }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refused.push(reasonOf(error));
      if (error.status === 0) break;
    }
  }
  const done = ids.length - refused.length;
  const name = (STATUS_NAME[status] ?? status).toLowerCase();
  if (refused.length === 0) return toast(`${plural(done, "image")} set to ${name}`, { kind: "ok" });
  const all = done > 0 ? `${plural(done, "image")} set to ${name}, ${refused.length} not. ` : "";
  return toast(`${all}${refused[0]}`, { kind: "error" });
}

/**
 * The server's sentence names statuses as the API does; a person knows them by their names.
 * @param {ApiError} error
 */
function reasonOf({ code, detail, problem }) {
  if (code !== "invalid_transition") return detail;
  const name = (/** @type {string} */ status) => (STATUS_NAME[status] ?? status).toLowerCase();
  const next = problem.allowed.map(name).join(" or ");
  return `An image that is ${name(problem.status_now)} can become ${next} only.`;
}

/**
 * @param {number[]} ids
 * @param {() => void} onUndone
 */
export async function trashImages(ids, onUndone) {
  const { gone, failure } = await forEach(ids, (id) => api("DELETE", `/images/${id}`));
  if (failure) toastError(failure);
  if (gone.length === 0) return gone;
  const run = async () => {
    const back = await forEach(gone, (id) => api("POST", `/images/${id}/undelete`));
    if (back.failure) toastError(back.failure);
    onUndone();
  };
  toast(`${plural(gone.length, "image")} moved to the trash`, { action: { label: "Undo", run } });
  return gone;
}

/**
 * @param {number[]} ids
 * @param {(id: number) => Promise<unknown>} act
 */
async function forEach(ids, act) {
  /** @type {number[]} */
  const gone = [];
  for (const id of ids) {
    try {
      await act(id);
      gone.push(id);
    } catch (failure) {
      return { gone, failure };
    }
  }
  return { gone, failure: null };
}
