/**
 * The runs of drafts of a project as the gallery shows them: found again after a reload, started
 * one at a time, each with its section in the activity panel.
 */
import { count, plural } from "../lib/format.js";
import { toast, toastError } from "../lib/toast.js";
import { confirmStart, confirmWithdraw } from "./draft-dialog.js";
import { DraftList } from "./draft-list.js";
import { DraftRun, listRuns, startRun } from "./draft-run.js";
import { DraftSection } from "./draft-section.js";
import { isLive } from "./job-events.js";

/** @typedef {import("../lib/types.js").ImageInfo} ImageInfo */
/** @typedef {import("../lib/types.js").Job} Job */
/** @typedef {import("../lib/types.js").Project} Project */

/** A run of more images is asked about first. */
const ASK_ABOVE = 20;
/** A run that ended while nobody looked is shown until it is closed, for so long. */
const TELL_FOR_MS = 86_400_000;

/**
 * @typedef {object} Wanted
 * @property {number[]} [ids] or else all with one of the
 * @property {string[]} [statuses]
 * @property {number} images how many that is
 * @property {string} what the same in words
 * @property {boolean} again whether some of them have a draft already
 * @property {boolean} [ask] ask first, however few
 *
 * @typedef {object} DraftHooks
 * @property {() => void} onProgress images have been drafted
 * @property {() => void} onEnd a run has ended, or was withdrawn
 * @property {(run: DraftRun | null) => void} onLive the run under way, if there is one
 * @property {() => void} showDrafts
 */

export class Drafts {
  /**
   * @param {Project} project
   * @param {import("./activity.js").Activity} panel
   * @param {DraftHooks} hooks
   */
  constructor(project, panel, hooks) {
    this.project = project;
    this.panel = panel;
    this.hooks = hooks;
    /** @type {Map<string, {run: DraftRun, section: DraftSection}>} */
    this.open = new Map();
    /** @type {Job[]} newest first */
    this.jobs = [];
    this.list = new DraftList({
      open: (job) => this.reveal(job),
      withdraw: (job) => this.withdraw(this.runOf(job)),
      close: () => this.panel.close(this.list.element),
    });
    this.starting = false;
    this.closedKey = `maskwright.closed-run.${project.id}`;
  }

  /** The run under way, running or paused. */
  get live() {
    return [...this.open.values()].find(({ run }) => run.live)?.run ?? null;
  }

  /** Finds what is under way, whoever began it, and what ended while nobody looked. */
  async load() {
    try {
      this.jobs = await listRuns(this.project.id);
    } catch (error) {
      return toastError(error);
    }
    for (const job of this.jobs) {
      const shown = this.open.get(job.id);
      if (shown) shown.run.take(job);
      else if (isLive(job) || (job === this.jobs[0] && this.isNews(job))) this.reveal(job);
    }
    this.hooks.onLive(this.live);
  }

  /** @param {Job} job */
  isNews({ id, finished_at: at, result }) {
    if (!at || result?.withdrawn || Date.now() - Date.parse(at) > TELL_FOR_MS) return false;
    return localStorage.getItem(this.closedKey) !== id;
  }

  /** @param {Wanted} wanted */
  async start(wanted) {
    const { live } = this;
    if (live) {
      this.reveal(live.job);
      const state = live.job.paused
        ? "A run is paused. Resume or cancel it"
        : "A run is under way. Cancel it";
      toast(`${state} first, or wait until it is done.`);
      return;
    }
    if (this.starting || wanted.images === 0) return;
    this.starting = true;
    try {
      const big = wanted.ask || wanted.images > ASK_ABOVE;
      if (big && !(await confirmStart(this.project, wanted, this.jobs))) return;
      const { ids, statuses } = wanted;
      const job = await startRun(this.project.id, ids ? { image_ids: ids } : { statuses });
      this.closeEnded();
      this.reveal(job);
    } catch (error) {
      toastError(error);
    } finally {
      this.starting = false;
    }
  }

  /**
   * Starts with chosen images. Those that people have begun on are left out.
   * @param {ImageInfo[]} chosen
   * @param {string} which
   * @param {boolean} ask
   */
  async startChosen(chosen, which, ask) {
    const open = chosen.filter(({ status }) => status === "new" || status === "proposed");
    const begun = chosen.length - open.length;
    if (open.length === 0) {
      toast("People have begun on these images. Draft them one at a time, in the editor.");
      return;
    }
    const all = `The ${plural(chosen.length, "image")} ${which}`;
    const without = begun > 0 ? `, without ${count(begun)} that people have begun on` : "";
    await this.start({
      ids: open.map(({ id }) => id),
      images: open.length,
      what: all + without,
      again: open.some(({ proposal }) => proposal !== null),
      ask: ask || begun > 0,
    });
  }

  /** @param {Job} job */
  runOf(job) {
    return this.open.get(job.id)?.run ?? new DraftRun(job, (run) => this.changed(run));
  }

  /**
   * Shows the section of a run.
   * @param {Job} job
   */
  reveal(job) {
    if (!this.open.has(job.id)) {
      const run = this.runOf(job);
      const section = new DraftSection(run, {
        withdraw: () => this.withdraw(run),
        showDrafts: this.hooks.showDrafts,
        onClose: () => this.close(run),
      });
      this.open.set(job.id, { run, section });
      this.changed(run);
    }
    const shown = this.open.get(job.id);
    if (shown) this.panel.open(shown.section.element);
    this.showList();
  }

  /**
   * A run that is under way is only hidden; its button in the page's head brings it back.
   * @param {DraftRun} run
   */
  close(run) {
    const section = this.open.get(run.job.id)?.section;
    if (section) this.panel.close(section.element);
    if (!run.live) {
      this.open.delete(run.job.id);
      localStorage.setItem(this.closedKey, run.job.id);
    }
    this.showList();
  }

  closeEnded() {
    for (const { run } of [...this.open.values()]) if (!run.live) this.close(run);
  }

  /** @param {DraftRun} run */
  changed(run) {
    const { job } = run;
    const before = this.jobs.find(({ id }) => id === job.id);
    this.jobs = before
      ? this.jobs.map((known) => (known.id === job.id ? job : known))
      : [job, ...this.jobs];
    this.open.get(job.id)?.section.draw();
    this.hooks.onLive(this.live);
    if (!before || before === job) return;
    if (before.progress.done !== job.progress.done) this.hooks.onProgress();
    const ended = isLive(before) && !run.live;
    const withdrawn = !before.result?.withdrawn && job.result?.withdrawn;
    if (ended || withdrawn) {
      this.hooks.onEnd();
      if (ended) this.reveal(job); // also where it was hidden
      this.showList();
    }
  }

  /** @param {DraftRun} run */
  async withdraw(run) {
    try {
      if (await confirmWithdraw(run.job)) await run.act("withdraw");
    } catch (error) {
      toastError(error);
    }
  }

  /** The earlier runs, at the foot of the panel while it shows one, or when they are asked for. */
  showList(asked = false) {
    const shown = [...this.open.values()].filter(({ section }) => section.element.isConnected);
    const earlier = this.jobs.filter((job) => !isLive(job) && !this.open.has(job.id));
    this.list.show(earlier);
    if (asked) this.list.details.open = true;
    this.list.close.hidden = shown.length > 0;
    if (asked || (shown.length > 0 && earlier.length > 0)) this.panel.openLast(this.list.element);
    else this.panel.close(this.list.element);
  }
}
