/**
 * The models to choose from, with what is known of each.
 */
import { h } from "../lib/dom.js";
import { plural } from "../lib/format.js";

/** @typedef {import("./project-model-state.js").ModelInfo} ModelInfo */

/**
 * @param {HTMLElement} root
 * @param {ModelInfo[]} models
 * @param {(model: ModelInfo) => void} onChoose
 */
export function showModels(root, models, onChoose) {
  const first = [...models].sort((a, b) => Number(b.default) - Number(a.default));
  root.replaceChildren(...first.map((model) => card(model, onChoose)));
}

/**
 * @param {HTMLElement} root
 * @param {string} name
 */
export function checkModel(root, name) {
  for (const radio of root.querySelectorAll("input")) radio.checked = radio.value === name;
}

/**
 * @param {ModelInfo} model
 * @param {(model: ModelInfo) => void} onChoose
 */
function card(model, onChoose) {
  const radio = h("input", {
    type: "radio",
    name: "model",
    value: model.name,
    class: "sr-only",
    onchange: () => onChoose(model),
  });
  return h(
    "label",
    { class: "preset-card model-card" },
    radio,
    h(
      "span",
      { class: "model-name" },
      h("span", { class: "preset-title" }, model.name),
      model.default && h("span", { class: "badge" }, "Default"),
    ),
    h(
      "span",
      { class: "preset-names label-text muted", title: model.labels.join(", ") },
      `${plural(model.labels.length, "label")}: ${model.labels.join(", ")}`,
    ),
    figures(model),
    h(
      "span",
      { class: "label-text muted model-source" },
      `${model.architecture} · ${model.licence}`,
    ),
  );
}

/** @param {ModelInfo} model */
function figures({ measured }) {
  const { miou, data, seconds_640x480: seconds, hardware } = measured;
  if (typeof miou !== "number")
    return h("span", { class: "label-text" }, "Not measured: try it on your images below.");
  return h(
    "span",
    null,
    h(
      "span",
      { class: "model-figures num" },
      h("span", null, `mIoU ${miou.toFixed(2)}`),
      typeof seconds === "number" &&
        h("span", { title: hardware }, `${Math.round(seconds * 1000)} ms for 640×480 pixels`),
    ),
    h("span", { class: "label-text muted model-source" }, data),
  );
}
