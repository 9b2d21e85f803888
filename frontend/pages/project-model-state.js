/**
 * What of a label map a person has chosen so far, apart from the page that shows it.
 *
 * @typedef {import("../lib/types.js").Label} Label
 *
 * @typedef {object} MapEntry
 * @property {number} index the model's
 * @property {string} name
 * @property {number | null} target the project's index; null is void
 * @property {number | null} automatic where the name leads
 * @property {boolean} chosen
 * @property {number | null} gone a chosen index whose label was removed
 *
 * @typedef {object} LabelMap
 * @property {string} model
 * @property {MapEntry[]} entries
 * @property {boolean} edited
 * @property {number} outdated images that wait with a draft of another map or model
 *
 * @typedef {object} ModelInfo
 * @property {string} name
 * @property {string[]} labels
 * @property {boolean} default
 * @property {string} architecture
 * @property {string} licence
 * @property {string} source
 * @property {Record<string, any>} measured
 *
 * @typedef {"automatic" | number | null} Choice
 */

export const VOID = 255;

export class MapState {
  /**
   * @param {LabelMap} saved as the server has it
   */
  constructor(saved) {
    this.entries = saved.entries;
    this.outdated = saved.outdated;
    /** @type {Map<string, number | null>} what was decided, by the model's names */
    this.choices = decided(saved.entries);
    this.saved = new Map(this.choices);
  }

  /**
   * @param {MapEntry} entry
   * @returns {Choice}
   */
  choice({ name }) {
    const chosen = this.choices.get(name);
    return chosen === undefined ? "automatic" : chosen;
  }

  /** True while the label goes to one that was removed, which makes it void.
   * @param {MapEntry} entry
   */
  isGone(entry) {
    return entry.gone !== null && this.choices.get(entry.name) === entry.gone;
  }

  /**
   * The project's index that the model's label becomes, or null for void.
   * @param {MapEntry} entry
   */
  target(entry) {
    if (this.isGone(entry)) return null;
    const choice = this.choice(entry);
    return choice === "automatic" ? entry.automatic : choice;
  }

  /**
   * @param {string} name
   * @param {Choice} choice
   */
  choose(name, choice) {
    if (choice === "automatic") this.choices.delete(name);
    else this.choices.set(name, choice);
  }

  /** The entries that lead nowhere and that nobody made void on purpose. */
  unmapped() {
    return this.entries.filter(
      (entry) =>
        this.target(entry) === null && (this.choice(entry) === "automatic" || this.isGone(entry)),
    );
  }

  /** @param {MapEntry} entry */
  isChanged({ name }) {
    return this.choices.get(name) !== this.saved.get(name);
  }

  isDirty() {
    return this.entries.some((entry) => this.isChanged(entry));
  }

  discard() {
    this.choices = new Map(this.saved);
  }

  /** What the server is told: a label that is gone is void from now on. */
  body() {
    const gone = this.entries.filter((entry) => this.isGone(entry)).map((entry) => entry.name);
    const map = { ...Object.fromEntries(this.choices), ...nulls(gone) };
    return { map };
  }

  /** Model index → the project's index, void where it leads nowhere. */
  table() {
    const table = new Uint8Array(256).fill(VOID);
    for (const entry of this.entries) table[entry.index] = this.target(entry) ?? VOID;
    return table;
  }
}

/** @param {MapEntry[]} entries */
function decided(entries) {
  return new Map(
    entries
      .filter((entry) => entry.chosen)
      .map((entry) => [entry.name, entry.gone ?? entry.target]),
  );
}

/** @param {string[]} names */
function nulls(names) {
  return Object.fromEntries(names.map((name) => [name, null]));
}
