/**
 * Where an image's thumbnail is.
 */
import { apiUrl } from "../lib/api.js";

/**
 * The revisions are in the address so that a changed mask is fetched anew and the rest is cached.
 * @param {{id: number, head: number, proposal: number | null}} image
 * @param {boolean} overlay
 */
export function thumbnailUrl({ id, head, proposal }, overlay) {
  const v = overlay ? `${head}-${proposal ?? 0}` : undefined;
  return apiUrl(`/images/${id}/thumbnail`, { overlay: overlay ? "auto" : "none", v });
}
