/**
 * Undo without a depth limit. Steps are patches, so most cost a few hundred bytes; when they
 * outgrow the memory budget, the oldest move to a shelf on disk and come back when undone.
 */

import { invertEdit } from "./document.js";

/** @typedef {import("./types.js").Edit} Edit */

/**
 * @typedef {object} Shelf
 * @property {(key: number, edit: Edit) => Promise<void>} put
 * @property {(key: number) => Promise<Edit>} take
 */

/** @param {Edit} edit */
const bytesOf = (edit) => edit.patches.reduce((sum, { bytes }) => sum + bytes.length + 64, 0);

export class History {
  /**
   * @param {Shelf} shelf
   * @param {number} [budget] bytes kept in memory
   */
  constructor(shelf, budget = 64 << 20) {
    this.shelf = shelf;
    this.budget = budget;
    /** @type {({edit: Edit} | {key: number})[]} */
    this.done = [];
    /** @type {Edit[]} */
    this.undone = [];
    this.bytes = 0;
    this.shelved = 0;
    this.nextKey = 1;
  }

  get undoable() {
    return this.done.length;
  }

  get redoable() {
    return this.undone.length;
  }

  /** @param {Edit} edit */
  push(edit) {
    this.undone = [];
    this.keep(edit);
  }

  /** @param {Edit} edit */
  keep(edit) {
    this.done.push({ edit });
    this.bytes += bytesOf(edit);
    while (this.bytes > this.budget && this.shelved < this.done.length - 1) this.shelve();
  }

  shelve() {
    const step = this.done[this.shelved];
    if (!("edit" in step)) throw new Error("shelved twice");
    const key = this.nextKey++;
    this.bytes -= bytesOf(step.edit);
    this.done[this.shelved++] = { key };
    this.shelf.put(key, step.edit).catch(() => {
      // No disk (private mode, full): the step stays in memory instead.
      const at = this.done.findIndex((other) => "key" in other && other.key === key);
      if (at >= 0) this.done[at] = step;
      this.budget = Number.POSITIVE_INFINITY;
    });
  }

  /** @returns {Promise<Edit | null>} the edit to apply */
  async undo() {
    const step = this.done.pop();
    if (!step) return null;
    this.shelved = Math.min(this.shelved, this.done.length);
    const edit = "key" in step ? await this.shelf.take(step.key) : step.edit;
    if ("edit" in step) this.bytes -= bytesOf(edit);
    this.undone.push(edit);
    return invertEdit(edit);
  }

  /** @returns {Edit | null} the edit to apply */
  redo() {
    const edit = this.undone.pop();
    if (!edit) return null;
    this.keep(edit);
    return edit;
  }
}
