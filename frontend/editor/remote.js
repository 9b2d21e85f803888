/** What the editor asks of the server, in its own words. */

import { api, apiRaw } from "../lib/api.js";
import { BundleWriter, readBundle, TILE } from "./codec.js";
import { deflate, inflate } from "./zlib.js";

/** @typedef {import("./types.js").ImageInfo} ImageInfo */
/** @typedef {import("./types.js").Revision} Revision */
/** @typedef {import("./types.js").SavedRef} SavedRef */
/** @typedef {import("./codec.js").LayerName} LayerName */

const MEDIA_TYPE = "application/vnd.maskwright.tiles";
/** Tiles coded between two looks at the clock. */
const BATCH = 6;

/** Lets pointer events through during long work. */
const breathe = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(0);
  });

/** @typedef {(layer: LayerName, index: number, pixels: Uint8Array | Uint16Array) => void} OnTile */

export class Remote {
  /** @param {ImageInfo} image */
  constructor(image) {
    this.image = image;
    this.path = `/images/${image.id}`;
  }

  /**
   * @param {SavedRef | number} ref
   * @param {LayerName[]} layers
   * @param {OnTile} onTile
   * @param {number[]} [tiles]
   * @returns {Promise<number>} the revision
   */
  async mask(ref, layers, onTile, tiles) {
    const query = {
      ref: String(ref),
      layer: layers.join(","),
      format: "tiles",
      tiles: tiles?.join(","),
    };
    const response = await apiRaw("GET", `${this.path}/mask`, {
      query,
      headers: { Accept: MEDIA_TYPE },
    });
    const revision = Number((response.headers.get("ETag") ?? "").replace(/^W\/|"/g, ""));
    const bytes = await inflate(new Uint8Array(await response.arrayBuffer()));
    let n = 0;
    for (const { layer, index, pixels } of readBundle(bytes, this.image)) {
      onTile(layer, index, pixels);
      if (++n % BATCH === 0) await breathe();
    }
    return revision;
  }

  /**
   * @param {import("./mask.js").Layer} layer
   * @param {number[]} tiles ascending
   * @returns {Promise<Uint8Array<ArrayBuffer>>} the body of a save
   */
  async encode(layer, tiles) {
    const writer = new BundleWriter(this.image.width, this.image.height);
    writer.layer("classes", tiles);
    const pixels = new Uint8Array(TILE * TILE);
    for (let n = 0; n < tiles.length; n++) {
      writer.tile(layer.readTile(tiles[n], pixels));
      if (n % BATCH === BATCH - 1) await breathe();
    }
    return deflate(writer.finish());
  }

  /**
   * @param {SavedRef} ref
   * @param {import("./journal.js").Attempt} attempt
   * @returns {Promise<Revision>}
   */
  save(ref, { key, base, body }) {
    return api("PATCH", `${this.path}/mask`, {
      query: { ref },
      body: new Blob([body]),
      headers: { "Content-Type": MEDIA_TYPE, "If-Match": `"${base}"`, "Idempotency-Key": key },
    });
  }

  /** @returns {Promise<ImageInfo>} */
  refresh() {
    return api("GET", this.path);
  }

  /** @returns {Promise<Revision>} */
  draft() {
    return api("POST", `${this.path}/proposal`, { json: {} });
  }

  /**
   * @param {string} status
   * @param {string} [comment]
   * @returns {Promise<ImageInfo>}
   */
  setStatus(status, comment) {
    return api("POST", `${this.path}/status`, { json: comment ? { status, comment } : { status } });
  }

  /**
   * @param {string | null} cursor
   * @returns {Promise<{items: Revision[], next_cursor: string | null}>}
   */
  revisions(cursor) {
    return api("GET", `${this.path}/revisions`, { query: { ref: "head", cursor } });
  }

  /**
   * @param {number} revision
   * @returns {Promise<Revision>}
   */
  restore(revision) {
    return api("POST", `${this.path}/restore`, { json: { revision } });
  }

  /** @returns {Promise<Blob>} */
  async photo() {
    const response = await apiRaw("GET", `${this.path}/display`, {
      headers: { Accept: "image/*" },
    });
    return response.blob();
  }
}
