import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../frontend/editor/history.js";

/** @param {number} n */
const edit = (n) => ({
  title: String(n),
  patches: [{ ref: /** @type {const} */ ("head"), tile: n, bytes: new Uint8Array(1000) }],
});

/** A shelf in memory. */
function shelf() {
  const kept = new Map();
  return {
    kept,
    put: async (/** @type {number} */ key, /** @type {any} */ step) => void kept.set(key, step),
    take: async (/** @type {number} */ key) => kept.get(key),
  };
}

test("undo and redo go through every step, in memory or on the shelf", async () => {
  const disk = shelf();
  const history = new History(disk, 5000);
  for (let n = 0; n < 100; n++) history.push(edit(n));
  assert.ok(history.bytes <= 5000 && disk.kept.size > 90);
  for (let n = 99; n >= 0; n--) assert.equal((await history.undo())?.patches[0].tile, n);
  assert.equal(await history.undo(), null);
  for (let n = 0; n < 100; n++) assert.equal(history.redo()?.patches[0].tile, n);
  assert.equal(history.redo(), null);
});

test("a new step drops what was undone", async () => {
  const history = new History(shelf());
  history.push(edit(1));
  await history.undo();
  history.push(edit(2));
  assert.equal(history.redo(), null);
});

test("a shelf that fails loses no step", async () => {
  const broken = { put: () => Promise.reject(new Error("full")), take: shelf().take };
  const history = new History(broken, 2500);
  for (let n = 0; n < 5; n++) history.push(edit(n));
  await Promise.resolve().then(() => {});
  for (let n = 4; n >= 0; n--) assert.equal((await history.undo())?.patches[0].tile, n);
});
