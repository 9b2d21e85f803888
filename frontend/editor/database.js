/** IndexedDB with promises, and the stores that the editor keeps in it. */

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @param {IDBTransaction} transaction
 * @returns {Promise<void>}
 */
export function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
export function openDatabase() {
  const request = indexedDB.open("maskwright-editor", 1);
  request.onupgradeneeded = () => {
    const db = request.result;
    const strokes = db.createObjectStore("strokes", { keyPath: "id", autoIncrement: true });
    strokes.createIndex("image", "image");
    strokes.createIndex("session", ["session", "ref"]);
    db.createObjectStore("bases", { keyPath: ["image", "session", "ref"] });
    db.createObjectStore("undo", { keyPath: ["session", "key"] });
  };
  return answer(request);
}
