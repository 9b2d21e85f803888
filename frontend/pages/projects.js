/**
 * All projects, searched as one types.
 */
import { api, pages } from "../lib/api.js";
import { statusBar } from "../lib/bars.js";
import { $, debounce, h, icon } from "../lib/dom.js";
import { ago, count, plural } from "../lib/format.js";
import { emptyState, errorState, shortcuts } from "./shell.js";
import { thumbnailUrl } from "./thumbnail.js";
import { offerProjectUndo } from "./trash-actions.js";

/** @typedef {import("../lib/types.js").Project} Project */

const COVERS = 4;

const list = $("#projects");
const empty = $("#empty");
const search = /** @type {HTMLInputElement} */ ($("#search"));
/** @type {AbortController} */
let loading = new AbortController();

const covers = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      covers.unobserve(target);
      fillCovers(/** @type {HTMLElement} */ (target));
    }
  },
  { rootMargin: "200px" },
);

/** @param {Project} project */
function row(project) {
  const bar = h("div", { class: "stack-bar" });
  statusBar(bar, project.by_status);
  const strip = h("span", { class: "covers", dataset: { id: String(project.id) } });
  strip.append(...Array.from({ length: COVERS }, () => h("span", { class: "cover" })));
  if (project.images > 0) covers.observe(strip);
  else strip.firstElementChild?.append(icon("image"));
  return h(
    "li",
    null,
    h(
      "a",
      { class: "project-row", href: `/projects/${project.id}` },
      strip,
      h(
        "span",
        { class: "project-what" },
        h("span", { class: "project-name truncate" }, project.name),
        h(
          "span",
          { class: "muted label-text truncate" },
          project.description || labelLine(project),
        ),
      ),
      h(
        "span",
        { class: "project-progress" },
        bar,
        h("span", { class: "muted label-text num truncate" }, progressLine(project)),
      ),
      h("span", { class: "project-count num" }, plural(project.images, "image")),
      h(
        "time",
        { class: "project-time muted label-text", dateTime: project.updated_at },
        ago(project.updated_at),
      ),
    ),
  );
}

/** @param {Project} project */
function labelLine(project) {
  return project.labels.length > 0 ? plural(project.labels.length, "label") : "No labels yet";
}

/** @param {Project} project */
function progressLine({ images, by_status }) {
  if (images === 0) return "No images yet";
  const waiting = by_status.submitted ?? 0;
  const done = `${count(by_status.approved ?? 0)} of ${count(images)} approved`;
  return waiting > 0 ? `${done}, ${count(waiting)} submitted` : done;
}

/** @param {HTMLElement} strip */
async function fillCovers(strip) {
  const id = strip.dataset.id;
  const { items } = await api("GET", `/projects/${id}/images`, {
    query: { order: "updated", limit: COVERS },
  });
  items.forEach(
    (/** @type {import("../lib/types.js").ImageInfo} */ image, /** @type {number} */ at) => {
      strip.children[at]?.append(
        h("img", { src: thumbnailUrl(image, true), alt: "", decoding: "async" }),
      );
    },
  );
}

async function load() {
  loading.abort();
  loading = new AbortController();
  const { signal } = loading;
  const q = search.value.trim();
  try {
    /** @type {Project[]} */
    const found = [];
    for await (const items of pages("/projects", { q, limit: 100 }, signal)) {
      found.push(...items);
      show(found, q);
    }
  } catch (error) {
    if (signal.aborted) return;
    list.hidden = true;
    empty.hidden = false;
    empty.replaceChildren(errorState(error, load));
  }
}

/**
 * @param {Project[]} projects
 * @param {string} q
 */
function show(projects, q) {
  list.replaceChildren(...projects.map(row));
  list.setAttribute("aria-busy", "false");
  list.hidden = projects.length === 0;
  empty.hidden = projects.length > 0;
  if (projects.length === 0) empty.replaceChildren(q ? nothingFound(q) : firstSteps());
}

/** @param {string} q */
function nothingFound(q) {
  const clear = h("button", { class: "btn", type: "button" }, "Clear the search");
  clear.addEventListener("click", () => {
    search.value = "";
    load();
  });
  return emptyState("search", "No project found", `No project has “${q}” in its name.`, clear);
}

function firstSteps() {
  return emptyState(
    "layers",
    "Start your first project",
    "Choose the labels, drop in your photographs, and the model drafts a mask for each. You accept it or fix it, then export.",
    h("a", { class: "btn btn-primary", href: "/projects/new" }, icon("plus"), "New project"),
  );
}

search.addEventListener("input", debounce(load, 150));
shortcuts({
  "/": () => search.focus(),
  n: () => location.assign("/projects/new"),
});
offerProjectUndo(load);
load();
