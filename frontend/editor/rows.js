/**
 * The rows of a tile, each told against the row above. docs/tile-format.md is the specification;
 * the server's domain/rows.py writes the same bytes.
 *
 * A row is a list of runs of equal pixels. Most rows have the runs of the row above, moved a
 * little: a zero byte and a small number per run. The others are told as edits of the row above.
 */

export const TILE = 256;
const MOST_RUNS = 6000; // more in one tile are noise, which raw pixels hold better
const MOST_SHIFT = 127;
const MATCH_SHIFT = 24; // how far a run may have moved to be taken for one of the row above

const [SAME, EDITED, EDITED_FIRST] = [0, 1, 2];
const [END, PASS, NEW, MORE] = [0, 1, 2, 3];
const MOST_MOVED = 63;

/** @typedef {Uint8Array | Uint16Array} Pixels */
/** @typedef {{starts: number[], values: number[]}} Runs */

export class CodecError extends Error {}

/**
 * @param {boolean} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function check(condition, message) {
  if (!condition) throw new CodecError(message);
}

/** @param {number} d */
const zigzag = (d) => (d >= 0 ? 2 * d : -2 * d - 1);
/** @param {number} z */
const unzigzag = (z) => (z & 1 ? -((z + 1) >> 1) : z >> 1);

/**
 * @param {Pixels} pixels
 * @param {number} y
 * @returns {Runs}
 */
function runsOf(pixels, y) {
  const row = y * TILE;
  const starts = [0];
  const values = [pixels[row]];
  for (let x = 1; x < TILE; x++) {
    if (pixels[row + x] !== pixels[row + x - 1]) {
      starts.push(x);
      values.push(pixels[row + x]);
    }
  }
  return { starts, values };
}

/**
 * @param {Runs} above
 * @param {Runs} row
 */
function isSame(above, row) {
  if (above.starts.length !== row.starts.length) return false;
  for (let i = 0; i < row.starts.length; i++) {
    if (above.values[i] !== row.values[i]) return false;
    if (Math.abs(above.starts[i] - row.starts[i]) > MOST_SHIFT) return false;
  }
  return true;
}

/**
 * The nearest run of the row above, from `upper` on, of the same value; none if the row's next
 * run has that value too and lies nearer to it.
 * @param {Runs} above
 * @param {Runs} row
 * @param {number} number
 * @param {number} upper
 * @returns {number} -1 for none
 */
function matching(above, row, number, upper) {
  const start = row.starts[number];
  const value = row.values[number];
  let best = -1;
  let distance = MATCH_SHIFT + 1;
  for (let i = upper; i < above.starts.length && above.starts[i] <= start + MATCH_SHIFT; i++) {
    const away = Math.abs(above.starts[i] - start);
    if (above.values[i] === value && away < distance) [best, distance] = [i, away];
  }
  const next = number + 1;
  if (best < 0 || next === row.starts.length || row.values[next] !== value) return best;
  return Math.abs(row.starts[next] - above.starts[best]) < distance ? -1 : best;
}

/** The edited rows, in order, as four streams. */
class Script {
  constructor() {
    /** @type {number[]} */
    this.steps = [];
    /** @type {number[]} */
    this.values = [];
    /** @type {number[]} */
    this.gaps = [];
    /** @type {number[]} */
    this.shifts = [];
  }

  /**
   * @param {Runs} above
   * @param {Runs} row
   * @returns {number} the row's head
   */
  add(above, row) {
    let [moved, upper] = [0, 1]; // runs moved since the last step; next run of the row above
    for (let n = 1; n < row.starts.length; n++) {
      const match = matching(above, row, n, upper);
      if (match < 0) {
        moved = this.step(moved, NEW);
        this.gaps.push(row.starts[n] - row.starts[n - 1]);
        this.values.push(row.values[n]);
        continue;
      }
      for (; upper < match; upper++) moved = this.step(moved, PASS);
      this.shifts.push(zigzag(row.starts[n] - above.starts[match]));
      moved++;
      upper++;
    }
    this.step(moved, END);
    if (row.values[0] === above.values[0]) return EDITED;
    this.values.push(row.values[0]);
    return EDITED_FIRST;
  }

  /**
   * @param {number} moved
   * @param {number} kind
   */
  step(moved, kind) {
    for (; moved > MOST_MOVED; moved -= MOST_MOVED) this.steps.push(4 * MOST_MOVED + MORE);
    this.steps.push(4 * moved + kind);
    return 0;
  }
}

/**
 * @param {Pixels} pixels 256 * 256
 * @returns {{payload: Uint8Array<ArrayBuffer>, cost: number} | null} payload with room for the
 *   mode byte before it; cost in bits, roughly; null where the tile is noise
 */
export function encodeRows(pixels) {
  const heads = new Uint8Array(TILE);
  const script = new Script();
  /** @type {number[]} */
  const kept = [];
  let above = { starts: [0], values: [0] };
  let total = 0;
  for (let y = 0; y < TILE; y++) {
    const row = runsOf(pixels, y);
    total += row.starts.length;
    if (total > MOST_RUNS) return null;
    if (y > 0 && isSame(above, row)) {
      heads[y] = SAME;
      for (let i = 1; i < row.starts.length; i++) {
        kept.push(zigzag(row.starts[i] - above.starts[i]));
      }
    } else heads[y] = script.add(above, row);
    above = row;
  }
  const wide = pixels.BYTES_PER_ELEMENT === 2;
  const values = wide ? script.values.flatMap((v) => [v & 255, v >> 8]) : script.values;
  const parts = [heads, script.steps, values, script.gaps, script.shifts, kept];
  const payload = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
  let at = 1;
  for (const part of parts) {
    payload.set(part, at);
    at += part.length;
  }
  const edits = 6 * script.steps.length + 5 * script.values.length + 6 * script.gaps.length;
  const moves = kept.length + 3 * kept.reduce((sum, z) => sum + (z > 0 ? 1 : 0), 0);
  return { payload, cost: edits + 2 * script.shifts.length + moves };
}

/** The sections of a coded tile, each read from its own place. */
class Sections {
  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   * @param {number} wide bytes of a value
   */
  constructor(bytes, at, wide) {
    this.bytes = bytes;
    this.wide = wide;
    this.heads = at;
    check(at + TILE <= bytes.length, "tile cut short");
    check(bytes[at] !== SAME, "bad row head");
    this.steps = at + TILE;
    const sizes = this.measure();
    this.values = sizes.end;
    this.gaps = this.values + sizes.values * wide;
    this.shifts = this.gaps + sizes.added;
    this.kept = this.shifts + sizes.moved;
    this.end = this.kept + sizes.kept;
    check(this.end <= bytes.length, "tile cut short");
  }

  /** Walks the steps once to learn how long every section is. */
  measure() {
    let at = this.steps;
    let [values, added, moved, kept, runs] = [0, 0, 0, 0, 1];
    for (let y = 0; y < TILE; y++) {
      const head = this.bytes[this.heads + y];
      check(head <= EDITED_FIRST, "bad row head");
      if (head === SAME) {
        kept += runs - 1;
        continue;
      }
      if (head === EDITED_FIRST) values++;
      runs = 1;
      for (let more = true; more; at++) {
        check(at < this.bytes.length, "tile cut short");
        const kind = this.bytes[at] & 3;
        moved += this.bytes[at] >> 2;
        runs += (this.bytes[at] >> 2) + (kind === NEW ? 1 : 0);
        if (kind === NEW) added++;
        check(runs <= TILE, "too many runs in a row");
        more = kind !== END;
      }
    }
    return { end: at, values: values + added, added, moved, kept };
  }

  value() {
    const at = this.values;
    this.values += this.wide;
    return this.wide === 2 ? this.bytes[at] | (this.bytes[at + 1] << 8) : this.bytes[at];
  }

  /**
   * @param {Runs} above
   * @param {number} head
   * @returns {Runs}
   */
  edit(above, head) {
    const starts = [0];
    const values = [above.values[0]];
    let upper = 1;
    for (let kind = MORE; kind !== END; ) {
      const step = this.bytes[this.steps++];
      kind = step & 3;
      check(upper + (step >> 2) <= above.starts.length, "no such run in the row above");
      for (let n = step >> 2; n > 0; n--, upper++) {
        starts.push(above.starts[upper] + unzigzag(this.bytes[this.shifts++]));
        values.push(above.values[upper]);
      }
      if (kind === PASS) upper++;
      else if (kind === NEW) {
        starts.push(starts[starts.length - 1] + this.bytes[this.gaps++]);
        values.push(this.value());
      }
    }
    if (head === EDITED_FIRST) values[0] = this.value();
    return { starts, values };
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at where the heads begin
 * @param {Pixels} out 256 * 256, written
 * @returns {number} where the payload ends
 */
export function decodeRows(bytes, at, out) {
  const sections = new Sections(bytes, at, out.BYTES_PER_ELEMENT);
  /** @type {Runs} */
  let row = { starts: [0], values: [0] };
  for (let y = 0; y < TILE; y++) {
    const head = bytes[sections.heads + y];
    if (head !== SAME) row = sections.edit(row, head);
    else {
      for (let i = 1; i < row.starts.length; i++) {
        row.starts[i] += unzigzag(bytes[sections.kept++]);
      }
    }
    for (let i = 0; i < row.starts.length; i++) {
      const stop = i + 1 < row.starts.length ? row.starts[i + 1] : TILE;
      check(stop > row.starts[i] && stop <= TILE, "columns do not increase");
      out.fill(row.values[i], y * TILE + row.starts[i], y * TILE + stop);
    }
  }
  return sections.end;
}

/**
 * Rows become columns.
 * @param {Pixels} pixels 256 * 256
 * @returns {Pixels} a copy
 */
export function transposed(pixels) {
  const out = pixels.slice();
  for (let y = 0; y < TILE; y++) {
    for (let x = 0; x < TILE; x++) out[x * TILE + y] = pixels[y * TILE + x];
  }
  return out;
}
