/**
 * Three images as the model sees them, and as the project would have them.
 */
import { ApiError, api, apiRaw, apiUrl } from "../lib/api.js";
import { $, h, icon } from "../lib/dom.js";
import { percent } from "../lib/format.js";
import { paint, rgb, sharesOf } from "./project-model-paint.js";
import { VOID } from "./project-model-state.js";
import { errorState } from "./shell.js";
import { vocColor, vocIndices } from "./voc-colors.js";

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */
/** @typedef {import("../lib/types.js").Label} Label */
/** @typedef {import("./project-model-paint.js").Seen} Seen */

const SHOWN = 3;
const MOST_IMAGES = 200;
const DEFAULT_WAIT_S = 3;

/** Statuses that say something about one image, not about the model. */
const OF_THE_IMAGE = new Set([410, 413, 415, 422]);

/**
 * @typedef {object} Card
 * @property {ImageInfo} image
 * @property {HTMLElement} element
 * @property {HTMLCanvasElement} model
 * @property {HTMLCanvasElement} project
 * @property {HTMLElement} note
 * @property {Seen | null} seen
 */

export class Previews {
  /**
   * @param {number} projectId
   * @param {Label[]} labels the project's
   * @param {(shares: Map<number, number>) => void} onSeen told the share of each of the model's labels
   */
  constructor(projectId, labels, onSeen) {
    this.projectId = projectId;
    this.labels = labels;
    this.onSeen = onSeen;
    this.root = $("#previews");
    /** @type {ImageInfo[]} */
    this.images = [];
    /** @type {Card[]} */
    this.cards = [];
    this.round = 0;
    this.model = "";
    this.table = new Uint8Array(256).fill(VOID);
    /** @type {number | null} */
    this.only = null;
    /** @type {Map<number, number>} of each of the model's labels, 0 to 1 */
    this.shares = new Map();
    this.abort = new AbortController();
    this.other = /** @type {HTMLButtonElement} */ ($("#other-images"));
    this.other.addEventListener("click", () => this.next());
  }

  async load() {
    const query = { limit: MOST_IMAGES };
    const page = await api("GET", `/projects/${this.projectId}/images`, { query });
    this.images = page.items;
    this.other.disabled = this.images.length <= SHOWN;
    $("#previews-empty").hidden = this.images.length > 0;
    this.problem(null);
  }

  /** @param {string} model */
  async show(model) {
    this.model = model;
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.cards = this.chosen().map(createCard);
    this.problem(null);
    this.root.replaceChildren(...this.cards.map((card) => card.element));
    this.tally();
    try {
      // One after the other: the model's queue is short, and others wait in it too.
      for (const card of this.cards) {
        await see(card, model, signal);
        if (signal.aborted) return;
        this.paint();
        this.tally();
      }
    } catch (error) {
      if (!signal.aborted) this.problem(error);
    }
  }

  /** @param {unknown} error what keeps the model from showing anything; null for nothing */
  problem(error) {
    $("#previews-body").hidden = this.images.length === 0 || error !== null;
    $("#previews-problem").replaceChildren(
      ...(error === null ? [] : [errorState(error, () => this.show(this.model))]),
    );
  }

  next() {
    this.round += 1;
    return this.show(this.model);
  }

  /** Images from all over the project, others each round. */
  chosen() {
    const { images, round } = this;
    const step = Math.max(1, Math.floor(images.length / SHOWN));
    const places = Array.from({ length: SHOWN }, (_, at) => (round + at * step) % images.length);
    return [...new Set(places)].flatMap((at) => images[at] ?? []);
  }

  /** @param {Uint8Array<ArrayBuffer>} table model index → the project's */
  recolor(table) {
    this.table = table;
    this.paint();
    this.showLegend();
  }

  /** @param {number | null} index of the model's: fade everything else, if there is any of it */
  highlight(index) {
    const only = index !== null && this.shares.has(index) ? index : null;
    if (only === this.only) return;
    this.only = only;
    this.paint();
  }

  paint() {
    const colors = new Map(this.labels.map((label) => [label.index, rgb(label.color)]));
    for (const { seen, model, project } of this.cards) {
      if (!seen) continue;
      paint(model, seen, vocColor, this.only);
      paint(project, seen, (index) => colors.get(this.table[index] ?? VOID) ?? null, this.only);
    }
  }

  /** Tells how much of each of the model's labels there is, in all that was seen. */
  tally() {
    const shares = sharesOf(this.cards.flatMap(({ seen }) => seen?.indices ?? []));
    this.shares = shares;
    this.onSeen(shares);
    this.showLegend();
  }

  showLegend() {
    /** @type {Map<number, number>} */
    const mine = new Map();
    for (const [index, share] of this.shares) {
      const target = this.table[index] ?? VOID;
      mine.set(target, (mine.get(target) ?? 0) + share);
    }
    const order = [...this.labels.map((label) => label.index), VOID];
    const entries = order.filter((index) => mine.has(index));
    $("#legend").replaceChildren(
      ...entries.map((index) => this.legendEntry(index, mine.get(index) ?? 0)),
    );
  }

  /**
   * @param {number} index the project's
   * @param {number} share
   */
  legendEntry(index, share) {
    const label = this.labels.find((one) => one.index === index);
    const swatch = h("span", { class: label ? "swatch" : "swatch swatch-void" });
    if (label) swatch.style.background = label.color;
    return h(
      "li",
      { class: "share-entry" },
      swatch,
      h("span", null, label?.name ?? "Void"),
      h("span", { class: "muted num" }, percent(share)),
    );
  }
}

/**
 * @param {ImageInfo} image
 * @returns {Card}
 */
function createCard(image) {
  const named = (/** @type {string} */ text) => h("canvas", { role: "img", "aria-label": text });
  const model = named(`What the model sees in ${image.name}`);
  const project = named(`${image.name} in your labels`);
  const note = h("div", { class: "preview-note", role: "status" });
  const thumbnail = apiUrl(`/images/${image.id}/thumbnail`);
  const element = h(
    "figure",
    { class: "preview waiting" },
    h("figcaption", { class: "label-text muted truncate" }, image.name),
    h("div", { class: "preview-cell" }, h("img", { src: thumbnail, alt: image.name })),
    h("div", { class: "preview-cell" }, model),
    h("div", { class: "preview-cell" }, project),
    note,
  );
  return { image, element, model, project, note, seen: null };
}

/**
 * Asks until the model has answered, however busy it is. What is wrong with this one image is said
 * beside it; what is wrong with the model is thrown.
 * @param {Card} card
 * @param {string} model
 * @param {AbortSignal} signal
 */
async function see(card, model, signal) {
  for (;;) {
    try {
      card.seen = await fetchSeen(card.image, model, signal);
      card.element.classList.remove("waiting");
      card.note.replaceChildren();
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (OF_THE_IMAGE.has(error.status)) {
        card.element.classList.remove("waiting");
        card.note.replaceChildren(icon("circle-alert"), h("span", null, error.message));
        return;
      }
      if (error.code !== "busy") throw error;
      await patience(card.note, error.retryAfter ?? DEFAULT_WAIT_S);
      if (signal.aborted) return;
    }
  }
}

/**
 * Says how long it waits, and waits so long or until somebody is tired of it.
 * @param {HTMLElement} note
 * @param {number} seconds
 * @returns {Promise<void>}
 */
function patience(note, seconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const now = () => {
      clearTimeout(timer);
      resolve();
    };
    note.replaceChildren(
      icon("clock"),
      h("span", null, `The model is busy. Trying again in ${Math.ceil(seconds)} s.`),
      h("button", { class: "btn btn-sm", type: "button", onclick: now }, "Try now"),
    );
  });
}

/**
 * @param {ImageInfo} image
 * @param {string} model
 * @param {AbortSignal} signal
 * @returns {Promise<Seen>}
 */
async function fetchSeen(image, model, signal) {
  const options = { query: { model }, signal };
  const response = await apiRaw("GET", `/images/${image.id}/draft-preview`, options);
  const bitmap = await createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser can't read the preview.");
  context.drawImage(bitmap, 0, 0);
  const indices = vocIndices(context.getImageData(0, 0, width, height).data);
  const picture = h("img", { src: apiUrl(`/images/${image.id}/thumbnail`), alt: "" });
  await picture.decode();
  return { width, height, indices, picture };
}
