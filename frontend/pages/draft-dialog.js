/**
 * The two questions about runs of drafts: before a big one starts, and before one is withdrawn.
 */
import { api } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { count, duration, plural } from "../lib/format.js";
import { knownRate, optionsText, pace } from "./draft-words.js";

/** @typedef {import("../lib/types.js").Job} Job */
/** @typedef {import("../lib/types.js").Project} Project */

/**
 * Asks; true if the person goes on.
 * @param {string} title
 * @param {(Node | string)[]} content
 * @param {string} go
 * @param {string} [goClass]
 * @returns {Promise<boolean>}
 */
function ask(title, content, go, goClass = "btn-primary") {
  const { promise, resolve } = withResolvers();
  const danger = goClass === "btn-danger";
  const dialog = h(
    "dialog",
    { class: "dialog ask panel", "aria-labelledby": "ask-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "ask-title" }, title),
      ...content,
      h(
        "div",
        { class: "ask-foot" },
        h("button", { class: "btn", value: "no", autofocus: danger }, "Cancel"),
        h("button", { class: `btn ${goClass}`, value: "go", autofocus: !danger }, go),
      ),
    ),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(dialog.returnValue === "go");
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}

/** @returns {{promise: Promise<boolean>, resolve: (value: boolean) => void}} */
function withResolvers() {
  /** @type {(value: boolean) => void} */
  let resolve = () => {};
  const promise = new Promise((/** @type {(value: boolean) => void} */ done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/**
 * @param {Project} project
 * @param {{images: number, what: string, again: boolean}} wanted
 * @param {Job[]} runs the project's earlier ones, newest first
 */
export function confirmStart(project, { images, what, again }, runs) {
  const rate = knownRate(runs);
  const time = rate
    ? `About ${duration(images / rate)}, at the pace of the last run (${pace(rate)})`
    : "Known after the first images";
  const link = h("a", { href: `/projects/${project.id}/model` }, "Change");
  const model = h("span", null, project.model ?? "default");
  const options = h("span", null, optionsText(project.draft_options));
  lookAgain(project.id, model, options);
  const facts = [
    ["Images", what],
    ["Model", model, link],
    ["Options", options],
    ["Time", time],
  ];
  const kept = again
    ? "Their drafts are replaced. If you withdraw the run, the earlier ones come back. "
    : "";
  return ask(
    `Draft ${plural(images, "image")}?`,
    [
      h(
        "dl",
        { class: "ask-facts num" },
        ...facts.map(([name, ...said]) =>
          h("div", null, h("dt", null, name), h("dd", null, ...said)),
        ),
      ),
      h(
        "p",
        { class: "muted" },
        `${kept}Masks that people made are not touched. The run can be paused, cancelled and withdrawn, and goes on without this page.`,
      ),
    ],
    "Start drafting",
  );
}

/**
 * Model and options may have changed since this page was opened, and "default" says little.
 * @param {number} projectId
 * @param {HTMLElement} model
 * @param {HTMLElement} options
 */
async function lookAgain(projectId, model, options) {
  try {
    /** @type {[Project, {name: string, default: boolean}[]]} */
    const [project, models] = await Promise.all([
      api("GET", `/projects/${projectId}`),
      api("GET", "/models"),
    ]);
    const standard = models.find((each) => each.default)?.name ?? "default";
    model.textContent = project.model === "default" ? standard : project.model;
    options.textContent = optionsText(project.draft_options);
  } catch {
    // What the page knows is shown; starting the run will say what is wrong.
  }
}

/** @param {Job} job */
export function confirmWithdraw({ result }) {
  const drafted = result?.drafted ?? 0;
  return ask(
    "Withdraw this run?",
    [
      h("p", null, `Its ${plural(drafted, "draft")} ${drafted === 1 ? "is" : "are"} taken back:`),
      h(
        "ul",
        { class: "ask-points" },
        h("li", null, "Images that had no draft before are new again."),
        h("li", null, "Images that had an earlier draft have it again."),
        h("li", null, "Images drafted once more since then keep the newer draft."),
        h("li", null, "What people accepted or painted stays, and so does its status."),
      ),
      h("p", { class: "muted" }, "This can't be undone, but the images can be drafted again."),
    ],
    drafted === 1 ? "Withdraw the draft" : `Withdraw ${count(drafted)} drafts`,
    "btn-danger",
  );
}
