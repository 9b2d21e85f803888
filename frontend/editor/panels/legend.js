/** The labels: choose, hide, lock, decide on their drafts; how much of the image each covers. */

import { $, h, icon } from "../../lib/dom.js";
import { percent } from "../../lib/format.js";
import { shownKey } from "../keys.js";
import { countPending } from "../proposal.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../commands.js").Command} Command */

const VOID = 255;
/** From here on a list is searched and sorted. */
const MANY = 12;
/** Pixels counted between two looks at the clock. */
const CHUNK = 1 << 18;

/**
 * @param {App} app
 * @param {Map<string, Command>} commands
 */
export function initLegend(app, commands) {
  const rows = new Map(app.state.labels.map((label) => [label.index, row(app, label, commands)]));
  const voidRow = voidRowOf(app);
  const list = $("#legend");
  list.append(...[...rows.values()].map(({ element }) => element), voidRow.element);
  $("#legend-empty").hidden = rows.size > 0;
  initFilter(rows);
  app.store.watch(
    (s) => [s.label, s.tool, s.hidden, s.locked, s.rule],
    (s) => {
      list.dataset.rule = s.rule.over;
      for (const [index, { element, hide, lock, over }] of rows) {
        mark(element, s.label === index && s.tool !== "eraser");
        press(hide, s.hidden.has(index), "eye-off", "eye");
        press(lock, s.locked.has(index), "lock", "lock-open");
        over.checked = s.rule.labels.has(index);
      }
      mark(voidRow.element, s.tool === "eraser" || s.label === VOID);
      voidRow.over.checked = s.rule.labels.has(VOID);
    },
  );
  const showShares = () => {
    const total = app.document.width * app.document.height;
    for (const [index, { share }] of rows) setShare(share, app.document.counts[index] / total);
    setShare(voidRow.share, app.document.counts[VOID] / total);
  };
  app.addEventListener("edited", showShares);
  initPending(app, rows);
}

/**
 * @param {HTMLElement} element
 * @param {number} share
 */
function setShare(element, share) {
  element.textContent = share > 0 ? percent(share) : "";
}

/**
 * @param {HTMLElement} element
 * @param {boolean} current
 */
function mark(element, current) {
  if (current) element.setAttribute("aria-current", "true");
  else element.removeAttribute("aria-current");
}

/**
 * @param {HTMLElement} button
 * @param {boolean} on
 * @param {string} iconOn
 * @param {string} iconOff
 */
function press(button, on, iconOn, iconOff) {
  if (button.getAttribute("aria-pressed") === String(on)) return;
  button.setAttribute("aria-pressed", String(on));
  button.replaceChildren(icon(on ? iconOn : iconOff));
}

/**
 * @param {App} app
 * @param {import("../types.js").Label} label
 * @param {Map<string, Command>} commands
 */
function row(app, { index, name, color }, commands) {
  const swatch = h("span", { class: "swatch" });
  swatch.style.background = color;
  const key = commands.get(`label.${index}`)?.keys[0];
  const share = h("span", { class: "ed-share num", dataset: { testid: `share-${index}` } });
  const over = overBox(app, index, name);
  const choose = h(
    "button",
    {
      class: "ed-label-choose",
      type: "button",
      dataset: { testid: `label-${index}` },
      onclick: () => app.dispatch({ type: "label", label: index }),
    },
    swatch,
    h("span", { class: "ed-label-name truncate", title: name }, name),
    share,
  );
  const hide = h("button", {
    class: "icon-btn icon-btn-sm",
    type: "button",
    "aria-label": `Hide ${name}`,
    dataset: { tooltip: "Hide; Alt-click: show it alone", testid: `hide-${index}` },
    onclick: (/** @type {MouseEvent} */ event) =>
      app.dispatch({ type: event.altKey ? "solo" : "hide", label: index }),
  });
  const lock = h("button", {
    class: "icon-btn icon-btn-sm",
    type: "button",
    "aria-label": `Lock ${name}`,
    dataset: { tooltip: "Lock: painting leaves it alone", testid: `lock-${index}` },
    onclick: () => app.dispatch({ type: "lock", label: index }),
  });
  const pending = h("span", { class: "num", dataset: { testid: `pending-${index}` } });
  const drafted = draftedBox(app, index, name, pending);
  const element = h(
    "li",
    {
      class: "ed-label",
      onpointerenter: () => app.dispatch({ type: "hovered", label: index }),
      onpointerleave: () => app.dispatch({ type: "hovered", label: null }),
    },
    over,
    choose,
    drafted,
    h(
      "span",
      { class: "ed-label-end" },
      lock,
      hide,
      h("kbd", { class: key ? "kbd" : "kbd ed-no-key" }, key ? shownKey(key) : ""),
    ),
  );
  return { element, hide, lock, over, share, drafted, pending, name };
}

/**
 * Ticked when painting may replace the label; shown while the rule is "chosen labels".
 * @param {App} app
 * @param {number} index
 * @param {string} name
 */
function overBox(app, index, name) {
  return h("input", {
    type: "checkbox",
    class: "ed-over",
    "aria-label": `May be painted over: ${name}`,
    dataset: { tooltip: "May be painted over", testid: `over-${index}` },
    onchange: () => app.dispatch({ type: "rule", toggle: index }),
  });
}

/**
 * @param {App} app
 * @param {number} index
 * @param {string} name
 * @param {HTMLElement} pending
 */
function draftedBox(app, index, name, pending) {
  /**
   * @param {"accept" | "reject"} what
   * @param {string} iconName
   * @param {...(Node | null)} more
   */
  const button = (what, iconName, ...more) =>
    h(
      "button",
      {
        class: "ed-decide",
        type: "button",
        "aria-label": `${what === "accept" ? "Accept" : "Reject"} drafted ${name}`,
        dataset: {
          tooltip: `${what === "accept" ? "Accept" : "Reject"} what is drafted as ${name}`,
          testid: `${what}-${index}`,
        },
        onclick: () => app.dispatch({ type: `draft.${what}`, labels: [index] }),
      },
      icon(iconName),
      ...more,
    );
  return h(
    "span",
    { class: "ed-drafted", hidden: true },
    button("accept", "check", pending),
    button("reject", "x"),
  );
}

/** @param {App} app */
function voidRowOf(app) {
  const share = h("span", { class: "ed-share num", dataset: { testid: "share-255" } });
  const over = overBox(app, VOID, "Void");
  const element = h(
    "li",
    { class: "ed-label ed-label-void" },
    over,
    h(
      "button",
      {
        class: "ed-label-choose",
        type: "button",
        dataset: { testid: "label-255", tooltip: "Erase: back to unlabelled", shortcut: "0" },
        onclick: () => app.dispatch({ type: "tool", tool: "eraser" }),
      },
      h("span", { class: "swatch ed-swatch-void" }),
      h("span", { class: "ed-label-name" }, "Void"),
      share,
    ),
    h("span", { class: "ed-label-end" }, h("kbd", { class: "kbd" }, "0")),
  );
  return { element, share, over };
}

/** @param {Map<number, ReturnType<typeof row>>} rows */
function initFilter(rows) {
  const filter = /** @type {HTMLInputElement} */ ($("#legend-filter"));
  filter.hidden = rows.size < MANY;
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const { element, name } of rows.values()) {
      element.hidden = !name.toLowerCase().includes(wanted);
    }
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Escape") filter.blur();
  });
}

/**
 * Counts what is pending in small pieces, so that painting on a huge image doesn't stutter.
 * @param {App} app
 * @param {Map<number, ReturnType<typeof row>>} rows
 */
function initPending(app, rows) {
  let generation = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const show = (/** @type {Float64Array} */ counts) => {
    const total = app.document.width * app.document.height;
    let all = 0;
    for (const [index, { drafted, pending }] of rows) {
      drafted.hidden = counts[index] === 0;
      pending.textContent = percent(counts[index] / total);
      all += counts[index];
    }
    const left = all > 0 ? `${percent(all / total)} to decide` : "Nothing left";
    $("#draft-share").textContent = app.state.draft.exists ? left : "";
    $("#draft-share").dataset.pixels = String(all);
  };
  let opened = false;
  app.addEventListener("opened", () => {
    opened = true;
  });
  const count = async () => {
    const mine = ++generation;
    const pending = app.document.pending(app.state);
    const counts = new Float64Array(256);
    const step = Math.max(1, Math.floor(CHUNK / app.document.width));
    for (let y = 0; pending && y < app.document.height; y += step) {
      countPending(pending, counts, y, Math.min(app.document.height, y + step));
      if (y + step < app.document.height) await new Promise((resolve) => setTimeout(resolve));
      if (mine !== generation) return;
    }
    show(counts);
    if (opened) arrange(app, rows, counts);
    opened = false;
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(count, 80);
  };
  app.addEventListener("edited", soon);
  app.store.watch((s) => [s.draft.threshold, s.draft.over, s.draft.exists], soon);
}

/**
 * Puts the labels that this image has, or is drafted with, before the others; only on opening and
 * after a draft, so that nothing moves under the pointer.
 * @param {App} app
 * @param {Map<number, ReturnType<typeof row>>} rows
 * @param {Float64Array} pending
 */
function arrange(app, rows, pending) {
  if (rows.size < MANY) return;
  const here = (/** @type {number} */ index) => app.document.counts[index] + pending[index] > 0;
  const elements = (/** @type {boolean} */ wanted) =>
    [...rows].filter(([index]) => here(index) === wanted).map(([, { element }]) => element);
  const [first, others] = [elements(true), elements(false)];
  for (const { element } of rows.values()) element.classList.remove("ed-label-others");
  if (first.length > 0) others[0]?.classList.add("ed-label-others");
  $("#legend").prepend(...first, ...others);
}
