import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenTile, clashes } from "../../frontend/editor/conflict.js";
import { keyOf, shownKey } from "../../frontend/editor/keys.js";
import { score } from "../../frontend/editor/panels/palette.js";
import { reduce } from "../../frontend/editor/state.js";
import { polygon } from "../../frontend/editor/tools/polygon.js";
import { brush } from "../../frontend/editor/tools/stroke.js";
import { fit, toImage, toScreen, zoomTo } from "../../frontend/editor/view.js";
import { picture } from "./make.js";

const IMAGE = { width: 640, height: 480 };
const VIEWPORT = { width: 1000, height: 700 };

test("zooming keeps the pixel under the pointer", () => {
  const view = fit(IMAGE, VIEWPORT);
  const about = { x: 321, y: 234 };
  const before = toImage(view, about);
  const zoomed = zoomTo(view, about, view.scale * 3, IMAGE, VIEWPORT);
  const after = toScreen(zoomed, before);
  assert.ok(Math.hypot(after.x - about.x, after.y - about.y) < 1e-9);
});

test("shift joins a stroke to the end of the last", () => {
  const p = /** @type {any} */ ({
    x: 9,
    y: 9,
    size: 3,
    shift: true,
    erase: false,
    from: { x: 9, y: 9 },
  });
  const actions = brush.down(p, /** @type {any} */ ({ label: 4, lastPoint: { x: 1, y: 2 } }));
  assert.deepEqual(actions[0], { type: "stroke.start", title: "Brush", value: 4 });
  assert.deepEqual(/** @type {any} */ (actions[1]).from, { x: 1, y: 2 });
});

test("a click on the first corner closes a polygon", () => {
  const corners = [
    { x: 10, y: 10 },
    { x: 50, y: 10 },
    { x: 50, y: 50 },
  ];
  const state = /** @type {any} */ ({
    tool: "polygon",
    label: 2,
    polygon: corners,
    view: { scale: 1, x: 0, y: 0 },
  });
  const [fill] = polygon.down(/** @type {any} */ ({ x: 12, y: 11 }), state);
  assert.deepEqual(fill, { type: "polygon.fill", points: corners, value: 2 });
});

test("both versions together are my pixels over theirs", () => {
  const base = picture("111", "111");
  const theirs = picture("122", "111");
  const mine = picture("113", "113");
  const conflict = /** @type {any} */ ({ base, theirs });
  const rows = (/** @type {Uint8Array} */ tile) => [
    [...tile.slice(0, 3)],
    [...tile.slice(256, 259)],
  ];
  assert.deepEqual(clashes(conflict, [0]), [0]);
  assert.deepEqual(rows(chosenTile("both", conflict, mine, 0)), [
    [1, 2, 3],
    [1, 1, 3],
  ]);
  assert.deepEqual(rows(chosenTile("mine", conflict, mine, 0)), [
    [1, 1, 3],
    [1, 1, 3],
  ]);
  assert.deepEqual(rows(chosenTile("theirs", conflict, mine, 0)), [
    [1, 2, 2],
    [1, 1, 1],
  ]);
});

test("tiles that only I changed do not clash", () => {
  const base = picture("111");
  const conflict = /** @type {any} */ ({ base, theirs: picture("111") });
  assert.deepEqual(clashes(conflict, [0]), []);
});

test("a brush keeps within 1 and 512 pixels", () => {
  const state = /** @type {any} */ ({ brush: { size: 24, shape: "round" } });
  assert.equal(reduce(state, { type: "brush", size: 9000 }).brush.size, 512);
  assert.equal(reduce(state, { type: "brush", size: 0 }).brush.size, 1);
});

test("choosing a label leaves the eraser", () => {
  const state = /** @type {any} */ ({ tool: "eraser", label: 0 });
  assert.equal(reduce(state, { type: "label", label: 3 }).tool, "brush");
});

test("keys are told by letter, with Shift only where it is no other sign", () => {
  const key = (/** @type {any} */ event) =>
    keyOf({ ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...event });
  assert.equal(key({ key: "Z", shiftKey: true, metaKey: true }), "Mod+Shift+z");
  assert.equal(key({ key: "?", shiftKey: true }), "?");
  assert.equal(shownKey("Mod+Shift+z"), "Ctrl+Shift+Z");
  assert.equal(shownKey("+"), "+");
});

test("the palette finds by words, then by letters", () => {
  assert.ok(score("Accept all that is drafted", "all") > score("Fall", "all"));
  assert.ok(score("Accept all", "acal") > 0);
  assert.equal(score("Undo", "xyz"), 0);
});
