/**
 * Mouse, pen and touch, turned into samples for the tools. One finger or the left button uses the
 * tool; two fingers, the middle button or Space move the view; the wheel zooms about the pointer.
 */

import { brushSize } from "./state.js";
import { HARMLESS, TOOLS, WITH_FOOTPRINT } from "./tools/index.js";
import { toImage, zoomTo } from "./view.js";

/** @typedef {import("./types.js").Action} Action */
/** @typedef {import("./types.js").Pointer} Pointer */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Tool} Tool */
/** @typedef {import("./types.js").XY} XY */

/** How long after a pen was used a palm on the screen is taken for a palm. */
const PALM_MS = 1500;
const WITH_PICKER = new Set(["brush", "eraser", "bucket", "polygon", "polygon-erase"]);
const WHEEL_LINE = 16;

/**
 * @typedef {object} Surface
 * @property {() => State} state
 * @property {(action: Action) => void} dispatch
 * @property {(pointer: {at: XY, size: number} | null, straight: boolean) => void} hover
 */

export class PointerInput {
  /**
   * @param {HTMLElement} element
   * @param {Surface} surface
   */
  constructor(element, surface) {
    this.element = element;
    this.surface = surface;
    this.space = false;
    this.control = false;
    /** @type {{tool: Tool, id: number, erase: boolean, last: {image: XY, screen: XY}} | null} */
    this.gesture = null;
    /** @type {Map<number, XY>} fingers on the screen */
    this.touches = new Map();
    this.penAt = -PALM_MS;
    this.rect = element.getBoundingClientRect();
    /** @type {[string, (event: any) => void, AddEventListenerOptions?][]} */
    const listeners = [
      ["pointerdown", (event) => this.down(event)],
      ["pointermove", (event) => this.move(event)],
      ["pointerup", (event) => this.up(event)],
      ["pointercancel", (event) => this.cancel(event)],
      ["pointerleave", () => this.surface.hover(null, false)],
      ["wheel", (event) => this.wheel(event), { passive: false }],
      ["contextmenu", (event) => event.preventDefault()],
    ];
    for (const [type, listener, options] of listeners) {
      element.addEventListener(type, listener, options);
    }
  }

  /** To be called when the element moves or grows: reading it per event would force layout. */
  measure() {
    this.rect = this.element.getBoundingClientRect();
  }

  /**
   * @param {PointerEvent | WheelEvent} event
   * @returns {XY}
   */
  screen(event) {
    return { x: event.clientX - this.rect.left, y: event.clientY - this.rect.top };
  }

  /**
   * @param {PointerEvent} event
   * @param {State} state
   */
  sizeOf(event, state) {
    if (event.pointerType !== "pen" || event.pressure === 0) return state.brush.size;
    // Half pressure, a relaxed hand, paints the size that is set.
    return brushSize(state.brush.size * (0.2 + 1.6 * event.pressure));
  }

  /**
   * @param {PointerEvent} event
   * @returns {Pointer}
   */
  sample(event) {
    const state = this.surface.state();
    const screen = this.screen(event);
    const image = toImage(state.view, screen);
    const last = this.gesture?.last ?? { image, screen };
    return {
      ...image,
      from: last.image,
      screen,
      screenFrom: last.screen,
      size: this.sizeOf(event, state),
      shift: event.shiftKey,
      alt: event.altKey,
      erase: this.gesture?.erase ?? false,
    };
  }

  /**
   * @param {PointerEvent} event
   * @param {State} state
   * @returns {Tool}
   */
  toolFor(event, state) {
    if (event.button === 1 || this.space) return TOOLS.pan;
    if (event.altKey && WITH_PICKER.has(state.tool)) return TOOLS.picker;
    if (state.looking !== null && !HARMLESS.has(state.tool)) return TOOLS.pan;
    const palm = event.pointerType === "touch" && event.timeStamp - this.penAt < PALM_MS;
    return palm ? TOOLS.pan : TOOLS[state.tool];
  }

  /** @param {PointerEvent} event */
  down(event) {
    this.measure();
    if (event.pointerType === "pen") this.penAt = event.timeStamp;
    if (event.pointerType === "touch") {
      this.touches.set(event.pointerId, this.screen(event));
      if (this.touches.size > 1) this.abandon();
    }
    if (this.gesture || this.touches.size > 1) return;
    event.preventDefault();
    /** @type {HTMLElement | null} */ (document.activeElement)?.blur();
    try {
      this.element.setPointerCapture(event.pointerId);
    } catch {
      // A pointer that was made by a script can't be captured; it doesn't need to be.
    }
    const tool = this.toolFor(event, this.surface.state());
    const erase = event.button === 2 || (event.buttons & 32) !== 0;
    const { x, y, screen } = this.sample(event);
    this.gesture = { tool, id: event.pointerId, erase, last: { image: { x, y }, screen } };
    this.act("down", event);
  }

  /**
   * @param {"down" | "move" | "up"} phase
   * @param {PointerEvent} event
   */
  act(phase, event) {
    if (!this.gesture) return;
    const sample = this.sample(event);
    for (const action of this.gesture.tool[phase](sample, this.surface.state())) {
      this.surface.dispatch(action);
    }
    const image = toImage(this.surface.state().view, sample.screen);
    this.gesture.last = { image, screen: sample.screen };
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (this.touches.has(event.pointerId) && this.touches.size > 1) {
      this.pinch(event);
      return;
    }
    if (this.gesture?.id === event.pointerId) {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length > 0 ? events : [event]) this.act("move", each);
    }
    const state = this.surface.state();
    const at = toImage(state.view, this.screen(event));
    const shown = event.pointerType !== "touch" || this.gesture;
    const straight = event.shiftKey && WITH_FOOTPRINT.has(state.tool) && !this.gesture;
    this.surface.hover(shown ? { at, size: this.sizeOf(event, state) } : null, straight);
  }

  /** @param {PointerEvent} event */
  up(event) {
    this.touches.delete(event.pointerId);
    if (this.gesture?.id !== event.pointerId) return;
    this.act("up", event);
    this.gesture = null;
  }

  /** @param {PointerEvent} event */
  cancel(event) {
    this.touches.delete(event.pointerId);
    // What was painted so far is kept: the system took the pointer, not the person.
    if (this.gesture?.id === event.pointerId) this.finish();
  }

  /** Ends a gesture in progress as if the pointer had been lifted. */
  finish() {
    this.gesture = null;
    this.surface.dispatch({ type: "stroke.end" });
  }

  /** The second finger says that the first never meant to paint. */
  abandon() {
    if (!this.gesture) return;
    this.gesture = null;
    this.surface.dispatch({ type: "stroke.cancel" });
  }

  /** @param {PointerEvent} event */
  pinch(event) {
    const before = [...this.touches.values()].slice(0, 2);
    this.touches.set(event.pointerId, this.screen(event));
    const after = [...this.touches.values()].slice(0, 2);
    const [a, b] = [middle(before), middle(after)];
    const state = this.surface.state();
    this.surface.dispatch({ type: "pan", dx: b.x - a.x, dy: b.y - a.y });
    const factor = spread(after) / Math.max(1, spread(before));
    this.zoom(b, state.view.scale * factor);
  }

  /**
   * @param {XY} about
   * @param {number} scale
   */
  zoom(about, scale) {
    const { view, size, viewport } = this.surface.state();
    this.surface.dispatch({ type: "view", view: zoomTo(view, about, scale, size, viewport) });
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const state = this.surface.state();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1;
    const [dx, dy] = [event.deltaX * lines, event.deltaY * lines];
    // A pinch on a trackpad also says ctrlKey, but no Control key is down then.
    if (event.ctrlKey && this.control) {
      const { size } = state.brush;
      const step = Math.max(1, Math.round(size * 0.12));
      this.surface.dispatch({ type: "brush", size: size - Math.sign(dy) * step });
      this.surface.hover({ at: toImage(state.view, this.screen(event)), size }, false);
    } else if (event.shiftKey) {
      this.surface.dispatch({ type: "pan", dx: -(dx || dy), dy: 0 });
    } else {
      const speed = event.ctrlKey ? 0.01 : 0.0016;
      this.zoom(this.screen(event), state.view.scale * Math.exp(-dy * speed));
    }
  }
}

/** @param {XY[]} points */
const middle = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** @param {XY[]} points */
const spread = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);
