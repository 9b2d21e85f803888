/**
 * The files of a drop or a paste, folders walked through.
 */

/** Files that systems leave in folders and nobody means to upload. */
const LITTER = /^(\..*|Thumbs\.db|desktop\.ini)$/i;

/**
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function filesOf(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  // Entries must be taken before the first await: the transfer is emptied after the event.
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const loose = items.map((item) => item.getAsFile());
  /** @type {File[]} */
  const files = [];
  for (const [at, entry] of entries.entries()) {
    const file = loose[at];
    if (entry?.isDirectory)
      files.push(...(await walk(/** @type {FileSystemDirectoryEntry} */ (entry))));
    else if (file) files.push(file);
  }
  return withoutLitter(files);
}

/** @param {Iterable<File>} files */
export function withoutLitter(files) {
  return [...files].filter((file) => !LITTER.test(file.name));
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<File[]>}
 */
async function walk(folder) {
  const reader = folder.createReader();
  /** @type {File[]} */
  const files = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return files;
    for (const entry of batch) {
      if (entry.isDirectory)
        files.push(...(await walk(/** @type {FileSystemDirectoryEntry} */ (entry))));
      else files.push(await fileOf(/** @type {FileSystemFileEntry} */ (entry)));
    }
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/**
 * A pasted picture is always called "image.png"; the time tells one from the next.
 * @param {File[]} files
 */
export function namedPastes(files) {
  const stamp = new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", "-");
  return files.map((file, at) => {
    if (file.name !== "image.png") return file;
    const name = `pasted ${stamp}${at > 0 ? ` ${at + 1}` : ""}.png`;
    return new File([file], name, { type: file.type });
  });
}
