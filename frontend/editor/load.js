/** Opening an image: its mask, its draft, and whatever a closed page left unsaved. */

import { ApiError } from "../lib/api.js";

/** @typedef {import("./document.js").Document} Document */
/** @typedef {import("./journal.js").Journal} Journal */
/** @typedef {import("./journal.js").Left} Left */
/** @typedef {import("./remote.js").Remote} Remote */
/** @typedef {import("./save.js").Saver} Saver */
/** @typedef {import("./types.js").Edit} Edit */
/** @typedef {import("./types.js").SavedRef} SavedRef */

/**
 * @param {Remote} remote
 * @param {Document} document
 * @param {SavedRef} ref
 * @param {SavedRef | number} from
 * @returns {Promise<number>} the revision
 */
async function fetchLayers(remote, document, ref, from) {
  const layer = document.ensure(ref);
  if (ref === "head") {
    return remote.mask(from, ["classes"], (_l, index, pixels) => layer.writeTile(index, pixels));
  }
  const confidence = document.ensure("confidence");
  return remote.mask(from, ["classes", "confidence"], (name, index, pixels) => {
    (name === "classes" ? layer : confidence).writeTile(index, pixels);
  });
}

/**
 * The base that strokes were painted on; the ref itself where that revision is gone, since a
 * patch can be laid over any mask.
 * @param {Remote} remote
 * @param {Document} document
 * @param {SavedRef} ref
 * @param {Left | undefined} left
 */
async function fetchBase(remote, document, ref, left) {
  if (left?.base === 0) return 0;
  try {
    return await fetchLayers(remote, document, ref, left?.base ?? ref);
  } catch (error) {
    if (!left || !(error instanceof ApiError) || error.status !== 404) throw error;
    left.base = await fetchLayers(remote, document, ref, ref);
    left.attempt = null;
    return left.base;
  }
}

/**
 * @param {Remote} remote
 * @param {Document} document
 * @param {Pick<Journal, "adopt">} journal
 * @param {Saver} saver
 * @returns {Promise<Edit[]>} steps that were replayed, oldest first
 */
export async function open(remote, document, journal, saver) {
  const left = await journal.adopt();
  const { image } = remote;
  /** @type {(import("./journal.js").Stroke)[]} */
  const strokes = [];
  for (const ref of /** @type {SavedRef[]} */ (["head", "proposal"])) {
    const exists = ref === "head" ? image.head > 0 : image.proposal !== null;
    const mine = left[ref];
    if (!exists && !mine) continue;
    saver.tracks[ref].base = await fetchBase(remote, document, ref, mine);
    if (!mine) continue;
    saver.resume(ref, mine);
    strokes.push(...mine.strokes);
  }
  document.recount();
  strokes.sort((a, b) => (a.id ?? 0) - (b.id ?? 0));
  for (const stroke of strokes) document.replay(stroke);
  return steps(strokes);
}

/**
 * A step that changed head and proposal was journaled as two neighbours of one title.
 * @param {import("./journal.js").Stroke[]} strokes
 * @returns {Edit[]}
 */
function steps(strokes) {
  /** @type {Edit[]} */
  const edits = [];
  /** @type {import("./journal.js").Stroke | null} */
  let before = null;
  for (const stroke of strokes) {
    const together =
      before?.title === stroke.title && before.ref === "head" && stroke.ref !== "head";
    if (together) edits[edits.length - 1].patches.push(...stroke.patches);
    else edits.push({ title: stroke.title, patches: [...stroke.patches] });
    before = stroke;
  }
  return edits;
}
