/**
 * The panel in the corner that shows uploads and drafts as they go.
 */
import { announce, h, icon } from "../lib/dom.js";
import { count, duration, fileSize, plural } from "../lib/format.js";
import { shareOf } from "./upload-queue.js";

/** @typedef {import("./upload-queue.js").Upload} Upload */
/** @typedef {import("./upload-queue.js").UploadQueue} UploadQueue */
/** @typedef {import("./draft-run.js").DraftState} DraftState */

/** Of a folder of thousands only these are rows; the head counts all. */
const MAX_ROWS = 200;
const SAY_TIME_AFTER_S = 10;

/** What needs a look comes first. */
const ORDER = ["failed", "sending", "duplicate", "waiting", "done", "cancelled"];

/** @type {Record<Upload["state"], [string, string]>} icon and class */
const LOOK = {
  waiting: ["clock", "muted"],
  sending: ["cloud-upload", "muted"],
  done: ["circle-check", "ok"],
  duplicate: ["copy", "muted"],
  failed: ["circle-alert", "danger"],
  cancelled: ["ban", "muted"],
};

/**
 * One head with a progress bar, buttons and rows below.
 * @param {string} name
 */
function section(name) {
  const parts = {
    title: h("span", { class: "activity-title truncate" }),
    note: h("span", { class: "activity-note label-text muted num" }),
    bar: h("progress", { class: "progress", max: 1, value: 0, "aria-label": name }),
    buttons: h("span", { class: "activity-buttons" }),
    rows: h("ul", { class: "activity-rows" }),
  };
  const element = h(
    "section",
    { class: "activity-section", "aria-label": name },
    h(
      "div",
      { class: "activity-head" },
      h("div", { class: "activity-text" }, parts.title, parts.note),
      parts.buttons,
    ),
    parts.bar,
    parts.rows,
  );
  return { element, ...parts };
}

/**
 * @param {string} text
 * @param {() => void} run
 */
function textButton(text, run) {
  return h("button", { class: "btn btn-ghost btn-sm", type: "button", onclick: run }, text);
}

/** @param {() => void} run */
function closeButton(run) {
  return h(
    "button",
    { class: "icon-btn icon-btn-sm", type: "button", "aria-label": "Close", onclick: run },
    icon("x"),
  );
}

export class Activity {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.uploads = section("Uploads");
    this.drafts = section("Drafts");
    this.frame = 0;
  }

  /** @param {HTMLElement} element */
  open(element) {
    if (!element.isConnected) this.root.append(element);
    this.root.hidden = false;
  }

  /** @param {HTMLElement} element */
  close(element) {
    element.remove();
    this.root.hidden = this.root.childElementCount === 0;
  }

  /**
   * Drawn at most once a frame, however often progress comes.
   * @param {UploadQueue} queue
   */
  showUploads(queue) {
    this.open(this.uploads.element);
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.drawUploads(queue);
    });
  }

  /** @param {UploadQueue} queue */
  drawUploads(queue) {
    const { title, note, bar, buttons, rows, element } = this.uploads;
    const tally = tallyOf(queue.uploads);
    const total = queue.uploads.length;
    const handled = total - tally.waiting - tally.sending;
    title.textContent = queue.active
      ? `Adding ${count(Math.min(handled + 1, total))} of ${plural(total, "image")}`
      : `${plural(tally.done, "image")} added`;
    const left = queue.active ? aboutLeft(queue.secondsLeft) : "";
    note.textContent = [leftOver(tally), left].filter(Boolean).join(", ") || "\u00a0";
    bar.value =
      queue.uploads.reduce((sum, upload) => sum + shareOf(upload), 0) / Math.max(1, total);
    bar.hidden = !queue.active;
    buttons.replaceChildren(
      ...(queue.active
        ? [textButton("Cancel", () => queue.cancel())]
        : [
            ...(tally.failed > 0 ? [textButton("Try again", () => queue.retry())] : []),
            closeButton(() => {
              queue.clear();
              this.close(element);
            }),
          ]),
    );
    rows.replaceChildren(...sorted(queue.uploads).slice(0, MAX_ROWS).map(uploadRow));
    if (!queue.active) announce(`${title.textContent}. ${note.textContent}`);
  }

  /**
   * @param {DraftState} state
   * @param {{cancel: () => void, show: () => void}} actions
   */
  showDrafts(state, { cancel, show }) {
    const { element, title, note, bar, buttons } = this.drafts;
    this.open(element);
    const handled = state.done + state.failed;
    title.textContent = state.finished
      ? draftSummary(state)
      : `Drafting ${count(Math.min(handled + 1, state.total))} of ${plural(state.total, "image")}`;
    note.textContent = state.note || (state.finished ? "" : timeLeft(state));
    note.classList.toggle("danger", state.failed > 0 && state.note !== "");
    bar.value = handled / Math.max(1, state.total);
    bar.hidden = state.finished;
    buttons.replaceChildren(
      ...(state.finished
        ? [
            ...(state.done > 0 ? [textButton("Show drafts", show)] : []),
            closeButton(() => this.close(element)),
          ]
        : [textButton("Cancel", cancel)]),
    );
    if (state.finished) announce(draftSummary(state));
  }
}

/** @param {DraftState} state */
function timeLeft({ secondsLeft, current }) {
  return aboutLeft(secondsLeft) || current;
}

/** @param {number | null} seconds */
function aboutLeft(seconds) {
  return seconds !== null && seconds > SAY_TIME_AFTER_S ? `about ${duration(seconds)} left` : "";
}

/** @param {DraftState} state */
function draftSummary({ done, failed, total }) {
  const left = total - done - failed;
  const parts = [`${plural(done, "image")} drafted`];
  if (failed > 0) parts.push(`${count(failed)} failed`);
  if (left > 0) parts.push(`${count(left)} left out`);
  return parts.join(", ");
}

/** @param {Upload[]} uploads */
function tallyOf(uploads) {
  const tally = { waiting: 0, sending: 0, done: 0, duplicate: 0, failed: 0, cancelled: 0 };
  for (const upload of uploads) tally[upload.state] += 1;
  return tally;
}

/** @param {ReturnType<typeof tallyOf>} tally */
function leftOver({ duplicate, failed, cancelled }) {
  const parts = [];
  if (duplicate > 0) parts.push(`${count(duplicate)} already here`);
  if (failed > 0) parts.push(`${count(failed)} not added`);
  if (cancelled > 0) parts.push(`${count(cancelled)} cancelled`);
  return parts.join(", ");
}

/** @param {Upload[]} uploads */
function sorted(uploads) {
  return [...uploads].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}

/** @param {Upload} upload */
function uploadRow(upload) {
  const [iconName, tone] = LOOK[upload.state];
  return h(
    "li",
    { class: "activity-row" },
    icon(iconName, tone),
    h("span", { class: "truncate", title: upload.file.name }, upload.file.name),
    h("span", { class: "muted label-text num" }, sizeOrShare(upload)),
    upload.text ? h("span", { class: `activity-reason label-text ${tone}` }, upload.text) : null,
  );
}

/** @param {Upload} upload */
function sizeOrShare({ state, sent, file }) {
  return state === "sending" ? `${Math.round(sent * 100)} %` : fileSize(file.size);
}
