/**
 * What a run of drafts says about itself, and which of its buttons make sense now.
 */
import { count, duration, percent, plural } from "../lib/format.js";
import { isLive } from "./job-events.js";

/** @typedef {import("../lib/types.js").Job} Job */
/** @typedef {import("./draft-run.js").Verb} Verb */

const SAY_TIME_AFTER_S = 10;

/**
 * Images that were looked at, well or badly.
 * @param {Job} job
 */
export function handled({ progress }) {
  return progress.done;
}

/** @param {Job} job */
export function share(job) {
  return job.progress.total > 0 ? handled(job) / job.progress.total : 0;
}

/** @param {Job} job */
export function title(job) {
  const { total } = job.progress;
  const of = `${count(handled(job))} of ${plural(total, "image")}`;
  if (job.paused && isLive(job)) return `Paused at ${of}`;
  if (job.status === "queued" && handled(job) === 0)
    return `Waiting to draft ${plural(total, "image")}`;
  if (isLive(job)) return `Drafting: ${of}`;
  return summary(job);
}

/** @param {Job} job */
function summary({ status, result, progress }) {
  if (result?.withdrawn) return `Withdrawn: ${plural(result.drafted ?? 0, "draft")} taken back`;
  const drafted = result?.drafted ?? progress.done;
  const parts = [`${plural(drafted, "image")} drafted`];
  for (const [number, word] of [
    [result?.failed ?? progress.failed, "failed"],
    [result?.skipped, "skipped"],
    [result?.left, "left out"],
  ]) {
    if (number > 0) parts.push(`${count(number)} ${word}`);
  }
  const said = parts.join(", ");
  if (status === "failed") return `Stopped: ${said}`;
  return status === "cancelled" ? `Cancelled: ${said}` : said;
}

/**
 * The line under the title.
 * @param {Job} job
 * @param {boolean} lost the server can't be reached now
 */
export function note(job, lost) {
  if (lost) return "The connection is lost. The run goes on without this page; trying again.";
  if (job.error) return job.error.detail;
  if (!isLive(job)) return figures(job);
  const { rate, seconds_left: left, failed } = job.progress;
  const words = job.paused ? ["It goes on when you resume it"] : job.note ? [job.note] : [];
  if (rate) words.push(pace(rate));
  if (left && left > SAY_TIME_AFTER_S) words.push(`about ${duration(left)} left`);
  if (failed) words.push(`${count(failed)} failed`);
  if (words.length > 0) return words.join(" · ");
  if (job.status === "queued") return "Starting";
  return handled(job) === 0 ? "Loading the model" : "";
}

/** @param {number} rate images per second */
export function pace(rate) {
  return rate >= 0.95 ? `${rate.toFixed(1)} images/s` : `${(1 / rate).toFixed(1)} s an image`;
}

/** @param {Job} job */
function figures({ result }) {
  if (!result || result.withdrawn) return "";
  const words = [];
  if (result.seconds > 0) words.push(`in ${duration(result.seconds)}`);
  if (rateOf(result) > 0) words.push(pace(rateOf(result)));
  if (result.mean_uncertainty !== null && result.mean_uncertainty !== undefined) {
    words.push(`mean doubt ${percent(result.mean_uncertainty)}`);
  }
  return words.join(" · ");
}

/** @param {{drafted: number, seconds: number}} result */
function rateOf({ drafted, seconds }) {
  return drafted > 0 && seconds > 0 ? drafted / seconds : 0;
}

/**
 * Images per second of the newest run with this model that has a pace, or null.
 * @param {Job[]} runs newest first
 */
export function knownRate(runs) {
  const rates = runs.map(({ result }) => (result ? rateOf(result) : 0));
  return rates.find((rate) => rate > 0) ?? null;
}

/**
 * @param {Job} job
 * @returns {Verb[]}
 */
export function verbs(job) {
  if (isLive(job)) return [job.paused ? "resume" : "pause", "cancel"];
  if (job.result?.withdrawn) return [];
  /** @type {Verb[]} */
  const found = [];
  const { failed = job.progress.failed ?? 0, left = 0 } = job.result ?? {};
  if (failed + left > 0 || job.status === "failed") found.push("retry");
  if ((job.result?.drafted ?? 0) > 0) found.push("withdraw");
  return found;
}

/**
 * Retrying drafts what failed and what was left; which of them there is depends on how it ended.
 * @param {Job} job
 */
export function retryText({ result, progress }) {
  const { failed = progress.failed ?? 0, left = 0 } = result ?? {};
  if (left > 0) return failed > 0 ? "Retry the rest" : "Draft the rest";
  return "Retry failed";
}

/**
 * What is read out while it runs: at each quarter, and when it changes its state.
 * @param {Job} job
 */
export function milestone(job) {
  const quarter = isLive(job) && !job.paused ? Math.floor(share(job) * 4) : "";
  return [job.status, job.paused ?? false, quarter].join();
}

/**
 * The options of drafting in words.
 * @param {Record<string, any>} options
 */
export function optionsText(options) {
  const { refine = null, flips = false, scales = [1], detail = "auto" } = options;
  const parts = [];
  if (refine !== null) parts.push(refine ? "edges refined" : "edges as they come");
  if (flips) parts.push("mirrored views");
  if (scales.length > 1) parts.push(`${scales.length} scales`);
  if (detail === "tiles") parts.push("part by part");
  if (detail === "whole") parts.push("whole images");
  const text = parts.join(", ");
  return text ? text[0]?.toUpperCase() + text.slice(1) : "As the model was measured";
}
