/**
 * The trash: what is in it, and the way back.
 */
import { api, pages } from "../lib/api.js";
import { $, h, icon } from "../lib/dom.js";
import { ago, plural } from "../lib/format.js";
import { toast, toastError } from "../lib/toast.js";
import { emptyState, errorState } from "./shell.js";
import { thumbnailUrl } from "./thumbnail.js";

/** @typedef {import("../lib/types.js").Project} Project */
/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */

const projects = $("#projects");
const images = $("#images");

/**
 * @param {Node} picture
 * @param {string} name
 * @param {string} note
 * @param {string} trashedAt
 * @param {string} path of the thing below /api/v1
 */
function row(picture, name, note, trashedAt, path) {
  const button = h("button", { class: "btn", type: "button", "aria-label": `Put back ${name}` });
  button.append(icon("archive-restore"), "Put back");
  const item = h(
    "li",
    { class: "trash-row" },
    picture,
    h(
      "span",
      { class: "project-what" },
      h("span", { class: "truncate" }, name),
      h("span", { class: "muted label-text truncate" }, note),
    ),
    h("span", { class: "muted label-text" }, `Trashed ${ago(trashedAt)}`),
    button,
  );
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await api("POST", `${path}/undelete`);
    } catch (error) {
      button.disabled = false;
      return toastError(error);
    }
    item.remove();
    toast(`“${name}” is back`, { kind: "ok" });
    return load();
  });
  return item;
}

/** @param {Project} project */
function projectRow(project) {
  const picture = h("span", { class: "cover" }, icon("layers"));
  const note = `${plural(project.images, "image")}, ${plural(project.labels.length, "label")}`;
  return row(picture, project.name, note, project.trashed_at ?? "", `/projects/${project.id}`);
}

/**
 * @param {ImageInfo} image
 * @param {Project} project
 */
function imageRow(image, project) {
  const picture = h(
    "span",
    { class: "cover" },
    h("img", { src: thumbnailUrl(image, true), alt: "" }),
  );
  return row(picture, image.name, project.name, image.trashed_at ?? "", `/images/${image.id}`);
}

/** @param {AsyncGenerator<any[]>} source */
async function collect(source) {
  const found = [];
  for await (const items of source) found.push(...items);
  return found;
}

async function load() {
  try {
    const trashed = collect(pages("/projects", { trash: true, limit: 100 }));
    /** @type {Project[]} */
    const live = await collect(pages("/projects", { limit: 100 }));
    const perProject = await Promise.all(live.map(trashedImages));
    show((await trashed).map(projectRow), perProject.flat());
  } catch (error) {
    show([], []);
    $("#empty").replaceChildren(errorState(error, load));
  }
}

/** @param {Project} project */
async function trashedImages(project) {
  const query = { trash: true, order: "updated", limit: 100 };
  /** @type {ImageInfo[]} */
  const found = await collect(pages(`/projects/${project.id}/images`, query));
  return found.map((image) => imageRow(image, project));
}

/**
 * @param {HTMLElement[]} projectRows
 * @param {HTMLElement[]} imageRows
 */
function show(projectRows, imageRows) {
  $("#loading").hidden = true;
  projects.replaceChildren(...projectRows);
  images.replaceChildren(...imageRows);
  $("#projects-section").hidden = projectRows.length === 0;
  $("#images-section").hidden = imageRows.length === 0;
  const nothing = projectRows.length + imageRows.length === 0;
  $("#empty").hidden = !nothing;
  if (nothing) {
    const text =
      "Projects and images that you trash wait here for 30 days before they are deleted.";
    $("#empty").replaceChildren(emptyState("trash-2", "The trash is empty", text));
  }
}

load();
