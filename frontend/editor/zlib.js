/** zlib streams by the browser's own (de)compressor, and zlib's CRC-32. */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {GenericTransformStream} transform
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function through(bytes, transform) {
  const stream = new Blob([bytes])
    .stream()
    .pipeThrough(
      /** @type {ReadableWritablePair<Uint8Array, Uint8Array<ArrayBuffer>>} */ (transform),
    );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
export const deflate = (bytes) => through(bytes, new CompressionStream("deflate"));

/** @param {Uint8Array<ArrayBuffer>} bytes */
export const inflate = (bytes) => through(bytes, new DecompressionStream("deflate"));

const CRC = new Int32Array(256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  CRC[n] = c;
}

/**
 * CRC-32 as in RFC 1952.
 * @param {Uint8Array} bytes
 * @param {number} [end]
 */
export function crc32(bytes, end = bytes.length) {
  let c = -1;
  for (let i = 0; i < end; i++) c = CRC[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return (c ^ -1) >>> 0;
}
