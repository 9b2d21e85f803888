/**
 * Which model drafts a project, how, and what its labels become here.
 */
import { api } from "../lib/api.js";
import { $, bootstrap, h } from "../lib/dom.js";
import { Bulk } from "./project-model-bulk.js";
import { checkModel, showModels } from "./project-model-cards.js";
import { MapTable } from "./project-model-map.js";
import { OptionFields, sameOptions } from "./project-model-options.js";
import { Outdated } from "./project-model-outdated.js";
import { Previews } from "./project-model-preview.js";
import { MapState } from "./project-model-state.js";
import { errorState, shortcuts } from "./shell.js";

/** @typedef {import("./project-model-options.js").DraftOptions} DraftOptions */
/** @typedef {import("./project-model-state.js").ModelInfo} ModelInfo */
/** @typedef {import("../lib/types.js").Project & {model: string, draft_options: DraftOptions}} Project */

/** @type {{project: Project}} */
let { project } = bootstrap();
/** @type {ModelInfo[]} */
let models = [];
/** The maps that were looked at, by model: choices stay while another model is shown.
 * @type {Map<string, MapState>} */
const maps = new Map();
let model = "";

const save = /** @type {HTMLButtonElement} */ ($("#save"));
const discard = /** @type {HTMLButtonElement} */ ($("#discard"));
const options = new OptionFields(refresh);
const table = new MapTable(project.labels, {
  onChange: changed,
  onPoint: (index) => previews.highlight(index),
});
const outdated = new Outdated(project.id);
new Bulk(
  project.labels,
  () => maps.get(model),
  () => {
    table.refresh();
    changed();
  },
);
const previews = new Previews(project.id, project.labels, (shares) => table.setShares(shares));

/** The name of the project's model; `default` stands for one of the list. */
function savedModel() {
  const found = models.find(({ name }) => name === project.model);
  if (found || project.model !== "default") return project.model;
  return models.find((one) => one.default)?.name ?? project.model;
}

function isDirty() {
  return (
    (model !== "" && model !== savedModel()) ||
    !sameOptions(options.get(), project.draft_options) ||
    [...maps.values()].some((map) => map.isDirty())
  );
}

function refresh() {
  const dirty = isDirty();
  save.disabled = !dirty;
  discard.disabled = !dirty;
  if (dirty) $("#saved").textContent = "";
}

/** The map was edited: show what becomes of it. */
function changed() {
  const map = maps.get(model);
  if (map) previews.recolor(map.table());
  refresh();
}

/** @param {string} name */
async function choose(name) {
  model = name;
  checkModel($("#models"), name);
  refresh();
  await showMap();
}

async function showMap() {
  const wanted = model;
  const problem = $("#map-problem");
  problem.replaceChildren();
  try {
    if (!maps.has(wanted)) await loadMap(wanted);
  } catch (error) {
    if (wanted !== model) return;
    $("#map").hidden = true;
    problem.replaceChildren(errorState(error, showMap));
    return;
  }
  const map = maps.get(wanted);
  if (wanted !== model || !map) return;
  const known = models.find(({ name }) => name === wanted);
  $("#map").hidden = false;
  table.set(map, known?.measured.iou ?? {});
  showOutdated();
  previews.recolor(map.table());
  await previews.show(wanted);
}

/** @param {string} name */
async function loadMap(name) {
  const query = { model: name };
  maps.set(name, new MapState(await api("GET", `/projects/${project.id}/label-map`, { query })));
}

/** @param {string} text */
function formError(text) {
  const place = $("#form-error");
  place.textContent = text;
  place.hidden = text === "";
}

async function store() {
  if (save.disabled) return;
  formError("");
  save.disabled = true;
  try {
    await storeProject();
    for (const [name, map] of maps) if (map.isDirty()) await storeMap(name, map);
    $("#saved").textContent = "Saved";
    await showSaved();
  } catch (error) {
    formError(error instanceof Error ? error.message : String(error));
  }
  refresh();
}

/** Only what was changed: `default` stays the default, whichever model that comes to be. */
async function storeProject() {
  const otherModel = model !== savedModel();
  const otherOptions = !sameOptions(options.get(), project.draft_options);
  if (!otherModel && !otherOptions) return;
  const json = {
    ...(otherModel ? { model } : {}),
    ...(otherOptions ? { draft_options: options.get() } : {}),
  };
  project = await api("PATCH", `/projects/${project.id}`, { json });
}

/**
 * @param {string} name
 * @param {MapState} map
 */
async function storeMap(name, map) {
  const query = { model: name };
  const answer = await api("PUT", `/projects/${project.id}/label-map`, { query, json: map.body() });
  maps.set(name, new MapState(answer));
}

async function showSaved() {
  const map = maps.get(model);
  if (!map) return;
  const known = models.find(({ name }) => name === model);
  table.set(map, known?.measured.iou ?? {});
  previews.recolor(map.table());
  showOutdated();
  outdated.tell();
}

function showOutdated() {
  outdated.show(model === savedModel() ? (maps.get(model)?.outdated ?? 0) : 0);
}

function discardAll() {
  for (const map of maps.values()) map.discard();
  options.set(project.draft_options);
  formError("");
  if (model !== savedModel()) {
    choose(savedModel());
    return;
  }
  table.refresh();
  changed();
}

async function start() {
  options.set(project.draft_options);
  const problem = $("#models-problem");
  problem.replaceChildren();
  try {
    [models] = await Promise.all([api("GET", "/models"), previews.load()]);
    showModels($("#models"), models, ({ name }) => choose(name));
    $("#models").removeAttribute("aria-busy");
    const gone = !models.some(({ name }) => name === savedModel());
    if (gone) problem.append(h("p", { class: "warn" }, goneText()));
    await choose(savedModel());
  } catch (error) {
    $("#models").replaceChildren();
    problem.replaceChildren(errorState(error, start));
  }
}

function goneText() {
  return `This project's model, ${project.model}, is not in the list. Choose another, or bring it back.`;
}

$("#form").addEventListener("submit", (event) => {
  event.preventDefault();
  store();
});
discard.addEventListener("click", discardAll);
shortcuts({ "/": () => $("#map-search").focus() });
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  store();
});
window.addEventListener("beforeunload", (event) => {
  if (isDirty()) event.preventDefault();
});
start();
