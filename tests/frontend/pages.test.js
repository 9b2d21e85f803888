import assert from "node:assert/strict";
import test from "node:test";
import { ago, duration, fileSize, percent, plural } from "../../frontend/lib/format.js";
import { target } from "../../frontend/pages/gallery-keys.js";

test("one image and two images", () => {
  assert.deepEqual([plural(1, "image"), plural(2, "image")], ["1 image", "2 images"]);
});

test("large numbers have separators", () => {
  assert.equal(plural(4849, "image"), "4,849 images");
});

test("a share that is not nothing is never shown as nothing", () => {
  assert.equal(percent(0.0001), "<0.1 %");
});

test("sizes keep two figures at most", () => {
  assert.deepEqual(
    [fileSize(950), fileSize(7_822_946), fileSize(64_000)],
    ["950 B", "7.8 MB", "64 KB"],
  );
});

test("durations are read in their two largest units", () => {
  assert.deepEqual(
    [duration(42), duration(131), duration(7384)],
    ["42 s", "2 min 11 s", "2 h 3 min"],
  );
});

test("a moment ago is told in words", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const times = ["2026-11-22T11:59:30Z", "2026-11-22T11:20:00Z", "2026-11-21T10:00:00Z"];
  assert.deepEqual(
    times.map((time) => ago(time, now)),
    ["just now", "40 min ago", "yesterday"],
  );
});

test("arrow down goes one row down", () => {
  assert.equal(target("ArrowDown", 2, 20, 6, 4), 8);
});

test("arrow up stays in the first row", () => {
  assert.equal(target("ArrowUp", 2, 20, 6, 4), 2);
});

test("arrow down from the last full row goes to the last image", () => {
  assert.equal(target("ArrowDown", 14, 16, 6, 4), 15);
});

test("end goes to the last image", () => {
  assert.equal(target("End", 0, 16, 6, 4), 15);
});

test("other keys move nothing", () => {
  assert.equal(target("q", 0, 16, 6, 4), null);
});
