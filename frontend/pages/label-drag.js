/**
 * Reorders the rows of a list by dragging their handle.
 */

/**
 * @param {HTMLElement} list
 * @param {() => void} onDrop
 */
export function dragRow(list, onDrop) {
  list.addEventListener("pointerdown", (down) => {
    const handle = /** @type {HTMLElement} */ (down.target).closest(".label-handle");
    const row = handle?.closest("li");
    if (!row || down.button !== 0) return;
    // The list holds the pointer: the row would lose it each time it moves in the page.
    list.setPointerCapture(down.pointerId);
    row.classList.add("dragging");
    const move = (/** @type {PointerEvent} */ event) => place(list, row, event.clientY);
    const end = () => {
      row.classList.remove("dragging");
      list.removeEventListener("pointermove", move);
      onDrop();
    };
    list.addEventListener("pointermove", move);
    list.addEventListener("lostpointercapture", end, { once: true });
  });
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} row
 * @param {number} y
 */
function place(list, row, y) {
  const after = [...list.children].find((other) => {
    const { top, height } = other.getBoundingClientRect();
    return other !== row && y < top + height / 2;
  });
  if (after) {
    if (after.previousElementSibling !== row) after.before(row);
  } else if (list.lastElementChild !== row) {
    list.append(row);
  }
}
