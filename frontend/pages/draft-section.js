/**
 * One run of drafts in the activity panel: how far it is, its buttons, its failed images.
 */
import { announce, h, icon } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { toastError } from "../lib/toast.js";
import { closeButton, section, smallButton } from "./activity.js";
import { milestone, note, retryText, share, title, verbs } from "./draft-words.js";

/** @typedef {import("./draft-run.js").DraftRun} DraftRun */
/** @typedef {import("./draft-run.js").FailedItem} FailedItem */
/** @typedef {import("./draft-run.js").Verb} Verb */

/** @type {[Verb, string][]} */
const BUTTONS = [
  ["pause", "Pause"],
  ["resume", "Resume"],
  ["cancel", "Cancel"],
  ["retry", "Retry failed"],
  ["withdraw", "Withdraw…"],
];

/**
 * @typedef {object} SectionHooks
 * @property {() => Promise<void>} withdraw asks first
 * @property {() => void} showDrafts
 * @property {() => void} onClose
 */

export class DraftSection {
  /**
   * @param {DraftRun} run
   * @param {SectionHooks} hooks
   */
  constructor(run, hooks) {
    this.run = run;
    this.hooks = hooks;
    this.said = "";
    this.failedShown = 0;
    this.parts = section("Run of drafts");
    this.spinner = h("span", { class: "spinner" });
    this.close = closeButton(() => hooks.onClose());
    this.parts.head.prepend(this.spinner);
    this.parts.head.append(this.close);
    this.parts.note.classList.remove("muted");
    // The buttons stay where they are while the numbers change, so that none loses the focus.
    this.buttons = new Map(
      BUTTONS.map(([verb, text]) => [verb, smallButton(text, () => this.act(verb))]),
    );
    this.show = smallButton("Show drafts", hooks.showDrafts);
    this.failedList = h("ul", { class: "activity-rows" });
    this.failed = h(
      "details",
      { class: "activity-more", ontoggle: () => this.loadFailed() },
      h("summary", null),
      this.failedList,
    );
    this.parts.element.append(
      h("div", { class: "activity-actions" }, this.show, ...this.buttons.values()),
      this.failed,
    );
    this.draw();
  }

  get element() {
    return this.parts.element;
  }

  draw() {
    const { job, live, lost } = this.run;
    const { title: head, note: line, bar, element } = this.parts;
    element.dataset.job = job.id;
    head.textContent = title(job);
    line.textContent = note(job, lost) || "\u00a0";
    line.classList.toggle("danger", lost || job.error !== null);
    this.spinner.hidden = !live || job.paused === true;
    bar.value = share(job);
    bar.hidden = !live;
    this.close.ariaLabel = live ? "Hide; the run goes on" : "Close";
    const retry = this.buttons.get("retry");
    if (retry) retry.textContent = retryText(job);
    this.showOnly(verbs(job));
    const failed = job.result?.failed ?? job.progress.failed ?? 0;
    this.failed.hidden = failed === 0 || Boolean(job.result?.withdrawn);
    if (this.failedShown !== failed) this.drawFailed(failed);
    this.announce();
  }

  /** @param {Verb[]} possible */
  showOnly(possible) {
    const focused = document.activeElement;
    for (const [verb, button] of this.buttons) button.hidden = !possible.includes(verb);
    const { result } = this.run.job;
    this.show.hidden = this.run.live || !(result?.drafted > 0) || Boolean(result?.withdrawn);
    // The focus passes on from a button that goes: from Pause to Resume, at the end to Close.
    if (!(focused instanceof HTMLButtonElement) || !focused.hidden) return;
    const next = [...this.buttons.values()].find((button) => !button.hidden) ?? this.close;
    if (this.element.contains(focused)) next.focus();
  }

  announce() {
    const now = milestone(this.run.job);
    if (now === this.said) return;
    this.said = now;
    announce(`${this.parts.title.textContent}. ${this.parts.note.textContent}`);
  }

  /** @param {Verb} verb */
  async act(verb) {
    const button = this.buttons.get(verb);
    if (!button) return;
    try {
      button.ariaDisabled = "true";
      await (verb === "withdraw" ? this.hooks.withdraw() : this.run.act(verb));
    } catch (error) {
      toastError(error);
    } finally {
      button.ariaDisabled = null;
    }
  }

  /** @param {number} failed */
  drawFailed(failed) {
    this.failedShown = failed;
    const head = this.failed.querySelector("summary");
    head?.replaceChildren(icon("chevron-right"), `${plural(failed, "image")} failed`);
    this.loadFailed();
  }

  async loadFailed() {
    if (!this.failed.open || this.failed.hidden) return;
    try {
      const { items, next_cursor: more } = await this.run.failed(null);
      this.failedList.replaceChildren(...items.map(failedRow));
      if (more) {
        this.failedList.append(h("li", { class: "activity-row muted" }, "… and more"));
      }
    } catch (error) {
      toastError(error);
    }
  }
}

/** @param {FailedItem} item */
function failedRow({ image_id: id, name, error }) {
  return h(
    "li",
    { class: "activity-row" },
    icon("circle-alert", "danger"),
    h("a", { class: "truncate", href: `/images/${id}`, title: name }, name),
    h("span", null),
    h("span", { class: "activity-reason label-text danger" }, error?.detail ?? "It failed."),
  );
}
