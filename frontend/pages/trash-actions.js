/**
 * Moving to the trash and back, with undo by toast. A toast asked for on one page shows on the
 * next: trashing a project leaves its page.
 */
import { api } from "../lib/api.js";
import { toast, toastError } from "../lib/toast.js";

const PENDING = "maskwright.trashed-project";

/** @param {{id: number, name: string}} project */
export async function trashProject(project) {
  await api("DELETE", `/projects/${project.id}`);
  sessionStorage.setItem(PENDING, JSON.stringify({ id: project.id, name: project.name }));
}

/**
 * Offers the undo of a project trashed on the page before.
 * @param {() => void} onUndone
 */
export function offerProjectUndo(onUndone) {
  const pending = sessionStorage.getItem(PENDING);
  if (!pending) return;
  sessionStorage.removeItem(PENDING);
  const { id, name } = JSON.parse(pending);
  const run = async () => {
    try {
      await api("POST", `/projects/${id}/undelete`);
      onUndone();
    } catch (error) {
      toastError(error);
    }
  };
  toast(`“${name}” moved to the trash`, { action: { label: "Undo", run } });
}
