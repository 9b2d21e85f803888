/** Shortcuts: how a key press is written, shown and matched. */

const APPLE = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** @type {Record<string, string>} */
const SHOWN = {
  Escape: "Esc",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  " ": "Space",
  Mod: APPLE ? "⌘" : "Ctrl",
};

/**
 * "Mod+Shift+z": Mod is Ctrl or ⌘. Shift is only told for letters and named keys: "?" is "?"
 * wherever the keyboard has it.
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">} event
 */
export function keyOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  const name = key.length === 1 ? key.toLowerCase() : key;
  const named = key.length > 1 || /[a-z ]/.test(name);
  return [
    ctrlKey || metaKey ? "Mod+" : "",
    altKey ? "Alt+" : "",
    shiftKey && named ? "Shift+" : "",
    name,
  ].join("");
}

/** @param {string} key as keyOf writes it */
export function shownKey(key) {
  return key
    .split(/\+(?=.)/)
    .map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(APPLE ? "" : "+");
}
