/** The label map as the page keeps it, and the colours of its previews. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sharesOf } from "../../frontend/pages/project-model-paint.js";
import { MapState, VOID } from "../../frontend/pages/project-model-state.js";
import { vocColor, vocIndices } from "../../frontend/pages/voc-colors.js";

/** @param {Partial<import("../../frontend/pages/project-model-state.js").MapEntry>[]} rows */
function state(...rows) {
  const plain = { target: null, automatic: null, chosen: false, gone: null };
  const entries = rows.map((row, index) => ({ ...plain, index, name: `label ${index}`, ...row }));
  return new MapState({ model: "m", entries, edited: false, outdated: 0 });
}

/** @param {MapState} map */
function first(map) {
  const [entry] = map.entries;
  assert.ok(entry);
  return entry;
}

test("a label goes by its name until somebody chooses", () => {
  const map = state({ automatic: 3, target: 3 });
  assert.equal(map.table()[0], 3);
  map.choose("label 0", 5);
  assert.equal(map.table()[0], 5);
  map.choose("label 0", "automatic");
  assert.equal(map.isDirty(), false);
});

test("void is a choice, and is sent as one", () => {
  const map = state({ automatic: 3, target: 3 });
  map.choose("label 0", null);
  assert.equal(map.table()[0], VOID);
  assert.deepEqual(map.body(), { map: { "label 0": null } });
});

test("a label that is gone is void, and is sent so", () => {
  const map = state({ chosen: true, gone: 9 });
  assert.equal(map.isGone(first(map)), true);
  assert.equal(map.table()[0], VOID);
  assert.deepEqual(map.body(), { map: { "label 0": null } });
  assert.equal(map.isDirty(), false);
});

test("unmapped is what leads nowhere, but for what was made void on purpose", () => {
  const map = state({}, { chosen: true }, { chosen: true, gone: 9 }, { automatic: 1, target: 1 });
  assert.deepEqual(
    map.unmapped().map((entry) => entry.index),
    [0, 2],
  );
});

test("discarding brings back what was saved", () => {
  const map = state({ chosen: true, target: 4 });
  map.choose("label 0", null);
  map.discard();
  assert.equal(map.target(first(map)), 4);
});

test("every index is found again in its colour, blurred a little or not", () => {
  const all = Array.from({ length: 256 }, (_, index) => index);
  for (const blur of [0, 1]) {
    const pixels = all.flatMap((index) => [...vocColor(index).map((value) => value ^ blur), 255]);
    assert.deepEqual([...vocIndices(new Uint8ClampedArray(pixels))], all);
  }
});

test("shares are of all pixels of all masks", () => {
  const shares = sharesOf([new Uint8Array([0, 0, 1]), new Uint8Array([7])]);
  assert.deepEqual(
    [...shares],
    [
      [0, 0.5],
      [1, 0.25],
      [7, 0.25],
    ],
  );
});
