/**
 * The exports of a project: the running ones live, the finished ones with their proof.
 */
import { api, apiUrl } from "../lib/api.js";
import { announce, h, icon } from "../lib/dom.js";
import { ago, count, duration, fileSize, plural } from "../lib/format.js";
import { toastError } from "../lib/toast.js";
import { errorState } from "./shell.js";

/** @typedef {import("../lib/types.js").Job} Job */

const SAY_TIME_AFTER_S = 10;

/** @type {Record<string, string>} */
const FORMAT_TITLE = {
  voc: "Pascal VOC",
  coco: "COCO instances",
  "coco-panoptic": "COCO panoptic",
  cityscapes: "Cityscapes",
  bdd100k: "BDD100K",
  camvid: "CamVid",
  "index-png": "Index PNG",
};

/** @type {Record<Job["status"], [string, string, string]>} icon, class, words */
const LOOK = {
  queued: ["clock", "muted", "Waiting to start"],
  running: ["loader", "muted", "Exporting"],
  succeeded: ["circle-check", "ok", "Done"],
  failed: ["circle-alert", "danger", "Failed"],
  cancelled: ["ban", "muted", "Cancelled"],
};

export class JobList {
  /**
   * @param {HTMLElement} root
   * @param {number} projectId
   */
  constructor(root, projectId) {
    this.root = root;
    this.projectId = projectId;
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
  }

  async load() {
    try {
      const page = await api("GET", "/jobs", { query: { project_id: this.projectId, limit: 50 } });
      const exports = page.items.filter((/** @type {Job} */ job) => job.kind.startsWith("export"));
      this.rows.clear();
      this.root.replaceChildren();
      for (const job of exports) this.root.append(this.place(job));
      this.showBlank();
    } catch (error) {
      this.root.replaceChildren(
        h(
          "li",
          null,
          errorState(error, () => this.load()),
        ),
      );
    }
    this.root.setAttribute("aria-busy", "false");
  }

  /** @param {Job} job one that was just asked for */
  add(job) {
    this.root.querySelector(".job-blank")?.remove();
    this.root.prepend(this.place(job));
  }

  showBlank() {
    if (this.root.childElementCount > 0) return;
    const text = "Exports appear here with their proof, and can be downloaded again.";
    this.root.append(h("li", { class: "job-blank muted" }, text));
  }

  /** @param {Job} job */
  place(job) {
    const row = h("li", { class: "panel job", dataset: { job: job.id } });
    this.rows.set(job.id, row);
    draw(row, job);
    if (job.status === "queued" || job.status === "running") this.follow(job);
    return row;
  }

  /** @param {Job} job */
  follow(job) {
    const events = new EventSource(apiUrl(`/jobs/${job.id}/events`));
    events.addEventListener("job", (event) => {
      /** @type {Job} */
      const now = JSON.parse(event.data);
      const row = this.rows.get(job.id);
      if (row) draw(row, now);
      if (now.status === "queued" || now.status === "running") return;
      events.close();
      announce(`${title(now)}: ${LOOK[now.status][2]}`);
    });
  }
}

/** @param {Job} job */
function title(job) {
  const format = job.params?.format ?? job.result?.format ?? "";
  return `${FORMAT_TITLE[format] ?? "Export"} export`;
}

/**
 * @param {HTMLElement} row
 * @param {Job} job
 */
function draw(row, job) {
  const live = job.status === "queued" || job.status === "running";
  const [iconName, tone] = LOOK[job.status];
  row.replaceChildren(
    h(
      "div",
      { class: "job-head" },
      job.status === "running" ? h("span", { class: "spinner" }) : icon(iconName, tone),
      h(
        "div",
        { class: "job-title" },
        h("span", null, title(job)),
        h("span", { class: "muted label-text num" }, stateLine(job)),
      ),
      action(job),
    ),
    ...(live ? [progressBar(job)] : []),
    ...(job.error ? [h("p", { class: "job-error danger" }, job.error.detail)] : []),
    ...(job.status === "succeeded" ? proof(job.result ?? {}) : []),
  );
}

/** @param {Job} job */
function progressBar({ progress }) {
  const bar = h("progress", { class: "progress", "aria-label": "Export progress" });
  if (progress.total > 0) {
    bar.max = progress.total;
    bar.value = progress.done;
  }
  return bar;
}

/** @param {Job} job */
function stateLine(job) {
  const words = LOOK[job.status][2];
  if (job.status === "running") return [words, ...progressWords(job)].join(", ");
  const at = job.finished_at ?? job.created_at;
  const size = job.result?.bytes ? `, ${fileSize(job.result.bytes)}` : "";
  return job.note ?? `${words} ${ago(at)}${size}`;
}

/** @param {Job} job */
function progressWords({ progress: { done, total, unit }, started_at }) {
  if (!total) return [];
  const said = `${count(done)} of ${count(total)} ${unit || "images"}`;
  const spent = started_at ? (Date.now() - Date.parse(started_at)) / 1000 : 0;
  const left = done > 0 ? (spent / done) * (total - done) : 0;
  return left > SAY_TIME_AFTER_S ? [said, `about ${duration(left)} left`] : [said];
}

/** @param {Job} job */
function action(job) {
  if (job.status === "succeeded") {
    const href = apiUrl(`/jobs/${job.id}/result`);
    return h("a", { class: "btn", href, download: "" }, icon("download"), "Download");
  }
  if (job.status !== "queued" && job.status !== "running") return null;
  const cancel = h("button", { class: "btn", type: "button" }, "Cancel");
  cancel.addEventListener("click", () => {
    cancel.disabled = true;
    api("DELETE", `/jobs/${job.id}`).catch(toastError);
  });
  return cancel;
}

/**
 * What was read back from the zip and compared with the store.
 * @param {any} result
 */
function proof({ proof: check, notes = [], skipped = 0, sha256 }) {
  if (!check) return [];
  const facts = [
    ["Images read back", check.images],
    ["Objects compared", check.objects],
    ...(check.objects_left_out ? [["Objects not in this format", check.objects_left_out]] : []),
    ["Pixels compared", check.pixels],
    ["Pixels that differ", check.differing_pixels],
  ];
  const exact = check.differing_pixels === 0;
  const said = [
    ...notes,
    ...(skipped > 0 ? [`${plural(skipped, "image")} without a mask left out.`] : []),
    ...(sha256 ? [`SHA-256 of the zip: ${sha256}`] : []),
  ];
  return [
    h(
      "div",
      { class: "proof" },
      h(
        "p",
        { class: `proof-verdict ${exact ? "ok" : "warn"}` },
        icon(exact ? "shield-check" : "triangle-alert"),
        exact
          ? "Read back and equal to the masks, pixel for pixel"
          : "Read back; this format does not keep every pixel",
      ),
      h(
        "dl",
        { class: "proof-facts num" },
        ...facts.map(([name, value]) =>
          h("div", null, h("dt", null, name), h("dd", null, count(Number(value)))),
        ),
      ),
      h(
        "ul",
        { class: "proof-notes label-text muted" },
        ...said.map((note) => h("li", null, note)),
      ),
    ),
  ];
}
