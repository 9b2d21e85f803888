/** The editor's state without pixels: how it starts, how actions change it, and the store. */

import { VOID } from "./codec.js";
import { fit, keepInSight } from "./view.js";

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").StateAction} StateAction */
/** @typedef {import("./types.js").Bootstrap} Bootstrap */

export const MAX_BRUSH = 512;

/**
 * @param {Bootstrap} bootstrap
 * @returns {State}
 */
export function initialState({ image, project }) {
  const foreground = project.labels.find((label) => !/^(background|void)$/i.test(label.name));
  return {
    tool: "brush",
    label: (foreground ?? project.labels[0])?.index ?? VOID,
    brush: { size: 24, shape: "round" },
    rule: { over: "all", labels: new Set([VOID]) },
    locked: new Set(),
    hidden: new Set(),
    view: { scale: 1, x: 0, y: 0 },
    viewport: { width: 1, height: 1 },
    size: { width: image.width, height: image.height },
    opacity: 0.5,
    outline: true,
    patterns: false,
    masksHidden: false,
    photo: { brightness: 1, contrast: 1 },
    draft: { exists: false, visible: true, threshold: 0, over: "void", startedAt: null },
    polygon: [],
    lastPoint: null,
    save: { state: "loading", detail: "" },
    image,
    labels: project.labels,
    looking: null,
    hovered: null,
    panels: { labels: true, draft: true, view: false, history: false, side: true },
    steps: { undo: 0, redo: 0 },
  };
}

/**
 * @template T
 * @param {ReadonlySet<T>} set
 * @param {T} item
 * @returns {ReadonlySet<T>}
 */
function toggled(set, item) {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}

/**
 * Show one label alone, or all again when it already is.
 * @param {State} state
 * @param {number} label
 */
function solo(state, label) {
  const others = state.labels.map(({ index }) => index).filter((index) => index !== label);
  const alone = others.every((index) => state.hidden.has(index)) && !state.hidden.has(label);
  return new Set(alone ? [] : others);
}

/**
 * @param {number} size
 * @returns {number} whole pixels within the limits
 */
export const brushSize = (size) => Math.min(MAX_BRUSH, Math.max(1, Math.round(size)));

/**
 * @template {StateAction["type"]} T
 * @typedef {(s: State, a: Extract<StateAction, {type: T}>) => Partial<State>} Reducer
 */

/** @type {{[T in StateAction["type"]]: Reducer<T>}} */
const REDUCERS = {
  tool: (s, { tool }) => ({ tool, polygon: tool === s.tool ? s.polygon : [] }),
  label: (s, { label }) => ({
    label,
    tool: label !== VOID && s.tool === "eraser" ? "brush" : s.tool,
  }),
  pick: () => ({}), // needs pixels: the store's owner turns it into "label"
  brush: (s, { size, shape }) => ({
    brush: { size: brushSize(size ?? s.brush.size), shape: shape ?? s.brush.shape },
  }),
  rule: (s, { over, toggle }) => ({
    rule: {
      over: over ?? s.rule.over,
      labels: toggle === undefined ? s.rule.labels : toggled(s.rule.labels, toggle),
    },
  }),
  lock: (s, { label }) => ({ locked: toggled(s.locked, label) }),
  hide: (s, { label }) => ({ hidden: toggled(s.hidden, label) }),
  solo: (s, { label }) => ({ hidden: solo(s, label) }),
  view: (_s, { view }) => ({ view }),
  pan: (s, { dx, dy }) => ({
    view: keepInSight({ ...s.view, x: s.view.x + dx, y: s.view.y + dy }, s.size, s.viewport),
  }),
  viewport: (s, { width, height }) => resize(s, { width, height }),
  show: (_s, { type: _, ...shown }) => shown,
  photo: (s, { type: _, ...photo }) => ({ photo: { ...s.photo, ...photo } }),
  draft: (s, { draft }) => ({ draft: { ...s.draft, ...draft } }),
  polygon: (_s, { points }) => ({ polygon: points }),
  lastPoint: (_s, { point }) => ({ lastPoint: point }),
  save: (_s, { state, detail }) => ({ save: { state, detail: detail ?? "" } }),
  image: (_s, { image }) => ({ image }),
  looking: (_s, { revision }) => ({ looking: revision }),
  hovered: (_s, { label }) => ({ hovered: label }),
  panel: (s, { panel, open }) => ({ panels: { ...s.panels, [panel]: open } }),
  steps: (_s, { undo, redo }) => ({ steps: { undo, redo } }),
};

/**
 * Keeps the same image point in the middle; the first time, fits the image.
 * @param {State} s
 * @param {{width: number, height: number}} viewport
 */
function resize(s, viewport) {
  if (s.viewport.width <= 1) return { viewport, view: fit(s.size, viewport) };
  const x = s.view.x + (viewport.width - s.viewport.width) / 2;
  const y = s.view.y + (viewport.height - s.viewport.height) / 2;
  return { viewport, view: { scale: s.view.scale, x, y } };
}

/**
 * @param {State} state
 * @param {StateAction} action
 * @returns {State}
 */
export function reduce(state, action) {
  const reducer = /** @type {Reducer<any>} */ (REDUCERS[action.type]);
  return { ...state, ...reducer(state, action) };
}

/** Holds the state; tells who listens. */
export class Store {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    /** @type {((state: State, before: State) => void)[]} */
    this.listeners = [];
  }

  /** @param {StateAction} action */
  dispatch(action) {
    const before = this.state;
    this.state = reduce(before, action);
    for (const listener of this.listeners) listener(this.state, before);
  }

  /**
   * Runs now and whenever one of the picked values changes.
   * @template {readonly unknown[]} T
   * @param {(state: State) => T} pick
   * @param {(state: State) => void} run
   */
  watch(pick, run) {
    let last = pick(this.state);
    run(this.state);
    this.listeners.push((state) => {
      const next = pick(state);
      if (next.every((value, i) => value === last[i])) return;
      last = next;
      run(state);
    });
  }
}
