/**
 * Labels and settings of a project.
 */
import { ApiError, api } from "../lib/api.js";
import { $, bootstrap } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { toastError } from "../lib/toast.js";
import { LabelEditor } from "./label-editor.js";
import "./shell.js";
import { trashProject } from "./trash-actions.js";

/** @typedef {import("../lib/types.js").Project} Project */

/** @type {{project: Project}} */
let { project } = bootstrap();

const form = /** @type {HTMLFormElement} */ ($("#form"));
const nameField = /** @type {HTMLInputElement} */ ($("#name"));
const descriptionField = /** @type {HTMLTextAreaElement} */ ($("#description"));
const save = /** @type {HTMLButtonElement} */ ($("#save"));
const discard = /** @type {HTMLButtonElement} */ ($("#discard"));
const editor = new LabelEditor($("#labels"), refresh);

function values() {
  return {
    name: nameField.value.trim(),
    description: descriptionField.value.trim(),
    labels: editor.get(),
  };
}

function isDirty() {
  const { name, description, labels } = project;
  const ordered = (/** @type {import("../lib/types.js").Label[]} */ list) =>
    list.map((label) => [label.index, label.name, label.color, label.hotkey, label.is_thing]);
  const now = values();
  return (
    JSON.stringify([name, description, ordered(labels)]) !==
    JSON.stringify([now.name, now.description, ordered(now.labels)])
  );
}

function refresh() {
  const dirty = isDirty();
  save.disabled = !dirty;
  discard.disabled = !dirty;
  if (dirty) $("#saved").textContent = "";
}

function show() {
  nameField.value = project.name;
  descriptionField.value = project.description;
  editor.set(project.labels, true);
  for (const element of document.querySelectorAll("[data-project-name]"))
    element.textContent = project.name;
  formError("");
  refresh();
}

/** @param {string} text */
function formError(text) {
  const place = $("#form-error");
  place.textContent = text;
  place.hidden = text === "";
}

async function store() {
  formError("");
  if (save.disabled) return;
  if (!nameField.value.trim()) {
    nameField.focus();
    return formError("The project needs a name.");
  }
  if (!editor.validate(true)) return formError("Some labels need another look.");
  save.disabled = true;
  try {
    project = await api("PATCH", `/projects/${project.id}`, { json: values() });
    show();
    $("#saved").textContent = "Saved";
  } catch (error) {
    refresh();
    if (error instanceof ApiError && error.code === "label_in_use") putBack(error);
    else formError(error instanceof Error ? error.message : String(error));
  }
}

/** @param {ApiError} error */
function putBack(error) {
  /** @type {{index: number, images: number}[]} */
  const held = error.problem.labels ?? [];
  for (const { index, images } of held) {
    const verb = images === 1 ? "uses" : "use";
    const reason = `${plural(images, "image")} ${verb} this label. Rename it instead, or repaint those pixels first.`;
    editor.restore(
      project.labels,
      project.labels.findIndex((label) => label.index === index),
      reason,
    );
  }
  refresh();
  formError("Not saved: masks use a label that was removed. It is back in the list, marked red.");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  store();
});
form.addEventListener("input", refresh);
discard.addEventListener("click", show);
$("#trash").addEventListener("click", async () => {
  try {
    await trashProject(project);
    leaving = true;
    location.assign("/");
  } catch (error) {
    toastError(error);
  }
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    event.preventDefault();
    store();
  }
});
let leaving = false;
window.addEventListener("beforeunload", (event) => {
  if (!leaving && isDirty()) event.preventDefault();
});
show();
