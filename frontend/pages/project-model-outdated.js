/**
 * Drafts that wait and were made by another map or model: says so, and drafts them again.
 */
import { api } from "../lib/api.js";
import { $ } from "../lib/dom.js";
import { plural } from "../lib/format.js";
import { toast, toastError } from "../lib/toast.js";

const STAY_MS = 12000;

export class Outdated {
  /** @param {number} projectId */
  constructor(projectId) {
    this.projectId = projectId;
    this.drafts = 0;
    $("#draft-again").addEventListener("click", () => this.draftAgain());
  }

  /** @param {number} drafts */
  show(drafts) {
    this.drafts = drafts;
    $("#outdated").hidden = drafts === 0;
    $("#outdated-text").textContent =
      `${plural(drafts, "image")} ${drafts === 1 ? "waits" : "wait"} with a draft that was made with another map or model.`;
  }

  /** After a save: what follows it, and what doesn't yet. */
  tell() {
    if (this.drafts === 0) {
      toast("New drafts use it.", { kind: "ok" });
      return;
    }
    const were = `${plural(this.drafts, "draft")} ${this.drafts === 1 ? "was" : "were"}`;
    const action = { label: "Draft again", run: () => this.draftAgain() };
    toast(`New drafts use it. ${were} made with the old map.`, { kind: "ok", action, ms: STAY_MS });
  }

  /** Only what nobody has accepted or worked on. */
  async draftAgain() {
    $("#outdated").hidden = true;
    try {
      const json = { statuses: ["proposed"] };
      await api("POST", `/projects/${this.projectId}/proposals`, { json });
      const run = () => location.assign(`/projects/${this.projectId}`);
      toast("Drafting again.", { kind: "ok", action: { label: "Show", run } });
    } catch (error) {
      toastError(error);
    }
  }
}
