/**
 * The gallery of a project: joins the list, the filter, the selection, uploads and drafts.
 */
import { api, pages } from "../lib/api.js";
import { $, announce, bootstrap, debounce, h, icon, isTyping } from "../lib/dom.js";
import { plural, STATUS_NAME } from "../lib/format.js";
import { toast, toastError } from "../lib/toast.js";
import { Activity } from "./activity.js";
import { DraftRun } from "./draft-run.js";
import { setStatuses, showSelectionBar, trashImages } from "./gallery-actions.js";
import { showProgress, showShares, showTabs } from "./gallery-head.js";
import { HELP, target } from "./gallery-keys.js";
import { openUploadMenu, wireUploads } from "./gallery-upload.js";
import { showHelp } from "./help-dialog.js";
import { createCard, updateCard } from "./image-card.js";
import { ImageStore } from "./image-store.js";
import { Selection } from "./selection.js";
import { emptyState, errorState, shortcuts } from "./shell.js";
import { UploadQueue } from "./upload-queue.js";
import { VirtualGrid } from "./virtual-grid.js";

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */
/** @typedef {import("./image-store.js").Filter} Filter */

const CAPTION_HEIGHT = 36;
/** @type {Filter} */
const ANY = { status: "", label: "", q: "", order: "name" };
const OVERLAY_KEY = "maskwright.overlay";

/** @type {{project: import("../lib/types.js").Project}} */
const { project } = bootstrap();
const search = /** @type {HTMLInputElement} */ ($("#search"));
const labelFilter = /** @type {HTMLSelectElement} */ ($("#label-filter"));
const order = /** @type {HTMLSelectElement} */ ($("#order"));
const draftAll = /** @type {HTMLButtonElement} */ ($("#draft-all"));
const gridRoot = $("#grid");
const empty = $("#empty");

let overlay = localStorage.getItem(OVERLAY_KEY) !== "off";
let current = 0;
/** @type {Set<number>} */
const drafting = new Set();
/** @type {DraftRun | null} */
let run = null;
/** @type {import("../lib/types.js").Stats | null} */
let stats = null;

const selection = new Selection(() => {
  grid.render();
  showSelectionBar($("#selection-bar"), selection.size, barActions);
});
const store = new ImageStore(project.id, showImages, showError);
/** @type {VirtualGrid<ImageInfo>} */
const grid = new VirtualGrid(gridRoot, {
  keyOf: (image) => String(image.id),
  create: createCard,
  update: (card, image, at) =>
    updateCard(card, image, {
      overlay,
      selected: selection.has(image.id),
      busy: drafting.has(image.id),
      current: at === current,
    }),
  captionHeight: CAPTION_HEIGHT,
  onEnd: () => store.more(),
});
const activity = new Activity($("#activity"));
const uploads = new UploadQueue(
  project.id,
  () => activity.showUploads(uploads),
  () => refresh(),
);
const refreshSoon = debounce(() => refresh(), 1000);

/** @param {ImageInfo[]} images */
function showImages(images) {
  current = Math.min(current, Math.max(0, images.length - 1));
  gridRoot.setAttribute("aria-busy", "false");
  gridRoot.hidden = images.length === 0;
  empty.hidden = images.length > 0;
  $("#more").hidden = store.complete;
  grid.setItems(images);
  if (images.length === 0) empty.replaceChildren(nothing());
}

/** @param {unknown} error */
function showError(error) {
  if (store.images.length > 0) return toastError(error);
  gridRoot.hidden = true;
  empty.hidden = false;
  empty.replaceChildren(errorState(error, () => refresh()));
}

function nothing() {
  const { status, label, q } = store.filter;
  if (!status && !label && !q) {
    const button = h(
      "button",
      { class: "btn btn-primary", type: "button" },
      icon("upload"),
      "Choose files",
    );
    button.addEventListener("click", () => $("#pick-files").click());
    const text =
      "Drop photographs or whole folders anywhere on this page, paste one, or choose files. JPEG, PNG, WebP, TIFF and BMP.";
    return emptyState("image-plus", "Add your first photographs", text, button);
  }
  const clear = h("button", { class: "btn", type: "button" }, "Show all images");
  clear.addEventListener("click", () => setFilter({ ...ANY, order: order.value }));
  const what =
    status && !q && !label
      ? `No image is ${(STATUS_NAME[status] ?? status).toLowerCase()}`
      : "No image fits";
  return emptyState(
    "list-filter",
    what,
    "Images appear here as soon as they fit the filter.",
    clear,
  );
}

async function refreshStats() {
  try {
    stats = await api("GET", `/projects/${project.id}/stats`);
  } catch (error) {
    toastError(error);
  }
  if (!stats) return;
  showProgress(stats);
  showShares(stats, project.labels);
  showTabs(stats, store.filter.status, (status) => setFilter({ ...store.filter, status }));
  draftAll.disabled = run !== null || !stats.by_status.new;
}

function refresh() {
  return Promise.all([store.reload(), refreshStats()]);
}

/** @returns {Filter} */
function filterFromAddress() {
  const query = new URLSearchParams(location.search);
  const value = (/** @type {string} */ key) => query.get(key) ?? "";
  return {
    status: value("status"),
    label: value("label"),
    q: value("q"),
    order: value("order") || "name",
  };
}

/** @param {Filter} filter */
function setFilter(filter) {
  const query = new URLSearchParams(
    Object.entries(filter).filter(
      ([key, value]) => value && !(key === "order" && value === "name"),
    ),
  );
  history.replaceState(null, "", query.size > 0 ? `?${query}` : location.pathname);
  if (search.value.trim() !== filter.q) search.value = filter.q;
  labelFilter.value = filter.label;
  order.value = filter.order;
  current = 0;
  if (selection.size > 0) selection.clear();
  const loading = store.load(filter);
  showTabs(stats, filter.status, (status) => setFilter({ ...store.filter, status }));
  return loading;
}

/** @param {ImageInfo[]} images */
async function draft(images) {
  if (run) {
    toast("Drafting is under way. Cancel it first, or wait until it is done.");
    return;
  }
  run = new DraftRun(
    images,
    (state) =>
      activity.showDrafts(state, {
        cancel: () => run?.cancel(),
        show: () => setFilter({ ...ANY, status: "proposed" }),
      }),
    (image, busy) => {
      drafting[busy ? "add" : "delete"](image.id);
      store.put(image);
      if (!busy) refreshSoon();
    },
  );
  draftAll.disabled = true;
  await run.run();
  run = null;
  await refresh();
}

async function draftAllNew() {
  if (draftAll.disabled) return;
  draftAll.disabled = true;
  try {
    /** @type {ImageInfo[]} */
    const fresh = [];
    for await (const items of pages(`/projects/${project.id}/images`, {
      status: "new",
      limit: 200,
    })) {
      fresh.push(...items);
    }
    await draft(fresh);
  } catch (error) {
    draftAll.disabled = false;
    toastError(error);
  }
}

/** @type {import("./gallery-actions.js").BarActions} */
const barActions = {
  ids: () => [...selection.ids],
  clear: () => selection.clear(),
  draft: () => {
    const chosen = store.images.filter((image) => selection.has(image.id));
    selection.clear();
    draft(chosen);
  },
  trash: async () => {
    const ids = [...selection.ids];
    selection.clear();
    const gone = await trashImages(ids, refresh);
    const hadFocus = gridRoot.contains(document.activeElement);
    store.drop(new Set(gone));
    if (hadFocus) focusCard(current);
    await refreshStats();
  },
  setStatus: async (status) => {
    await setStatuses([...selection.ids], status, (image) => store.put(image));
    selection.clear();
    await refresh();
  },
};

function toggleOverlay() {
  overlay = !overlay;
  localStorage.setItem(OVERLAY_KEY, overlay ? "on" : "off");
  showOverlay();
}

function showOverlay() {
  $("#overlay").setAttribute("aria-pressed", String(overlay));
  grid.render();
}

/** @param {number} at */
function focusCard(at) {
  current = at;
  grid.reveal(at)?.querySelector("a")?.focus();
}

/** @param {MouseEvent} event */
function onGridClick(event) {
  const hit = /** @type {HTMLElement} */ (event.target);
  const card = hit.closest(".card");
  if (!(card instanceof HTMLElement)) return;
  const at = Number(card.dataset.at);
  current = at;
  // A click on the label comes twice, once for its box; only the box counts.
  if (hit.closest(".card-select")) {
    if (hit instanceof HTMLInputElement) selection.toggle(store.images, at, event.shiftKey);
    return;
  }
  if (event.shiftKey || event.ctrlKey || event.metaKey || selection.size > 0) {
    event.preventDefault();
    selection.toggle(store.images, at, event.shiftKey);
  }
}

/** @param {KeyboardEvent} event */
function onGridKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const perView = Math.max(1, Math.floor(window.innerHeight / grid.rowHeight) - 1);
  const to = target(event.key, current, store.images.length, grid.columns, perView);
  if (to === null) return;
  event.preventDefault();
  focusCard(to);
}

function fillLabelFilter() {
  labelFilter.append(
    h("option", { value: "" }, "Any label"),
    ...project.labels.map((label) => h("option", { value: String(label.index) }, label.name)),
  );
}

/** @param {File[]} files */
function addFiles(files) {
  if (files.length === 0) return;
  announce(`Adding ${plural(files.length, "image")}`);
  uploads.add(files);
}

fillLabelFilter();
wireUploads(addFiles);
showOverlay();
gridRoot.addEventListener("click", onGridClick);
gridRoot.addEventListener("keydown", onGridKey);
gridRoot.addEventListener("focusin", (event) => {
  const card = /** @type {HTMLElement} */ (event.target).closest(".card");
  if (card instanceof HTMLElement) current = Number(card.dataset.at);
});
$("#overlay").addEventListener("click", toggleOverlay);
$("#help").addEventListener("click", () => showHelp(HELP));
draftAll.addEventListener("click", draftAllNew);
search.addEventListener(
  "input",
  debounce(() => setFilter({ ...store.filter, q: search.value.trim() }), 200),
);
labelFilter.addEventListener("change", () =>
  setFilter({ ...store.filter, label: labelFilter.value }),
);
order.addEventListener("change", () => setFilter({ ...store.filter, order: order.value }));
search.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "Enter") focusCard(current);
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "a" || !(event.ctrlKey || event.metaKey) || isTyping(event))
    return;
  event.preventDefault();
  selection.all(store.images);
});
shortcuts({
  "/": () => search.focus(),
  "?": () => showHelp(HELP),
  o: toggleOverlay,
  d: draftAllNew,
  u: openUploadMenu,
  x: (event) => selection.toggle(store.images, current, event.shiftKey),
  Escape: () => selection.clear(),
  Delete: () => selection.size > 0 && barActions.trash(),
  ArrowDown: () => focusCard(current),
  ArrowRight: () => focusCard(current),
});
window.addEventListener("beforeunload", (event) => {
  if (uploads.active) event.preventDefault();
});
// Back from the editor the page may come out of the browser's memory, with old thumbnails.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) refresh();
});
setFilter(filterFromAddress());
refreshStats();
