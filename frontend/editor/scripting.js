/**
 * `window.maskwright`: what tests and scripts in the page may rely on.
 *
 *     await maskwright.ready                  photo and mask are there
 *     maskwright.readMask()                   copy of the head, (height * width) label indices
 *     maskwright.readProposal()               copy of the draft, or null
 *     maskwright.imageToScreen(x, y)          client coordinates of an image point
 *     maskwright.run("view.fit")              any command by its id
 *     maskwright.state()                      tool, label, brush, view …; a snapshot
 *     await maskwright.saved()                everything painted so far is on the server
 */

import { commandsOf } from "./commands.js";
import { toScreen } from "./view.js";

/** @typedef {import("./app.js").App} App */

/** @param {App} app */
async function saved(app) {
  for (;;) {
    await app.saver.flush();
    if (!app.saver.pending) return;
    if (app.saver.halted) throw new Error(`not saved: ${app.state.save.detail}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @type {(value?: unknown) => void} */
let isReady = () => {};
const ready = new Promise((resolve) => {
  isReady = resolve;
});
/** @type {any} */ (window).maskwright = { ready };

/**
 * @param {App} app
 * @param {Promise<unknown>} opened
 */
export function expose(app, opened) {
  const commands = commandsOf(app);
  opened.then(() => isReady());
  Object.assign(/** @type {any} */ (window).maskwright, {
    readMask: () => app.document.head.data.slice(),
    readProposal: () => app.document.proposal?.data.slice() ?? null,
    imageToScreen: (/** @type {number} */ x, /** @type {number} */ y) => {
      const { left, top } = app.renderer.canvas.getBoundingClientRect();
      const at = toScreen(app.state.view, { x, y });
      return { x: at.x + left, y: at.y + top };
    },
    run: (/** @type {string} */ id) => commands.get(id)?.run(app),
    dispatch: (/** @type {import("./types.js").Action} */ action) => app.dispatch(action),
    state: () => structuredClone(app.state),
    saved: () => saved(app),
  });
}
