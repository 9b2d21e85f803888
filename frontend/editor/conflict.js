/**
 * Two people saved the same tiles: what each has, and putting it together. Nothing is lost
 * whatever is chosen: theirs stays a revision, and mine comes back with undo.
 */

import { TILE } from "./codec.js";
import { Layer } from "./mask.js";
import { diffTile } from "./patch.js";

/** @typedef {import("./document.js").Document} Document */
/** @typedef {import("./remote.js").Remote} Remote */
/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").SavedRef} SavedRef */
/** @typedef {"mine" | "theirs" | "both"} Choice */

/**
 * @typedef {object} Conflict
 * @property {SavedRef} ref
 * @property {number} revision theirs
 * @property {Layer} base what both started from
 * @property {Layer} theirs
 */

/**
 * @param {Remote} remote
 * @param {SavedRef | number} ref
 * @param {Layer} into
 */
async function fetchInto(remote, ref, into) {
  if (ref === 0) return 0;
  return remote.mask(ref, ["classes"], (_layer, index, pixels) => into.writeTile(index, pixels));
}

/**
 * @param {Remote} remote
 * @param {Document} document
 * @param {SavedRef} ref
 * @param {number} baseRevision
 * @returns {Promise<Conflict>}
 */
export async function fetchConflict(remote, document, ref, baseRevision) {
  const { width, height, fill } = document.ensure(ref);
  const base = new Layer(width, height, fill);
  const theirs = new Layer(width, height, fill);
  await fetchInto(remote, baseRevision, base);
  const revision = await fetchInto(remote, ref, theirs);
  return { ref, revision, base, theirs };
}

/**
 * @param {Conflict} conflict
 * @param {Iterable<number>} dirty tiles that I changed
 * @returns {number[]} those that they changed too, ascending
 */
export function clashes({ base, theirs }, dirty) {
  const [a, b] = [new Uint8Array(TILE * TILE), new Uint8Array(TILE * TILE)];
  return [...dirty]
    .filter((tile) => {
      base.readTile(tile, a);
      theirs.readTile(tile, b);
      return a.some((value, i) => value !== b[i]);
    })
    .sort((x, y) => x - y);
}

/**
 * One tile as chosen. "both" lays the pixels that I changed over theirs.
 * @param {Choice} choice
 * @param {Conflict} conflict
 * @param {Layer} mine
 * @param {number} tile
 * @returns {Uint8Array} 256 * 256
 */
export function chosenTile(choice, { base, theirs }, mine, tile) {
  const space = () => new Uint8Array(TILE * TILE);
  if (choice === "mine") return mine.readTile(tile, space());
  const result = theirs.readTile(tile, space());
  if (choice === "theirs") return result;
  const was = base.readTile(tile, space());
  const is = mine.readTile(tile, space());
  for (let i = 0; i < result.length; i++) if (is[i] !== was[i]) result[i] = is[i];
  return result;
}

/**
 * Puts the choice into the document: the chosen tiles, and all that only they changed.
 * @param {Document} document
 * @param {Conflict} conflict
 * @param {ReadonlySet<number>} dirty
 * @param {(tile: number) => Choice} choose
 * @returns {{step: Edit, tiles: number[], journaled: Edit}} the undoable step; what then differs
 *   from theirs
 */
export function settle(document, conflict, dirty, choose) {
  const { ref, theirs } = conflict;
  const mine = document.ensure(ref);
  const clashing = new Set(clashes(conflict, dirty));
  const space = new Uint8Array(TILE * TILE);
  /** @type {[number, Uint8Array][]} */
  const chosen = [...clashing].map((tile) => [
    tile,
    chosenTile(choose(tile), conflict, mine, tile),
  ]);
  const step = { title: "Merge", patches: document.adopt(ref, chosen) };
  document.adopt(ref, others(conflict, dirty, space));
  const patches = [];
  for (const tile of dirty) {
    const bytes = diffTile(theirs.readTile(tile, space), mine, tile);
    if (bytes) patches.push({ ref, tile, bytes });
  }
  return {
    step,
    tiles: patches.map(({ tile }) => tile),
    journaled: { title: "Merge", patches },
  };
}

/**
 * @param {Conflict} conflict
 * @param {ReadonlySet<number>} dirty
 * @param {Uint8Array} space
 * @returns {Generator<[number, Uint8Array]>} tiles that I didn't touch
 */
function* others({ theirs }, dirty, space) {
  for (let tile = 0; tile < theirs.tiles; tile++) {
    if (!dirty.has(tile)) yield [tile, theirs.readTile(tile, space)];
  }
}
