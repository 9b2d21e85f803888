/** Starts the editor on its page. The only module that knows the order of things. */

import { $, inlineSprite, bootstrap as readBootstrap } from "../lib/dom.js";
import { initTheme } from "../lib/theme.js";
import { toast, toastError } from "../lib/toast.js";
import { initTooltips } from "../lib/tooltip.js";
import { App } from "./app.js";
import { commandsOf } from "./commands.js";
import { Journal } from "./journal.js";
import { NoJournal } from "./no-journal.js";
import { bindButtons, bindKeys, bindPanels, bindRange } from "./panels/controls.js";
import { initDraft } from "./panels/draft.js";
import { initHistory } from "./panels/history.js";
import { initLegend } from "./panels/legend.js";
import { initMerge } from "./panels/merge.js";
import { initOptions } from "./panels/options.js";
import { initPalette } from "./panels/palette.js";
import { initStatusLine } from "./panels/status-line.js";
import { PointerInput } from "./pointer.js";
import { sendLeftovers } from "./recover.js";
import { initStatus } from "./review.js";
import { expose } from "./scripting.js";
import { NoWebGL } from "./textures.js";

/** @typedef {import("./types.js").Bootstrap} Bootstrap */

/** @param {number} image */
async function openJournal(image) {
  try {
    return await Journal.open(image);
  } catch {
    return new NoJournal();
  }
}

/**
 * @param {App} app
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLCanvasElement} overlay
 * @param {PointerInput} pointer
 */
function followSize(app, canvas, overlay, pointer) {
  const resize = () => {
    const { width, height } = canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    for (const each of [canvas, overlay]) {
      each.width = Math.max(1, Math.round(width * ratio));
      each.height = Math.max(1, Math.round(height * ratio));
    }
    pointer.measure();
    app.dispatch({ type: "viewport", width, height });
    // At once: a resized canvas is blank until it is drawn again.
    app.draw();
  };
  new ResizeObserver(resize).observe($("#stage"));
  resize();
}

/**
 * @param {App} app
 * @param {HTMLCanvasElement} canvas
 */
function surviveContextLoss(app, canvas) {
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();
    app.renderer.lost = true;
  });
  canvas.addEventListener("webglcontextrestored", () => {
    app.renderer.start();
    app.frame.ask();
  });
}

/**
 * @param {App} app
 * @param {PointerInput} pointer
 */
function loseNothing(app, pointer) {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    if (pointer.gesture) pointer.finish();
    app.saver.flush();
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
    if (!(link instanceof HTMLAnchorElement) || elsewhere || !app.saver.pending) return;
    event.preventDefault();
    app.leave(link.href);
  });
  window.addEventListener("online", () => app.saver.retry());
  window.addEventListener("beforeunload", (event) => {
    if (pointer.gesture) pointer.finish();
    // With the journal written there is nothing to lose, so there is nothing to ask.
    if (app.journal.failed && app.saver.pending) event.preventDefault();
  });
}

/** @param {App} app */
async function showPhoto(app) {
  $("#photo-missing").hidden = true;
  try {
    const blob = await app.remote.photo();
    app.renderer.setPhoto(await createImageBitmap(blob));
    app.frame.ask();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    $("#photo-missing-text").textContent = `The photo can't be shown. ${detail}`;
    $("#photo-missing").hidden = false;
  }
}

/**
 * @param {App} app
 * @param {() => void} done
 */
async function openMask(app, done) {
  $("#failed").hidden = true;
  app.dispatch({ type: "save", state: "loading" });
  const slow = setTimeout(() => {
    $("#opening").hidden = false;
  }, 300);
  try {
    await app.open();
    done();
  } catch (error) {
    $("#failed-text").textContent = error instanceof Error ? error.message : String(error);
    $("#failed").hidden = false;
    app.dispatch({ type: "save", state: "closed" });
  } finally {
    clearTimeout(slow);
    $("#opening").hidden = true;
  }
}

/** @param {App} app */
function bindView(app) {
  const percent = (/** @type {number} */ value) => `${Math.round(value)} %`;
  bindRange(
    app,
    "opacity",
    (s) => Math.round(s.opacity * 100),
    (value) => ({ type: "show", opacity: value / 100 }),
    percent,
  );
  bindRange(
    app,
    "brightness",
    (s) => Math.round(s.photo.brightness * 100),
    (value) => ({ type: "photo", brightness: value / 100 }),
    percent,
  );
  bindRange(
    app,
    "contrast",
    (s) => Math.round(s.photo.contrast * 100),
    (value) => ({ type: "photo", contrast: value / 100 }),
    percent,
  );
}

/**
 * @param {App} app
 * @param {HTMLCanvasElement} canvas
 * @param {PointerInput} pointer
 */
function bindCursor(app, canvas, pointer) {
  const show = () => {
    const { tool, looking } = app.state;
    const pans = pointer.space || tool === "pan" || looking !== null;
    canvas.dataset.cursor = pans ? "pan" : tool;
  };
  app.addEventListener("cursor", show);
  app.store.watch((s) => [s.tool, s.looking], show);
}

async function main() {
  initTheme();
  initTooltips();
  // Going offline must not blank the icons that say so.
  inlineSprite().catch(() => {});
  /** @type {Bootstrap} */
  const bootstrap = readBootstrap();
  const canvas = /** @type {HTMLCanvasElement} */ ($("#canvas"));
  const overlay = /** @type {HTMLCanvasElement} */ ($("#overlay"));
  const journal = await openJournal(bootstrap.image.id);
  const app = new App(bootstrap, journal, { canvas, overlay });
  const pointer = new PointerInput(canvas, {
    state: () => app.state,
    dispatch: (action) => app.dispatch(action),
    hover: (at, straight) => {
      app.overlay.pointer = at;
      app.overlay.straight = straight;
      app.frame.ask();
    },
  });
  const commands = commandsOf(app);
  bindButtons(app, commands);
  bindKeys(app, commands, pointer);
  bindPanels(app);
  bindView(app);
  bindCursor(app, canvas, pointer);
  initStatusLine(app);
  initOptions(app);
  initLegend(app, commands);
  initDraft(app);
  initHistory(app);
  initPalette(app, commands);
  initMerge(app);
  initStatus(app);
  followSize(app, canvas, overlay, pointer);
  surviveContextLoss(app, canvas);
  loseNothing(app, pointer);
  $("#photo-retry").addEventListener("click", () => showPhoto(app));
  const photo = showPhoto(app);
  const mask = new Promise((resolve) => {
    const open = () => openMask(app, () => resolve(undefined));
    $("#failed-retry").addEventListener("click", open);
    open();
  });
  expose(app, Promise.all([photo, mask]));
  await mask;
  sendLeftovers(journal).then((sent) => {
    if (sent > 0) toast("Strokes left on other images were saved now.", { kind: "ok" });
  }, toastError);
}

main().catch((error) => {
  if (!(error instanceof NoWebGL)) throw error;
  $("#failed-retry").addEventListener("click", () => location.reload());
  $("#failed-text").textContent =
    `${error.message} Another browser, or switching hardware acceleration on, helps.`;
  $("#failed").hidden = false;
});
