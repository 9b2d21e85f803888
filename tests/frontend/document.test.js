import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Document, invertEdit } from "../../frontend/editor/document.js";
import { initialState, reduce } from "../../frontend/editor/state.js";
import { drawn, picture, random } from "./make.js";

const LABELS = [0, 1, 2, 3].map((index) => ({
  index,
  name: `label ${index}`,
  color: "#ff0000",
  hotkey: null,
  is_thing: false,
}));

/** @type {any[]} */
let edits = [];
beforeEach(() => {
  edits = [];
});

/**
 * @param {import("../../frontend/editor/mask.js").Layer} head
 * @param {...any} actions on the state
 */
function documentOf(head, ...actions) {
  const document = new Document(head.width, head.height, {
    changed: () => {},
    committed: (edit) => edits.push(edit),
  });
  document.head = head;
  document.recount();
  const image = { width: head.width, height: head.height };
  const start = initialState(/** @type {any} */ ({ image, project: { labels: LABELS } }));
  const state = actions.reduce(reduce, start);
  return { document, state, act: (/** @type {any} */ action) => document.apply(action, state) };
}

/**
 * @param {(action: any) => void} act
 * @param {number} value
 * @param {...[number, number]} points
 */
function stroke(act, value, ...points) {
  act({ type: "stroke.start", title: "Brush", value });
  points.forEach(([x, y], i) => {
    const [fx, fy] = points[Math.max(0, i - 1)];
    act({ type: "stroke.line", from: { x: fx, y: fy }, to: { x, y }, size: 1 });
  });
  act({ type: "stroke.end" });
}

test("a stroke is one step", () => {
  const { document, act } = documentOf(picture("....", "...."));
  stroke(act, 1, [0.5, 0.5], [2.5, 0.5], [2.5, 1.5]);
  assert.deepEqual(drawn(document.head), ["111.", "..1."]);
  assert.equal(edits.length, 1);
});

test("a stroke that changes nothing is no step", () => {
  const { act } = documentOf(picture("1111"));
  stroke(act, 1, [0.5, 0.5], [3.5, 0.5]);
  assert.equal(edits.length, 0);
});

test("painting only over void leaves labels alone", () => {
  const { document, act } = documentOf(picture(".2.3"), { type: "rule", over: "void" });
  stroke(act, 1, [0.5, 0.5], [3.5, 0.5]);
  assert.deepEqual(drawn(document.head), ["1213"]);
});

test("painting over chosen labels leaves the others alone", () => {
  const rule = { type: "rule", over: "chosen", toggle: 3 };
  const { document, act } = documentOf(picture(".2.3"), rule);
  stroke(act, 1, [0.5, 0.5], [3.5, 0.5]);
  assert.deepEqual(drawn(document.head), ["1211"]); // void is chosen from the start
});

test("a locked label is never painted over", () => {
  const { document, act } = documentOf(picture(".2.3"), { type: "lock", label: 3 });
  stroke(act, 255, [0.5, 0.5], [3.5, 0.5]);
  assert.deepEqual(drawn(document.head), ["...3"]);
});

test("hiding a label changes no pixel", () => {
  const { document, state } = documentOf(picture(".2.3"), { type: "hide", label: 2 });
  assert.ok(state.hidden.has(2));
  assert.deepEqual(drawn(document.head), [".2.3"]);
});

test("a cancelled stroke leaves no trace", () => {
  const { document, act } = documentOf(picture(".2.3"));
  act({ type: "stroke.start", title: "Brush", value: 1 });
  act({ type: "stroke.line", from: { x: 0, y: 0 }, to: { x: 4, y: 0 }, size: 4 });
  act({ type: "stroke.cancel" });
  assert.deepEqual(drawn(document.head), [".2.3"]);
  assert.equal(edits.length, 0);
});

test("bucket relabels the region under it", () => {
  const { document, act } = documentOf(picture("22.2", ".2.2"));
  act({ type: "fill", x: 0, y: 0, value: 1 });
  assert.deepEqual(drawn(document.head), ["11.2", ".1.2"]);
});

test("fill holes fills void and other labels", () => {
  const { document, act } = documentOf(picture("11111", "1.121", "11111"));
  act({ type: "holes", x: 0, y: 0 });
  assert.deepEqual(drawn(document.head), ["11111", "11111", "11111"]);
});

test("accepting takes the draft where the head is void", () => {
  const { document, act } = documentOf(picture("3..."));
  document.proposal = picture("112.");
  act({ type: "draft.accept" });
  assert.deepEqual(drawn(document.head), ["312."]);
});

test("accepting may replace labels when told so", () => {
  const over = { type: "draft", draft: { over: "all" } };
  const { document, act } = documentOf(picture("3..."), over);
  document.proposal = picture("112.");
  act({ type: "draft.accept" });
  assert.deepEqual(drawn(document.head), ["112."]);
});

test("accepting one label leaves the others pending", () => {
  const { document, act } = documentOf(picture("...."));
  document.proposal = picture("1122");
  act({ type: "draft.accept", labels: [2] });
  assert.deepEqual(drawn(document.head), ["..22"]);
});

test("accepting a click takes its component only", () => {
  const { document, act } = documentOf(picture("....."));
  document.proposal = picture("11.11");
  act({ type: "draft.accept", at: { x: 4, y: 0 } });
  assert.deepEqual(drawn(document.head), ["...11"]);
});

test("what the model doubts is not accepted", () => {
  const draft = { type: "draft", draft: { threshold: 100 } };
  const { document, act } = documentOf(picture("...."), draft);
  document.proposal = picture("1111");
  document.ensure("confidence").data.set([99, 100, 101, 0]);
  act({ type: "draft.accept" });
  assert.deepEqual(drawn(document.head), [".11."]);
});

test("rejecting empties the draft and leaves the head", () => {
  const { document, act } = documentOf(picture("3..."));
  document.proposal = picture("1122");
  act({ type: "draft.reject", labels: [1] });
  assert.deepEqual(drawn(document.proposal), ["1.22"]); // under label 3 nothing is pending
  assert.deepEqual(drawn(document.head), ["3..."]);
});

test("the eraser also rejects the draft under it", () => {
  const { document, act } = documentOf(picture("3..."));
  document.proposal = picture("1122");
  stroke(act, 255, [0.5, 0.5], [2.5, 0.5]);
  assert.deepEqual(drawn(document.head), ["...."]);
  assert.deepEqual(drawn(document.proposal), ["...2"]);
});

test("any steps can be taken back and made again, and counts follow", () => {
  const next = random(7);
  const head = picture(...Array.from({ length: 300 }, () => ".".repeat(400)));
  const { document, act } = documentOf(head);
  const states = [head.data.slice()];
  for (let n = 0; n < 40; n++) {
    const [x, y] = [next() * 400, next() * 300];
    act({ type: "stroke.start", title: "Brush", value: [0, 1, 2, 255][n % 4] });
    const to = { x: next() * 400, y: next() * 300 };
    act({ type: "stroke.line", from: { x, y }, to, size: 1 + Math.floor(next() * 90) });
    act({ type: "stroke.end" });
    if (edits.length === states.length) states.push(head.data.slice());
  }
  for (let n = edits.length - 1; n >= 0; n--) {
    document.replay(invertEdit(edits[n]));
    assert.deepEqual(head.data, states[n]);
  }
  for (let n = 0; n < edits.length; n++) document.replay(edits[n]);
  assert.deepEqual(head.data, states.at(-1));
  assert.deepEqual(document.counts, head.histogram());
});
