import assert from "node:assert/strict";
import test from "node:test";
import { atMostEvery } from "../../frontend/pages/at-most-every.js";
import {
  asBound,
  axis,
  binsOf,
  boundsOf,
  boundsText,
  doubtfulQuarter,
  doubtText,
  surestQuarter,
} from "../../frontend/pages/doubt.js";
import {
  knownRate,
  milestone,
  note,
  optionsText,
  retryText,
  title,
  verbs,
} from "../../frontend/pages/draft-words.js";
import { ANY, ImageStore } from "../../frontend/pages/image-store.js";

const PLAIN = { refine: null, flips: false, scales: [1], detail: "auto" };
const RESULT = {
  drafted: 238,
  failed: 2,
  skipped: 0,
  left: 0,
  withdrawn: false,
  mean_uncertainty: 0.123,
  seconds: 74,
};

function job(change = {}, progress = {}) {
  return {
    status: "running",
    paused: false,
    note: null,
    error: null,
    result: null,
    ...change,
    progress: { done: 121, total: 240, unit: "images", failed: 0, ...progress },
  };
}

function bins(numbers) {
  return Array.from({ length: 50 }, (_, at) => numbers[at] ?? 0);
}

test("a running run says how far, how fast and how long still", () => {
  const now = job({}, { rate: 3.21, seconds_left: 37, failed: 2 });
  assert.equal(title(now), "Drafting: 121 of 240 images");
  assert.equal(note(now, false), "3.2 images/s · about 37 s left · 2 failed");
});

test("a slow run is told in seconds an image", () => {
  assert.equal(note(job({}, { rate: 0.25, seconds_left: 4 }), false), "4.0 s an image");
});

test("a paused run says where it stands", () => {
  assert.equal(title(job({ status: "queued", paused: true })), "Paused at 121 of 240 images");
});

test("a run that waits says so, with the server's reason", () => {
  const waiting = job({ status: "queued", note: "Waiting for a worker." }, { done: 0 });
  assert.equal(title(waiting), "Waiting to draft 240 images");
  assert.equal(note(waiting, false), "Waiting for a worker.");
});

test("a lost connection is told before all else", () => {
  assert.match(note(job({}, { rate: 3 }), true), /goes on without this page/);
});

test("the end of a run leaves out what did not happen", () => {
  const done = job({ status: "succeeded", result: RESULT });
  assert.equal(title(done), "238 images drafted, 2 failed");
  assert.equal(note(done, false), "in 1 min 14 s · 3.2 images/s · mean doubt 12 %");
});

test("a cancelled run says what it left out", () => {
  const result = { ...RESULT, drafted: 1, failed: 0, left: 239 };
  assert.equal(
    title(job({ status: "cancelled", result })),
    "Cancelled: 1 image drafted, 239 left out",
  );
});

test("a run that could not go on says why, and can be taken up again", () => {
  const error = { code: "model_unavailable", detail: "No model is called x." };
  const result = { ...RESULT, drafted: 0, failed: 0, left: 240 };
  const stopped = job({ status: "failed", error, result });
  assert.equal(title(stopped), "Stopped: 0 images drafted, 240 left out");
  assert.equal(note(stopped, false), error.detail);
  assert.deepEqual([verbs(stopped), retryText(stopped)], [["retry"], "Draft the rest"]);
});

test("a withdrawn run says that its drafts are gone, and offers nothing", () => {
  const gone = job({ status: "succeeded", result: { ...RESULT, withdrawn: true } });
  assert.equal(title(gone), "Withdrawn: 238 drafts taken back");
  assert.deepEqual(verbs(gone), []);
});

test("each state has its buttons", () => {
  const clean = { ...RESULT, failed: 0 };
  assert.deepEqual(verbs(job()), ["pause", "cancel"]);
  assert.deepEqual(verbs(job({ paused: true, status: "queued" })), ["resume", "cancel"]);
  assert.deepEqual(verbs(job({ status: "succeeded", result: RESULT })), ["retry", "withdraw"]);
  assert.deepEqual(verbs(job({ status: "succeeded", result: clean })), ["withdraw"]);
});

test("progress is read out once a quarter and when the run is paused", () => {
  const said = [59, 60, 90, 120].map((done) => milestone(job({}, { done })));
  assert.deepEqual(new Set(said).size, 3);
  assert.notEqual(milestone(job({ paused: true })), milestone(job()));
});

test("the newest run that drafted something gives the pace", () => {
  const empty = job({ status: "cancelled", result: { ...RESULT, drafted: 0 } });
  const done = job({ status: "succeeded", result: { ...RESULT, drafted: 30, seconds: 10 } });
  assert.equal(knownRate([job(), empty, done]), 3);
  assert.equal(knownRate([job()]), null);
});

test("options are told only where they differ from the model's own", () => {
  assert.equal(optionsText(PLAIN), "As the model was measured");
  assert.equal(
    optionsText({ ...PLAIN, refine: true, flips: true, scales: [0.75, 1, 1.25] }),
    "Edges refined, mirrored views, 3 scales",
  );
});

test("the axis ends a little above the most doubtful draft", () => {
  assert.deepEqual(
    [bins([]), bins([5, 3]), bins({ 11: 1 }), bins({ 49: 1 })].map(axis),
    [10, 10, 15, 50],
  );
});

test("a quarter is a quarter or a little more", () => {
  const counts = bins([4, 8, 4]);
  assert.deepEqual([surestQuarter(counts), doubtfulQuarter(counts)], [1, 2]);
});

test("all drafts equally doubtful are one quarter", () => {
  const counts = bins({ 3: 9 });
  assert.deepEqual([surestQuarter(counts), doubtfulQuarter(counts)], [4, 3]);
});

test("the ends of the axis are no bounds", () => {
  assert.deepEqual(boundsOf(0, 10, 10, 50), { min: "", max: "" });
  assert.deepEqual(boundsOf(3, 7, 10, 50), { min: "0.06", max: "0.14" });
});

test("bounds come back as the bins they were made of", () => {
  for (let from = 0; from < 9; from += 1) {
    assert.deepEqual(binsOf(boundsOf(from, from + 1, 10, 50), 10, 50), [from, from + 1]);
  }
});

test("bounds beyond the axis still show a bin", () => {
  assert.deepEqual(binsOf({ min: "0.9", max: "" }, 10, 50), [9, 10]);
});

test("bounds are told in percent", () => {
  const said = [
    ["", ""],
    ["0.06", ""],
    ["", "0.14"],
    ["0.06", "0.14"],
  ].map(([min, max]) => boundsText({ min, max }));
  assert.deepEqual(said, ["Any doubt", "Doubt ≥ 6 %", "Doubt ≤ 14 %", "Doubt 6–14 %"]);
});

test("an address with nonsense for a bound has none", () => {
  assert.deepEqual(["0.5", "x", "2", "-1", null].map(asBound), ["0.5", "", "", "", ""]);
});

test("some doubt is never shown as none", () => {
  assert.deepEqual([0, 0.002, 0.124].map(doubtText), ["0 %", "<1 %", "12 %"]);
});

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

test("many calls run at once and once more, never side by side", async () => {
  let running = 0;
  let runs = 0;
  const act = atMostEvery(async () => {
    running += 1;
    runs += 1;
    assert.equal(running, 1);
    await pause(5);
    running -= 1;
  }, 5);
  for (let i = 0; i < 9; i += 1) act();
  while (runs < 2) await pause(5);
  await pause(30);
  assert.equal(runs, 2);
});

function image(id, second, status = "new") {
  const updated_at = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  return { id, status, updated_at };
}

/** A store of a server that has these images, two a page, last changed first. */
function storeOf(here, there) {
  const store = new ImageStore(
    1,
    () => {},
    (error) => {
      throw error;
    },
  );
  const sorted = [...there].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
  const asked = [];
  store.fetchPage = async (filter, cursor) => {
    asked.push(filter.order);
    const at = Number(cursor ?? 0);
    const next = at + 2 < sorted.length ? String(at + 2) : null;
    return { items: sorted.slice(at, at + 2), next_cursor: next };
  };
  store.images = here;
  store.filter = ANY;
  return { store, asked };
}

test("only what has changed is fetched, and takes its place", async () => {
  const here = [image(1, 0), image(2, 0), image(3, 0), image(4, 1)];
  const there = [image(1, 0), image(2, 40, "proposed"), image(3, 0), image(4, 1), image(5, 50)];
  const { store, asked } = storeOf(here, [...there, image(6, -60), image(7, -60), image(8, -60)]);
  await store.sync();
  assert.deepEqual(
    store.images.map(({ id, status }) => `${id} ${status}`),
    ["1 new", "2 proposed", "3 new", "4 new"],
  );
  assert.equal(asked.length, 3); // the news and those of the last seconds, not the fourth page
});
