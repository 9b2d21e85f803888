/**
 * The uploads in the activity panel: one head for all, a row for each file.
 */
import { announce, h, icon } from "../lib/dom.js";
import { count, duration, fileSize, plural } from "../lib/format.js";
import { closeButton, section, textButton } from "./activity.js";
import { shareOf } from "./upload-queue.js";

/** @typedef {import("./upload-queue.js").Upload} Upload */
/** @typedef {import("./upload-queue.js").UploadQueue} UploadQueue */

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

export class UploadSection {
  /** @param {import("./activity.js").Activity} panel */
  constructor(panel) {
    this.panel = panel;
    this.parts = section("Uploads");
    this.buttons = h("span", { class: "activity-buttons" });
    this.rows = h("ul", { class: "activity-rows" });
    this.parts.head.append(this.buttons);
    this.parts.element.append(this.rows);
    this.frame = 0;
  }

  /**
   * Drawn at most once a frame, however often progress comes.
   * @param {UploadQueue} queue
   */
  show(queue) {
    this.panel.open(this.parts.element);
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw(queue);
    });
  }

  /** @param {UploadQueue} queue */
  draw(queue) {
    const { title, note, bar, element } = this.parts;
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
    this.buttons.replaceChildren(
      ...(queue.active
        ? [textButton("Cancel", () => queue.cancel())]
        : [
            ...(tally.failed > 0 ? [textButton("Try again", () => queue.retry())] : []),
            closeButton(() => {
              queue.clear();
              this.panel.close(element);
            }),
          ]),
    );
    this.rows.replaceChildren(...sorted(queue.uploads).slice(0, MAX_ROWS).map(uploadRow));
    if (!queue.active) announce(`${title.textContent}. ${note.textContent}`);
  }
}

/** @param {number | null} seconds */
function aboutLeft(seconds) {
  return seconds !== null && seconds > SAY_TIME_AFTER_S ? `about ${duration(seconds)} left` : "";
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
