/** The row over the picture: size and shape of the brush, what it may paint over. */

import { $ } from "../../lib/dom.js";
import { bindRange } from "./controls.js";

/** @typedef {import("../app.js").App} App */

// The slider is logarithmic: 1 to 32 matters as much as 32 to 512.
const STEPS = 90;
const MAX_LOG = Math.log2(512);

/** @param {number} size */
const toSlider = (size) => Math.round((Math.log2(size) / MAX_LOG) * STEPS);
/** @param {number} value */
const fromSlider = (value) => Math.round(2 ** ((value / STEPS) * MAX_LOG));

const PAINTING = new Set(["brush", "eraser", "polygon", "polygon-erase", "bucket", "holes"]);
const WITH_SIZE = new Set(["brush", "eraser"]);

/** @type {Record<string, string>} */
const HINTS = {
  polygon: "Click corners or drag an outline. Enter closes.",
  "polygon-erase": "Click corners or drag an outline. Enter closes.",
  bucket: "Click a region to relabel it.",
  holes: "Click a region to fill what it encloses.",
  regions: "Click a drafted region to accept it, right-click to reject it.",
  picker: "Click to take the label there.",
  pan: "Drag to move. Space does the same with any tool.",
};

/** @param {App} app */
export function initOptions(app) {
  bindRange(
    app,
    "brush-size",
    (s) => toSlider(s.brush.size),
    (value) => ({ type: "brush", size: fromSlider(value) }),
    () => `${app.state.brush.size} px`,
  );
  const number = /** @type {HTMLInputElement} */ ($("#brush-number"));
  number.addEventListener("change", () => {
    if (number.valueAsNumber > 0) app.dispatch({ type: "brush", size: number.valueAsNumber });
    number.value = String(app.state.brush.size);
  });
  number.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") number.blur();
  });
  app.store.watch(
    (s) => [s.brush.size],
    (s) => {
      number.value = String(s.brush.size);
    },
  );
  for (const shape of /** @type {const} */ (["round", "square"])) {
    const button = $(`#shape-${shape}`);
    button.addEventListener("click", () => app.dispatch({ type: "brush", shape }));
    app.store.watch(
      (s) => [s.brush.shape],
      (s) => button.setAttribute("aria-pressed", String(s.brush.shape === shape)),
    );
  }
  app.store.watch(
    (s) => [s.tool],
    ({ tool }) => {
      $("#options-size").hidden = !WITH_SIZE.has(tool);
      $("#options-rule").hidden = !PAINTING.has(tool);
      $("#options-hint").textContent = HINTS[tool] ?? "";
      $("#options-hint").hidden = !HINTS[tool];
    },
  );
}
