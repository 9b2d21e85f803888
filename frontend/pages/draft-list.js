/**
 * The newest runs of drafts of a project, in the activity panel: what came of each, and the way
 * to take it back.
 */
import { h, icon } from "../lib/dom.js";
import { ago, percent } from "../lib/format.js";
import { closeButton, textButton } from "./activity.js";
import { title, verbs } from "./draft-words.js";
import { isLive } from "./job-events.js";

/** @typedef {import("../lib/types.js").Job} Job */

const NEWEST = 6;

export class DraftList {
  /** @param {{open: (job: Job) => void, withdraw: (job: Job) => void, close: () => void}} actions */
  constructor(actions) {
    this.actions = actions;
    this.rows = h("ul", { class: "activity-rows" });
    this.head = h("summary", null);
    this.close = closeButton(actions.close, "Close the earlier runs");
    this.details = h("details", { class: "activity-more" }, this.head, this.rows);
    this.element = h(
      "section",
      { class: "activity-section activity-runs", "aria-label": "Earlier runs" },
      this.details,
      this.close,
    );
  }

  /** @param {Job[]} runs newest first, those that are shown already left out */
  show(runs) {
    const newest = runs.filter((job) => !isLive(job)).slice(0, NEWEST);
    this.head.replaceChildren(icon("chevron-right"), "Earlier runs");
    this.rows.replaceChildren(
      ...(newest.length > 0
        ? newest.map((job) => this.row(job))
        : [h("li", { class: "activity-row muted" }, "None yet")]),
    );
  }

  /** @param {Job} job */
  row(job) {
    const { withdrawn, mean_uncertainty: doubt } = job.result ?? {};
    const said = [ago(job.finished_at ?? job.created_at)];
    if (!withdrawn && typeof doubt === "number") said.push(`mean doubt ${percent(doubt)}`);
    return h(
      "li",
      { class: "run-row", dataset: { job: job.id } },
      h(
        "div",
        { class: "activity-text" },
        h("span", null, title(job)),
        h("span", { class: "label-text muted num" }, said.join(" · ")),
      ),
      withdrawn ? null : textButton("Open", () => this.actions.open(job)),
      verbs(job).includes("withdraw")
        ? textButton("Withdraw…", () => this.actions.withdraw(job))
        : null,
    );
  }
}
