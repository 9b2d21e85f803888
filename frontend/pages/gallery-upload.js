/**
 * The ways in: drop anywhere, the file and folder buttons, paste.
 */
import { $ } from "../lib/dom.js";
import { openMenu } from "../lib/menu.js";
import { filesOf, namedPastes, withoutLitter } from "./dropped-files.js";

/** @param {(files: File[]) => void} add */
export function wireUploads(add) {
  wireDrop(add);
  wirePicker("#pick-files", add);
  wirePicker("#pick-folder", add);
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData) return;
    filesOf(event.clipboardData).then((files) => add(namedPastes(files)));
  });
  $("#upload").addEventListener("click", openUploadMenu);
}

export function openUploadMenu() {
  openMenu($("#upload"), [
    { label: "Choose files…", icon: "upload", run: () => $("#pick-files").click() },
    { label: "Choose a folder…", icon: "folder-up", run: () => $("#pick-folder").click() },
  ]);
}

/**
 * @param {string} selector
 * @param {(files: File[]) => void} add
 */
function wirePicker(selector, add) {
  const picker = /** @type {HTMLInputElement} */ ($(selector));
  picker.addEventListener("change", () => {
    add(withoutLitter(picker.files ?? []));
    picker.value = "";
  });
}

/** @param {(files: File[]) => void} add */
function wireDrop(add) {
  const veil = $("#drop-veil");
  // Enter and leave come for every element under the pointer; the balance tells in from out.
  let depth = 0;
  const carriesFiles = (/** @type {DragEvent} */ event) =>
    event.dataTransfer?.types.includes("Files") ?? false;
  const show = (/** @type {number} */ change) => {
    depth = Math.max(0, depth + change);
    veil.hidden = depth === 0;
  };
  window.addEventListener("dragenter", (event) => carriesFiles(event) && show(1));
  window.addEventListener("dragleave", (event) => carriesFiles(event) && show(-1));
  window.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  window.addEventListener("drop", (event) => {
    if (!event.dataTransfer || !carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    filesOf(event.dataTransfer).then(add);
  });
}
