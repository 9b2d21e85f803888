/** Asking the model for a draft, and showing it. */

import { ApiError } from "../lib/api.js";
import { toast } from "../lib/toast.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Ref} Ref */

const TRIES = 6;

/**
 * The model serves several people; when its queue is full it says when to come back.
 * @param {App} app
 */
async function ask(app) {
  for (let tries = 1; ; tries++) {
    try {
      return await app.remote.draft();
    } catch (error) {
      const busy = error instanceof ApiError && error.status === 503 && tries < TRIES;
      if (!busy) throw error;
      const seconds = Math.max(1, error.retryAfter ?? 2);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    }
  }
}

/** @param {App} app */
export async function draftNow(app) {
  if (app.state.draft.startedAt !== null) return;
  app.dispatch({ type: "draft", draft: { startedAt: Date.now() } });
  try {
    await app.saver.flush();
    const revision = await ask(app);
    await take(app, revision.id);
    const { head } = app.document;
    const empty = app.document.counts[255] === head.data.length;
    toast(empty ? "Drafted. A accepts all of it." : "Drafted where nothing is labelled yet.", {
      kind: "ok",
    });
    await app.refresh();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    toast(detail, { kind: "error", action: { label: "Try again", run: () => draftNow(app) } });
  } finally {
    app.dispatch({ type: "draft", draft: { startedAt: null } });
  }
}

/**
 * A new draft is a step like any other: undo brings the old one back.
 * @param {App} app
 * @param {number} revision
 */
async function take(app, revision) {
  /** @type {{proposal: Map<number, Uint8Array>, confidence: Map<number, Uint8Array>}} */
  const tiles = { proposal: new Map(), confidence: new Map() };
  await app.remote.mask(revision, ["classes", "confidence"], (layer, index, pixels) => {
    tiles[layer === "classes" ? "proposal" : "confidence"].set(index, Uint8Array.from(pixels));
  });
  await app.penUp();
  const patches = [
    ...app.document.adopt("proposal", tiles.proposal),
    ...app.document.adopt("confidence", tiles.confidence),
  ];
  app.saver.tracks.proposal.base = revision;
  app.dispatch({ type: "draft", draft: { exists: true, visible: true } });
  if (patches.length > 0) app.history.push({ title: "Draft", patches });
  app.tell("opened");
  app.changed();
}
