/**
 * The button that drafts all new images, or says how far the run under way is; beside it a menu of
 * what else can be drafted.
 */
import { pages } from "../lib/api.js";
import { $ } from "../lib/dom.js";
import { count, plural, STATUS_NAME } from "../lib/format.js";
import { openMenu } from "../lib/menu.js";
import { toastError } from "../lib/toast.js";
import { share } from "./draft-words.js";
import { narrows } from "./gallery-filter.js";

/** @typedef {import("./image-store.js").Filter} Filter */
/** @typedef {import("../lib/types.js").Stats} Stats */

const PAGE = 200;

export class DraftButton {
  /**
   * @param {number} projectId
   * @param {import("./gallery-drafts.js").Drafts} drafts
   * @param {() => Filter} filter the gallery's now
   */
  constructor(projectId, drafts, filter) {
    this.path = `/projects/${projectId}/images`;
    this.drafts = drafts;
    this.filter = filter;
    this.button = /** @type {HTMLButtonElement} */ ($("#draft-all"));
    this.more = /** @type {HTMLButtonElement} */ ($("#draft-more"));
    this.fresh = 0;
    this.drafted = 0;
    this.button.addEventListener("click", () => this.draftNew());
    this.more.addEventListener("click", () => this.openMenu());
  }

  /** @param {Stats} stats */
  setStats({ by_status: { new: fresh = 0, proposed = 0 } }) {
    this.fresh = fresh;
    this.drafted = proposed;
    this.showRun(this.drafts.live);
  }

  /** @param {import("./draft-run.js").DraftRun | null} run under way */
  showRun(run) {
    const percent = run ? `${Math.floor(share(run.job) * 100)} %` : "";
    const text = run ? `${run.job.paused ? "Paused" : "Drafting"} ${percent}` : "Draft all new";
    $(".btn-text", this.button).textContent = text;
    this.button.ariaLabel = text;
    this.button.dataset.tooltip = run
      ? "Show the run under way"
      : "Let the model draft every new image";
    this.button.disabled = !run && this.fresh === 0;
  }

  draftNew() {
    const { live } = this.drafts;
    if (live) return this.drafts.reveal(live.job);
    const what = `All ${plural(this.fresh, "new image")}`;
    return this.drafts.start({ statuses: ["new"], images: this.fresh, what, again: false });
  }

  draftAgain() {
    const what = `All ${plural(this.drafted, "drafted image")}, again`;
    return this.drafts.start({ statuses: ["proposed"], images: this.drafted, what, again: true });
  }

  async draftFiltered() {
    /** @type {import("../lib/types.js").ImageInfo[]} */
    const found = [];
    try {
      const query = { ...this.filter(), limit: PAGE };
      for await (const items of pages(this.path, query)) found.push(...items);
    } catch (error) {
      return toastError(error);
    }
    return this.drafts.startChosen(found, "that the filter shows", true);
  }

  openMenu() {
    const drafted = (STATUS_NAME.proposed ?? "").toLowerCase();
    const items = [
      this.fresh > 0 && {
        label: `Draft all new (${count(this.fresh)})`,
        icon: "sparkles",
        run: () => this.draftNew(),
      },
      narrows(this.filter()) && {
        label: "Draft what the filter shows…",
        icon: "list-filter",
        run: () => this.draftFiltered(),
      },
      this.drafted > 0 && {
        label: `Draft again what is only ${drafted} (${count(this.drafted)})`,
        icon: "refresh-cw",
        run: () => this.draftAgain(),
      },
      { label: "Earlier runs", icon: "history", run: () => this.drafts.showList(true) },
    ];
    openMenu(
      this.more,
      items.filter((item) => item !== false),
    );
  }
}
