/** The image's status: where it stands and where a person may move it. */

import { $, h } from "../lib/dom.js";
import { STATUS_NAME } from "../lib/format.js";
import { openMenu } from "../lib/menu.js";
import { toast, toastError } from "../lib/toast.js";

/** @typedef {import("./app.js").App} App */

/** @type {Record<string, string[]>} */
const NEXT = {
  new: ["submitted"],
  proposed: ["submitted"],
  in_progress: ["submitted"],
  submitted: ["approved", "rejected", "in_progress"],
  approved: ["in_progress"],
  rejected: ["in_progress", "submitted"],
};

/** @type {Record<string, string>} */
const VERBS = {
  submitted: "Submit",
  approved: "Approve",
  rejected: "Reject…",
  in_progress: "Reopen",
};

/** @param {string} status */
export const nextStatuses = (status) => NEXT[status] ?? [];

/**
 * @param {App} app
 * @param {string} status
 */
export async function setStatus(app, status) {
  try {
    await app.saver.flush();
    if (app.saver.pending) {
      toast("Not all strokes are saved yet. Submit once the state says Saved.", { kind: "error" });
      return;
    }
    const comment = status === "rejected" ? await askComment() : "";
    if (comment === null) return;
    // A fresh image is taken in hand before it can be handed in.
    const fresh = ["new", "proposed", "rejected"].includes(app.state.image.status);
    if (status === "submitted" && fresh) await app.remote.setStatus("in_progress");
    const image = await app.remote.setStatus(status, comment);
    app.dispatch({ type: "image", image });
    const next = app.bootstrap.next;
    toast(STATUS_NAME[status] ?? status, {
      kind: "ok",
      ...(next !== null && status !== "in_progress"
        ? { action: { label: "Next image", run: () => app.leaveFor(next) } }
        : {}),
    });
  } catch (error) {
    toastError(error);
  }
}

/** @returns {Promise<string | null>} null when cancelled */
function askComment() {
  return new Promise((resolve) => {
    const text = h("textarea", { class: "input", rows: 3, id: "reject-comment" });
    const dialog = h(
      "dialog",
      { class: "ed-dialog ed-dialog-small", "aria-labelledby": "reject-title" },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id: "reject-title" }, "Reject this image"),
        h("label", { htmlFor: "reject-comment" }, "What should be changed?"),
        text,
        h(
          "div",
          { class: "ed-dialog-actions" },
          h("button", { class: "btn", value: "" }, "Cancel"),
          h("button", { class: "btn btn-primary", value: "yes" }, "Reject"),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes" ? text.value : null);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
    text.focus();
  });
}

/** @param {App} app */
export function initStatus(app) {
  const button = $("#status");
  button.addEventListener("click", () => {
    const items = nextStatuses(app.state.image.status).map((status) => ({
      label: VERBS[status],
      statusDot: status,
      run: () => setStatus(app, status),
    }));
    openMenu(button, items);
  });
  app.store.watch(
    (s) => [s.image.status],
    ({ image }) => {
      const name = STATUS_NAME[image.status] ?? image.status;
      $("#status-name").textContent = name;
      $("#status-dot").className = `dot status-${image.status}`;
      button.dataset.status = image.status;
      button.setAttribute("aria-label", `Status: ${name}. Change`);
      const submit = nextStatuses(image.status).includes("submitted");
      const approve = nextStatuses(image.status).includes("approved");
      $("#submit").hidden = !submit;
      $("#approve").hidden = !approve;
    },
  );
  $("#submit").addEventListener("click", () => setStatus(app, "submitted"));
  $("#approve").addEventListener("click", () => setStatus(app, "approved"));
}
