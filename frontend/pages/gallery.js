/**
 * The gallery of a project: joins the list, the filter, the selection, uploads and drafts.
 */
import { api } from "../lib/api.js";
import { $, announce, bootstrap, isTyping } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { toastError } from "../lib/toast.js";
import { Activity } from "./activity.js";
import { atMostEvery } from "./at-most-every.js";
import { setStatuses, showSelectionBar, trashImages } from "./gallery-actions.js";
import { DraftButton } from "./gallery-draft-button.js";
import { Drafts } from "./gallery-drafts.js";
import { FilterFields, filterFromAddress, narrows, nothing } from "./gallery-filter.js";
import { showProgress, showShares, showTabs } from "./gallery-head.js";
import { HELP, target } from "./gallery-keys.js";
import { openUploadMenu, wireUploads } from "./gallery-upload.js";
import { showHelp } from "./help-dialog.js";
import { createCard, updateCard } from "./image-card.js";
import { ANY, ImageStore } from "./image-store.js";
import { Selection } from "./selection.js";
import { errorState, shortcuts } from "./shell.js";
import { UploadQueue } from "./upload-queue.js";
import { UploadSection } from "./upload-section.js";
import { VirtualGrid } from "./virtual-grid.js";

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */
/** @typedef {import("./image-store.js").Filter} Filter */

const CAPTION_HEIGHT = 36;
const OVERLAY_KEY = "maskwright.overlay";
const LOOK_EVERY_MS = 1500;
const COUNT_EVERY_MS = 4000;
/** Longer lists are not fetched again and again while drafts come in. */
const LIVE_LIST = 300;

/** @type {{project: import("../lib/types.js").Project}} */
const { project } = bootstrap();
const gridRoot = $("#grid");
const empty = $("#empty");

let overlay = localStorage.getItem(OVERLAY_KEY) !== "off";
let current = 0;
/** @type {import("../lib/types.js").Stats | null} */
let stats = null;

const fields = new FilterFields(project.labels, (change) =>
  setFilter({ ...store.filter, ...change }),
);
const selection = new Selection(() => {
  grid.render();
  showSelectionBar($("#selection-bar"), selection.size, barActions);
  announce(`${plural(selection.size, "image")} selected`);
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
      current: at === current,
    }),
  captionHeight: CAPTION_HEIGHT,
  onEnd: () => store.more(),
  isComplete: () => store.complete,
});
const activity = new Activity($("#activity"));
const uploadSection = new UploadSection(activity);
const uploads = new UploadQueue(
  project.id,
  () => uploadSection.show(uploads),
  () => refresh(),
);
const drafts = new Drafts(project, activity, {
  onProgress: atMostEvery(takeInDrafts, LOOK_EVERY_MS),
  onEnd: () => refresh(),
  onLive: (run) => draftButton.showRun(run),
  showDrafts: () => setFilter({ ...ANY, status: "proposed", order: "uncertainty" }),
});
const draftButton = new DraftButton(project.id, drafts, () => store.filter);

/** @param {ImageInfo[]} images */
function showImages(images) {
  current = Math.min(current, Math.max(0, images.length - 1));
  gridRoot.setAttribute("aria-busy", "false");
  gridRoot.hidden = images.length === 0;
  empty.hidden = images.length > 0;
  $("#more").hidden = store.complete;
  grid.setItems(images);
  if (images.length > 0) return;
  const pick = () => $("#pick-files").click();
  const clear = () => setFilter({ ...ANY, order: store.filter.order });
  empty.replaceChildren(nothing(store.filter, { pick, clear }));
}

/** @param {unknown} error */
function showError(error) {
  gridRoot.setAttribute("aria-busy", "false");
  $("#more").hidden = true;
  if (store.images.length > 0) return toastError(error);
  gridRoot.hidden = true;
  empty.hidden = false;
  empty.replaceChildren(errorState(error, () => refresh()));
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
  fields.doubt.setBins(stats.uncertainty);
  draftButton.setStats(stats);
}

const countSoon = atMostEvery(refreshStats, COUNT_EVERY_MS);

/** Drafts came in: their cards change where they stand; a list that they belong into grows. */
async function takeInDrafts() {
  const { filter, images } = store;
  const moves = filter.order !== "name" || narrows(filter);
  const inUse = gridRoot.matches(":hover, :focus-within");
  try {
    if (moves && !inUse && images.length <= LIVE_LIST) await store.reload();
    else if (images.length > 0) await store.sync();
  } catch {
    return; // the run's section says that the server can't be reached
  }
  countSoon();
}

function refresh() {
  return Promise.all([store.reload(), refreshStats()]);
}

/** @param {Filter} filter */
function setFilter(filter) {
  fields.show(filter);
  gridRoot.setAttribute("aria-busy", "true");
  current = 0;
  if (selection.size > 0) selection.clear();
  const loading = store.load(filter);
  showTabs(stats, filter.status, (status) => setFilter({ ...store.filter, status }));
  return loading;
}

/** @type {import("./gallery-actions.js").BarActions} */
const barActions = {
  ids: () => [...selection.ids],
  clear: () => selection.clear(),
  draft: () => {
    const chosen = store.images.filter((image) => selection.has(image.id));
    selection.clear();
    drafts.startChosen(chosen, "you selected", false);
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

/** @param {string} order */
function toggled(order) {
  return order === "uncertainty" ? ANY.order : "uncertainty";
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

/** @param {File[]} files */
function addFiles(files) {
  if (files.length === 0) return;
  announce(`Adding ${plural(files.length, "image")}`);
  uploads.add(files);
}

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
fields.search.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "Enter") focusCard(current);
});
document.addEventListener("keydown", async (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "a") return;
  if (isTyping(event)) return;
  event.preventDefault();
  await store.all();
  selection.all(store.images);
});
shortcuts({
  "/": () => fields.search.focus(),
  "?": () => showHelp(HELP),
  o: toggleOverlay,
  d: (event) => (event.shiftKey ? draftButton.openMenu() : draftButton.draftNew()),
  m: () => setFilter({ ...store.filter, order: toggled(store.filter.order) }),
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
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) drafts.load();
});
setFilter(filterFromAddress());
refreshStats();
drafts.load();
