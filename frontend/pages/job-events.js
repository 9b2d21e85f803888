/**
 * Follows a job by its server-sent events for as long as it lives.
 *
 * The browser's own reconnecting gives up when a proxy answers an error, so it isn't relied on. A
 * hidden tab lets go: HTTP/1 has six connections per host, and tabs left open would use them up.
 */
import { apiUrl } from "../lib/api.js";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15000;

/** @typedef {import("../lib/types.js").Job} Job */

/** @param {Job} job */
export function isLive({ status }) {
  return status === "queued" || status === "running";
}

/**
 * @param {string} id
 * @param {(job: Job) => void} onJob the state now, then at each change
 * @param {(lost: boolean) => void} onLost the connection was lost, or is there again
 * @returns {() => void} stops
 */
export function followJob(id, onJob, onLost) {
  /** @type {EventSource | null} */
  let events = null;
  let timer = 0;
  let wait = FIRST_WAIT_MS;

  const close = () => {
    clearTimeout(timer);
    events?.close();
    events = null;
  };
  const open = () => {
    close();
    events = new EventSource(apiUrl(`/jobs/${id}/events`));
    events.addEventListener("job", (event) => {
      wait = FIRST_WAIT_MS;
      onLost(false);
      const job = JSON.parse(event.data);
      if (!isLive(job)) stop();
      onJob(job);
    });
    events.addEventListener("error", () => {
      close();
      onLost(true);
      timer = window.setTimeout(open, wait);
      wait = Math.min(LONGEST_WAIT_MS, wait * 2);
    });
  };
  const onVisibility = () => (document.hidden ? close() : open());
  const stop = () => {
    close();
    document.removeEventListener("visibilitychange", onVisibility);
  };
  document.addEventListener("visibilitychange", onVisibility);
  if (!document.hidden) open();
  return stop;
}
