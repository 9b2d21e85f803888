/**
 * One run of drafts: a job on the server that this page starts, follows and steers. It goes on
 * without the page.
 */
import { api } from "../lib/api.js";
import { followJob, isLive } from "./job-events.js";

/** @typedef {import("../lib/types.js").Job} Job */
/** @typedef {"pause" | "resume" | "cancel" | "retry" | "withdraw"} Verb */

/**
 * @typedef {object} FailedItem
 * @property {number} image_id
 * @property {string} name
 * @property {{code: string, detail: string} | null} error
 */

const KIND = "proposals";
const LISTED = 50;

/**
 * @param {number} projectId
 * @param {{image_ids?: number[], statuses?: string[]}} wanted
 * @returns {Promise<Job>}
 */
export function startRun(projectId, wanted) {
  return api("POST", `/projects/${projectId}/proposals`, { json: wanted });
}

/**
 * The project's runs, newest first.
 * @param {number} projectId
 * @returns {Promise<Job[]>}
 */
export async function listRuns(projectId) {
  const query = { project_id: projectId, limit: LISTED };
  const page = await api("GET", "/jobs", { query });
  return page.items.filter((/** @type {Job} */ job) => job.kind === KIND);
}

export class DraftRun {
  /**
   * @param {Job} job
   * @param {(run: DraftRun) => void} onChange
   */
  constructor(job, onChange) {
    this.job = job;
    this.onChange = onChange;
    /** True while the server can't be reached; the run itself may well go on. */
    this.lost = false;
    this.stop = () => {};
    if (this.live) this.follow();
  }

  get live() {
    return isLive(this.job);
  }

  follow() {
    this.stop();
    this.stop = followJob(
      this.job.id,
      (job) => this.set(job),
      (lost) => {
        if (lost === this.lost) return;
        this.lost = lost;
        this.onChange(this);
      },
    );
  }

  /** @param {Job} job */
  set(job) {
    this.job = job;
    this.onChange(this);
  }

  /**
   * Takes in what became of it elsewhere.
   * @param {Job} job
   */
  take(job) {
    if (this.live) return; // its events say more
    this.set(job);
    if (this.live) this.follow();
  }

  /**
   * Asks for a change of the run and follows what comes of it.
   * @param {Verb} verb
   */
  async act(verb) {
    const path = `/jobs/${this.job.id}`;
    const request = verb === "cancel" ? api("DELETE", path) : api("POST", `${path}/${verb}`);
    this.set(await request);
    if (this.live) this.follow();
  }

  /**
   * The images that could not be drafted, a page of them and the cursor of the next.
   * @param {string | null} cursor
   * @returns {Promise<{items: FailedItem[], next_cursor: string | null}>}
   */
  failed(cursor) {
    return api("GET", `/jobs/${this.job.id}/items`, { query: { status: "failed", cursor } });
  }
}
