/**
 * Uploads files one request each, a few at a time, and tells how each one fares.
 */
import { apiUrl, problemFrom } from "../lib/api.js";

/** Enough to keep the line busy while the server decodes; more would only wait there. */
const AT_ONCE = 3;

/**
 * @typedef {object} Upload
 * @property {File} file
 * @property {"waiting" | "sending" | "done" | "duplicate" | "failed" | "cancelled"} state
 * @property {number} sent 0 to 1
 * @property {string} text what happened, for the user
 */

export class UploadQueue {
  /**
   * @param {number} projectId
   * @param {() => void} onChange
   * @param {() => void} onIdle
   */
  constructor(projectId, onChange, onIdle) {
    this.url = apiUrl(`/projects/${projectId}/images`);
    this.onChange = onChange;
    this.onIdle = onIdle;
    /** @type {Upload[]} */
    this.uploads = [];
    /** @type {Map<Upload, XMLHttpRequest>} */
    this.running = new Map();
    this.next = 0;
    /** What was added since the queue was last idle, and since when: for the time left. */
    this.batch = { first: 0, started: 0 };
  }

  /** @param {File[]} files */
  add(files) {
    if (!this.active) this.batch = { first: this.uploads.length, started: performance.now() };
    for (const file of files) {
      this.uploads.push({ file, state: "waiting", sent: 0, text: "" });
    }
    this.pump();
  }

  get active() {
    return this.running.size > 0 || this.next < this.uploads.length;
  }

  /** Seconds until all are through, at the pace so far; null before there is a pace. */
  get secondsLeft() {
    const batch = this.uploads.slice(this.batch.first);
    const done = batch.reduce((sum, upload) => sum + shareOf(upload), 0);
    const seconds = (performance.now() - this.batch.started) / 1000;
    return done > 0 ? (seconds / done) * (batch.length - done) : null;
  }

  pump() {
    while (this.running.size < AT_ONCE && this.next < this.uploads.length) {
      const upload = this.uploads[this.next];
      this.next += 1;
      if (upload?.state === "waiting") this.send(upload);
    }
    if (!this.active) this.onIdle();
  }

  /** @param {Upload} upload */
  send(upload) {
    const request = new XMLHttpRequest();
    this.running.set(upload, request);
    this.set(upload, { state: "sending" });
    request.open("POST", this.url);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      this.set(upload, { sent: total ? loaded / total : 0 });
    });
    request.addEventListener("load", () => this.finish(upload, outcome(request)));
    request.addEventListener("error", () => this.finish(upload, UNREACHABLE));
    request.addEventListener("abort", () =>
      this.finish(upload, { state: "cancelled", text: "Cancelled" }),
    );
    const form = new FormData();
    form.append("files", upload.file, upload.file.name);
    request.send(form);
  }

  /**
   * @param {Upload} upload
   * @param {Partial<Upload>} change
   */
  finish(upload, change) {
    this.running.delete(upload);
    this.set(upload, change);
    this.pump();
  }

  /**
   * @param {Upload} upload
   * @param {Partial<Upload>} change
   */
  set(upload, change) {
    Object.assign(upload, change);
    this.onChange();
  }

  cancel() {
    const waiting = this.uploads.slice(this.next);
    this.next = this.uploads.length;
    for (const upload of waiting) Object.assign(upload, { state: "cancelled", text: "Cancelled" });
    this.onChange();
    for (const request of this.running.values()) request.abort();
  }

  /** Tries the failed ones again. */
  retry() {
    const failed = this.uploads.filter((upload) => upload.state === "failed");
    this.uploads = this.uploads.filter((upload) => upload.state !== "failed");
    this.next = this.uploads.length;
    this.add(failed.map((upload) => upload.file));
  }

  /** Forgets what is over. */
  clear() {
    this.uploads = [];
    this.next = 0;
  }
}

/**
 * How much of a file is through, 0 to 1. The last tenth is the server's: it decodes and stores
 * after the last byte has arrived.
 * @param {Upload} upload
 */
export function shareOf({ state, sent }) {
  if (state === "waiting") return 0;
  return state === "sending" ? sent * 0.9 : 1;
}

/** @type {Partial<Upload>} */
const UNREACHABLE = {
  state: "failed",
  text: "The server could not be reached. The file was not added; try again.",
};

/**
 * @param {XMLHttpRequest} request
 * @returns {Partial<Upload>}
 */
function outcome(request) {
  const type = request.getResponseHeader("Content-Type");
  if (request.status !== 201) {
    const retryAfter = request.getResponseHeader("Retry-After");
    const error = problemFrom(request.status, request.responseText, retryAfter, type);
    return { state: "failed", text: error.problem.errors?.[0]?.error?.detail ?? error.detail };
  }
  const [entry] = JSON.parse(request.responseText);
  if (entry?.error) return { state: "failed", text: entry.error.detail };
  return { state: entry?.duplicate_of ? "duplicate" : "done", text: entry?.note ?? "" };
}
