/**
 * Export: choose a format and images, watch the job, read the proof, download.
 */
import { api } from "../lib/api.js";
import { $, bootstrap, h } from "../lib/dom.js";
import { count, plural, STATUSES } from "../lib/format.js";
import { JobList } from "./job-list.js";
import "./shell.js";

/** @type {{project: import("../lib/types.js").Project}} */
const { project } = bootstrap();

const FORMATS = [
  {
    key: "voc",
    title: "Pascal VOC",
    text: "One indexed PNG per image, pixel values as on the screen, with object masks, XML and split lists.",
    files: "JPEGImages, SegmentationClass, SegmentationObject, Annotations, ImageSets",
  },
  {
    key: "coco",
    title: "COCO instances",
    text: "One JSON file with every object as RLE or polygons, for Detectron2, MMDetection and pycocotools.",
    files: "images, annotations/instances.json",
  },
  {
    key: "coco-panoptic",
    title: "COCO panoptic",
    text: "Things and stuff together: one PNG of segment ids per image and a JSON file that names them.",
    files: "images, annotations/panoptic, annotations/panoptic.json",
  },
  {
    key: "cityscapes",
    title: "Cityscapes",
    text: "Label, train and instance ids of Cityscapes by label name, for cityscapesscripts, torchvision and MMSegmentation.",
    files: "leftImg8bit, gtFine",
  },
  {
    key: "bdd100k",
    title: "BDD100K",
    text: "Semantic masks with train ids, color maps, bitmasks of instances, and RLE as Scalabel has it.",
    files: "images/10k, labels/sem_seg, labels/ins_seg",
  },
  {
    key: "camvid",
    title: "CamVid",
    text: "One indexed PNG per image and a list of codes, as fastai reads it. Labels only, no objects.",
    files: "images, labels/NAME_P.png, codes.txt, valid.txt",
  },
  {
    key: "index-png",
    title: "Index PNG",
    text: "A plain folder of masks: label indices, or the labels' colors. Labels only, no objects.",
    files: "images, masks, labels.txt",
  },
];

const form = /** @type {HTMLFormElement} */ ($("#form"));
const start = /** @type {HTMLButtonElement} */ ($("#start"));
const includeAll = /** @type {HTMLInputElement} */ ($("#include-all"));
const jobs = new JobList($("#jobs"), project.id);

/** @param {typeof FORMATS[number]} format */
function formatCard({ key, title, text, files }, /** @type {number} */ at) {
  return h(
    "label",
    { class: "preset-card" },
    h("input", { type: "radio", name: "format", value: key, class: "sr-only", checked: at === 0 }),
    h("span", { class: "preset-title" }, title),
    h("span", { class: "format-text" }, text),
    h("span", { class: "label-text muted mono format-files" }, files),
  );
}

function statusBoxes() {
  return STATUSES.map(([status, name]) => {
    const number = project.by_status[status] ?? 0;
    return h(
      "label",
      { class: "check" },
      h("input", {
        type: "checkbox",
        name: "status",
        value: status,
        checked: number > 0,
        disabled: number === 0,
      }),
      h("span", { class: `dot status-${status}` }),
      h("span", null, name),
      h("span", { class: "muted num" }, count(number)),
    );
  });
}

/** @param {string} name */
function chosen(name) {
  return [...form.querySelectorAll(`input[name="${name}"]:checked`)].map(
    (input) => /** @type {HTMLInputElement} */ (input).value,
  );
}

function refresh() {
  const [format = ""] = chosen("format");
  const statuses = chosen("status");
  $("#coco-options").hidden = format !== "coco";
  $("#png-options").hidden = format !== "index-png";
  const number = statuses.reduce(
    (sum, status) =>
      sum + (project.by_status[/** @type {keyof typeof project.by_status} */ (status)] ?? 0),
    0,
  );
  $("#count").textContent = includeAll.checked
    ? `${plural(number, "image")} will be exported.`
    : `Of ${plural(number, "image")}, those with a mask will be exported. A draft counts once it is accepted.`;
  start.disabled = number === 0;
}

/** @param {string} text */
function formError(text) {
  const place = $("#form-error");
  place.textContent = text;
  place.hidden = text === "";
}

async function begin() {
  const [format] = chosen("format");
  const [polygons] = chosen("polygons");
  const [colors] = chosen("colors");
  const statuses = chosen("status");
  const json = {
    format,
    include: includeAll.checked ? "all" : "annotated",
    ...(statuses.length < form.querySelectorAll('input[name="status"]:enabled').length
      ? { statuses }
      : {}),
    ...(format === "coco" ? { polygons: polygons === "1" } : {}),
    ...(format === "index-png" ? { colors: colors === "1" } : {}),
  };
  start.disabled = true;
  formError("");
  try {
    jobs.add(await api("POST", `/projects/${project.id}/exports`, { json }));
  } catch (error) {
    formError(error instanceof Error ? error.message : String(error));
  }
  refresh();
}

$("#formats").append(...FORMATS.map(formatCard));
$("#statuses").append(...statusBoxes());
form.addEventListener("change", refresh);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  begin();
});
refresh();
jobs.load();
