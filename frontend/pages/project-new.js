/**
 * New project: a name, a label set to start from, the labels themselves.
 */
import { ApiError, api } from "../lib/api.js";
import { $, announce, h } from "../lib/dom.js";
import { LabelEditor } from "./label-editor.js";
import "./shell.js";

/** @typedef {import("../lib/types.js").Preset} Preset */

const PREVIEW = 10;

const form = /** @type {HTMLFormElement} */ ($("#form"));
const nameField = /** @type {HTMLInputElement} */ ($("#name"));
const submit = /** @type {HTMLButtonElement} */ ($("button[type=submit]"));
const editor = new LabelEditor($("#labels"), () => {
  edited = true;
});
let edited = false;

/** @param {Preset} preset */
function presetCard(preset) {
  const radio = h("input", { type: "radio", name: "preset", value: preset.key, class: "sr-only" });
  radio.addEventListener("change", () => choose(preset));
  const shown = preset.labels.slice(0, PREVIEW);
  const rest = preset.labels.length - shown.length;
  const names = preset.labels.map((label) => label.name).join(", ");
  return h(
    "label",
    { class: "preset-card" },
    radio,
    h("span", { class: "preset-title" }, preset.title),
    h(
      "span",
      { class: "preset-swatches", "aria-hidden": "true" },
      ...shown.map((label) => swatch(label.color)),
      rest > 0 && h("span", { class: "label-text muted num" }, `+${rest}`),
    ),
    h("span", { class: "preset-names label-text muted" }, names || "Your own labels, from nothing"),
  );
}

/** @param {string} color */
function swatch(color) {
  const element = h("span", { class: "swatch" });
  element.style.background = color;
  return element;
}

/** @param {Preset} preset */
function choose(preset) {
  editor.set(preset.labels, false);
  edited = false;
  announce(`${preset.title}: ${preset.labels.length} labels`);
}

async function loadPresets() {
  /** @type {Preset[]} */
  const presets = await api("GET", "/presets");
  $("#presets").replaceChildren(...presets.map(presetCard));
  const first = $("#presets").querySelector("input");
  const preset = presets[0];
  if (first && preset) {
    first.checked = true;
    choose(preset);
  }
}

/** @param {string} text */
function nameError(text) {
  const place = $("#name-error");
  place.textContent = text;
  place.hidden = text === "";
  nameField.setAttribute("aria-invalid", String(text !== ""));
  if (text) nameField.focus();
}

/** @param {string} text */
function formError(text) {
  const place = $("#form-error");
  place.textContent = text;
  place.hidden = text === "";
}

async function create() {
  formError("");
  nameError("");
  const name = nameField.value.trim();
  if (!name) return nameError("Give the project a name.");
  if (!editor.validate(true)) return formError("Some labels need another look.");
  submit.disabled = true;
  const description = /** @type {HTMLTextAreaElement} */ ($("#description")).value.trim();
  try {
    const labels = editor.get();
    const project = await api("POST", "/projects", { json: { name, description, labels } });
    edited = false;
    location.assign(`/projects/${project.id}`);
  } catch (error) {
    submit.disabled = false;
    if (error instanceof ApiError && error.code === "name_taken") nameError(error.detail);
    else formError(error instanceof Error ? error.message : String(error));
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  create();
});
window.addEventListener("beforeunload", (event) => {
  if (edited) event.preventDefault();
});
loadPresets().catch((error) => formError(error.message));
