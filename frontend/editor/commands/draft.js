/** The draft: making one, accepting, rejecting, showing. */

import { draftNow } from "../drafting.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../commands.js").Command} Command */
/** @typedef {import("../types.js").State} State */

/** @param {State} s */
const hasDraft = (s) => s.draft.exists && s.looking === null;

/** @type {Command[]} */
export const DRAFT_COMMANDS = [
  {
    id: "draft",
    title: "Draft this image with the model",
    group: "Draft",
    keys: ["Shift+d"],
    run: draftNow,
    enabled: (s) => s.draft.startedAt === null,
  },
  {
    id: "draft.accept",
    title: "Accept all that is drafted",
    group: "Draft",
    keys: ["a"],
    run: (app) => app.dispatch({ type: "draft.accept" }),
    enabled: hasDraft,
  },
  {
    id: "draft.reject",
    title: "Reject all that is drafted",
    group: "Draft",
    keys: ["Shift+a"],
    run: (app) => app.dispatch({ type: "draft.reject" }),
    enabled: hasDraft,
  },
  {
    id: "draft.accept-label",
    title: "Accept the current label of the draft",
    group: "Draft",
    keys: ["l"],
    run: (app) => app.dispatch({ type: "draft.accept", labels: [app.state.label] }),
    enabled: hasDraft,
  },
  {
    id: "draft.reject-label",
    title: "Reject the current label of the draft",
    group: "Draft",
    keys: ["Shift+l"],
    run: (app) => app.dispatch({ type: "draft.reject", labels: [app.state.label] }),
    enabled: hasDraft,
  },
  {
    id: "draft.visible",
    title: "Show the draft",
    group: "Draft",
    keys: ["v"],
    run: (app) => app.dispatch({ type: "draft", draft: { visible: !app.state.draft.visible } }),
    active: (s) => s.draft.visible,
    enabled: hasDraft,
  },
  {
    id: "draft.over",
    title: "Draft may replace labels, or fill void only",
    group: "Draft",
    keys: [],
    run: (app) => {
      const over = app.state.draft.over === "void" ? "all" : "void";
      app.dispatch({ type: "draft", draft: { over } });
    },
    active: (s) => s.draft.over === "all",
    enabled: hasDraft,
  },
];
