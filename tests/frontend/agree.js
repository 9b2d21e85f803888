/**
 * Half of test_codec_agreement.py: reads a bundle that the server wrote and writes it anew.
 * Usage: node agree.js IN OUT WIDTH HEIGHT
 */
import { readFileSync, writeFileSync } from "node:fs";
import { BundleWriter, readBundle } from "../../frontend/editor/codec.js";
import { deflate, inflate } from "../../frontend/editor/zlib.js";

const [source, target, width, height] = process.argv.slice(2);
const size = { width: Number(width), height: Number(height) };
const bytes = await inflate(new Uint8Array(readFileSync(source)));
const layers = new Map();
for (const { layer, index, pixels } of readBundle(bytes, size)) {
  if (!layers.has(layer)) layers.set(layer, []);
  layers.get(layer).push([index, pixels.slice()]);
}
const writer = new BundleWriter(size.width, size.height);
for (const [layer, tiles] of layers) {
  writer.layer(
    layer,
    tiles.map((/** @type {[number, any]} */ [index]) => index),
  );
  for (const [, pixels] of tiles) writer.tile(pixels);
}
writeFileSync(target, await deflate(writer.finish()));
