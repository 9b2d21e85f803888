import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BundleWriter,
  CodecError,
  decodeTile,
  encodeTile,
  readBundle,
  TILE,
} from "../../frontend/editor/codec.js";
import { crc32, deflate, inflate } from "../../frontend/editor/zlib.js";
import { blobs, noise } from "./make.js";

/** @param {Uint8Array | Uint16Array} tile */
function roundTrip(tile) {
  const payload = encodeTile(tile);
  const out =
    tile instanceof Uint8Array ? new Uint8Array(TILE * TILE) : new Uint16Array(TILE * TILE);
  assert.equal(decodeTile(payload, 0, out), payload.length);
  assert.deepEqual(out, tile);
  return payload;
}

test("a flat tile takes 259 bytes", () => {
  assert.equal(roundTrip(new Uint8Array(TILE * TILE).fill(255)).length, 259);
});

test("regions come back as they were", () => {
  for (let seed = 1; seed < 20; seed++) roundTrip(blobs(seed));
});

test("a level border that waves is coded by columns", () => {
  const level = (/** @type {number} */ i) => 128 + 4 * Math.sin((i & 255) / 6);
  const tile = Uint8Array.from({ length: TILE * TILE }, (_, i) => +(i >> 8 > level(i)));
  assert.equal(roundTrip(tile)[0], 2);
});

test("noise is kept raw", () => {
  assert.equal(roundTrip(noise(3))[0], 0);
});

test("instances above 255 come back as they were", () => {
  roundTrip(Uint16Array.from(blobs(5), (value) => value * 257));
});

test("a payload that is cut anywhere is refused", () => {
  const payload = encodeTile(blobs(4));
  const out = new Uint8Array(TILE * TILE);
  for (let length = 0; length < payload.length; length += 7) {
    assert.throws(() => decodeTile(payload.subarray(0, length), 0, out), CodecError);
  }
});

test("columns that do not increase are refused", () => {
  const payload = new Uint8Array(1 + TILE + 3 + 2 + 2 + 2 * 255);
  payload[0] = 1;
  payload[1] = 1; // row 0 is edited: two new runs, the second with no gap
  payload.set([2, 2, 0, 7, 8, 9, 0], 1 + TILE);
  assert.throws(() => decodeTile(payload, 0, new Uint8Array(TILE * TILE)), CodecError);
});

test("a bundle keeps which tile is which", () => {
  const writer = new BundleWriter(600, 300);
  writer.layer("classes", [1, 4]);
  writer.tile(blobs(1));
  writer.tile(blobs(2));
  const read = [...readBundle(writer.finish(), { width: 600, height: 300 })].map((tile) => ({
    ...tile,
    pixels: tile.pixels.slice(),
  }));
  assert.deepEqual(
    read.map(({ layer, index }) => [layer, index]),
    [
      ["classes", 1],
      ["classes", 4],
    ],
  );
});

test("a damaged bundle is refused", () => {
  const writer = new BundleWriter(256, 256);
  writer.layer("classes", [0]);
  writer.tile(blobs(1));
  const bytes = writer.finish();
  bytes[40] ^= 1;
  assert.throws(() => [...readBundle(bytes, { width: 256, height: 256 })], CodecError);
});

test("deflate and inflate are each other's inverse", async () => {
  const bytes = noise(9);
  assert.deepEqual(await inflate(await deflate(bytes)), bytes);
});

test("crc32 is zlib's", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});
