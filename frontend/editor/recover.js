/**
 * Strokes that closed pages left on other images: sent from here, without opening them, so that
 * work doesn't wait in a browser until somebody happens to come back to an image.
 */

import { ApiError, api } from "../lib/api.js";
import { Document } from "./document.js";
import { Journal } from "./journal.js";
import { open } from "./load.js";
import { Remote } from "./remote.js";
import { Saver } from "./save.js";

/** @typedef {import("./no-journal.js").NoJournal} NoJournal */

/**
 * @param {Journal | NoJournal} journal
 * @returns {Promise<number>} how many images were saved
 */
export async function sendLeftovers(journal) {
  await journal.sweepUndo();
  let sent = 0;
  for (const id of await journal.othersLeft()) {
    if (await sendOne(id)) sent++;
  }
  return sent;
}

/**
 * What clashes stays in the journal until the image is opened and a person can choose.
 * @param {number} id
 */
async function sendOne(id) {
  try {
    /** @type {import("./types.js").ImageInfo} */
    const image = await api("GET", `/images/${id}`);
    const journal = await Journal.open(id);
    const document = new Document(image.width, image.height, {
      changed: () => {},
      committed: () => {},
    });
    const remote = new Remote(image);
    const saver = new Saver(document, remote, journal, {
      state: () => {},
      saved: () => {},
      conflict: () => {},
      merged: async () => {},
    });
    await open(remote, document, journal, saver);
    await saver.flush();
    clearTimeout(saver.timer);
    journal.close();
    return !saver.pending;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}
