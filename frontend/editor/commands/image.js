/** Undo, saving, the status, and going to other images. */

import { nextStatuses, setStatus } from "../review.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../commands.js").Command} Command */
/** @typedef {import("../types.js").State} State */

/** @type {Command[]} */
export const EDIT_COMMANDS = [
  {
    id: "undo",
    title: "Undo",
    group: "Edit",
    keys: ["z", "Mod+z"],
    run: (app) => app.step("undo"),
    enabled: (s) => s.steps.undo > 0,
  },
  {
    id: "redo",
    title: "Redo",
    group: "Edit",
    keys: ["Shift+z", "Mod+y", "Mod+Shift+z"],
    run: (app) => app.step("redo"),
    enabled: (s) => s.steps.redo > 0,
  },
  {
    id: "save",
    title: "Save now",
    group: "Edit",
    keys: ["Mod+s"],
    run: (app) => (app.saver.halted === "conflict" ? app.tell("merge") : app.saver.retry()),
  },
];

/** @type {Command[]} */
export const IMAGE_COMMANDS = [
  {
    id: "image.next",
    title: "Next image",
    group: "Image",
    keys: ["n"],
    run: (app) => app.leaveFor(app.bootstrap.next),
  },
  {
    id: "image.previous",
    title: "Previous image",
    group: "Image",
    keys: ["d"],
    run: (app) => app.leaveFor(app.bootstrap.previous),
  },
  {
    id: "image.submit",
    title: "Mark as submitted",
    group: "Image",
    keys: ["Mod+Enter"],
    run: (app) => setStatus(app, "submitted"),
    enabled: (s) => nextStatuses(s.image.status).includes("submitted"),
  },
  {
    id: "image.history",
    title: "Revisions of this image",
    group: "Image",
    keys: ["Shift+h"],
    run: (app) => {
      app.dispatch({ type: "panel", panel: "side", open: true });
      app.dispatch({ type: "panel", panel: "history", open: !app.state.panels.history });
    },
  },
];
