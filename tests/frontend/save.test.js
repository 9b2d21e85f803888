import assert from "node:assert/strict";
import { test } from "node:test";
import { Saver } from "../../frontend/editor/save.js";
import { ApiError } from "../../frontend/lib/api.js";

const offline = () => new ApiError(0, "offline", "The server can't be reached.", {}, null);

/** @param {number} tile */
const edit = (tile) => ({
  title: "Brush",
  patches: [{ ref: /** @type {const} */ ("head"), tile, bytes: new Uint8Array(3) }],
});

/**
 * A saver whose server answers as scripted.
 * @param {...(((attempt: any) => any) | Error)} answers
 */
function saverWith(...answers) {
  /** @type {any[]} */
  const log = [];
  const remote = {
    encode: async (/** @type {any} */ _layer, /** @type {number[]} */ tiles) =>
      Uint8Array.from(tiles),
    save: async (/** @type {string} */ _ref, /** @type {any} */ attempt) => {
      log.push({ key: attempt.key, base: attempt.base, tiles: [...attempt.body] });
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer ? answer(attempt) : { id: attempt.base + 1, parent: attempt.base };
    },
  };
  let last = 0;
  const journal = {
    failed: false,
    get last() {
      return last;
    },
    append: async () => void last++,
    settled: async () => {},
    sending: async () => {},
    acknowledged: async () => {},
  };
  /** @type {string[]} */
  const states = [];
  /** @type {any[]} */
  const told = [];
  const document = { layer: () => ({}) };
  const saver = new Saver(
    /** @type {any} */ (document),
    /** @type {any} */ (remote),
    /** @type {any} */ (journal),
    {
      state: (state) => states.push(state),
      saved: () => {},
      conflict: (...rest) => told.push(["conflict", ...rest]),
      merged: async (...rest) => void told.push(["merged", rest[1], rest[2].since.length]),
    },
  );
  const settle = () => clearTimeout(saver.timer);
  return { saver, log, states, told, settle };
}

test("several steps go out as one save of their tiles, in order", async () => {
  const { saver, log, states } = saverWith();
  for (const tile of [7, 2, 7]) saver.commit(edit(tile));
  await saver.flush();
  assert.deepEqual(
    log.map(({ base, tiles }) => [base, tiles]),
    [[0, [2, 7]]],
  );
  assert.equal(states.at(-1), "saved");
});

test("what is painted during a save goes out after it", async () => {
  const { saver, log } = saverWith((attempt) => {
    saver.commit(edit(5));
    return { id: attempt.base + 1, parent: attempt.base };
  });
  saver.commit(edit(1));
  await saver.flush();
  assert.deepEqual(
    log.map(({ base, tiles }) => [base, tiles]),
    [
      [0, [1]],
      [1, [5]],
    ],
  );
});

test("an unanswered save is sent again word for word", async () => {
  const { saver, log, states, settle } = saverWith(offline());
  saver.commit(edit(1));
  await saver.flush();
  assert.equal(states.at(-1), "offline");
  saver.commit(edit(2));
  await saver.flush();
  settle();
  assert.deepEqual(log[1], log[0]);
  assert.deepEqual(log[2].tiles, [2]);
  assert.equal(states.at(-1), "saved");
});

test("a clash stops saving, keeps the tiles and asks", async () => {
  const problem = { head: 9, tiles: [{ layer: "classes", index: 1 }] };
  const { saver, log, states, told } = saverWith(
    new ApiError(409, "stale_revision", "", problem, null),
  );
  saver.commit(edit(1));
  await saver.flush();
  saver.commit(edit(3));
  await saver.flush();
  assert.equal(states.at(-1), "conflict");
  assert.deepEqual(told[0].slice(0, 3), ["conflict", "head", 0]);
  assert.deepEqual([...saver.tracks.head.dirty], [1, 3]);
  await saver.rebase("head", 9, [1, 3], edit(1));
  assert.deepEqual(log.at(-1).base, 9);
  assert.equal(states.at(-1), "saved");
});

test("a merge tells which steps come after it", async () => {
  const { saver, told } = saverWith((attempt) => {
    saver.commit(edit(5));
    return { id: 12, parent: 11 + attempt.base };
  });
  saver.commit(edit(1));
  await saver.flush();
  assert.deepEqual(told[0], ["merged", 12, 1]);
});

test("a refused save keeps its tiles and waits for a person", async () => {
  const { saver, states } = saverWith(new ApiError(404, "not_found", "Gone.", {}, null));
  saver.commit(edit(4));
  await saver.flush();
  assert.equal(states.at(-1), "error");
  assert.ok(saver.pending);
  saver.retry();
  await saver.flush();
  assert.equal(states.at(-1), "saved");
});
