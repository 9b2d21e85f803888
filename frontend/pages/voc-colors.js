/**
 * Pascal VOC's colours: the bits of an index, dealt out to red, green and blue, highest first.
 */

/**
 * @param {number} index
 * @returns {[number, number, number]}
 */
export function vocColor(index) {
  let [red, green, blue] = [0, 0, 0];
  for (let bit = 7, rest = index; bit >= 0; bit--, rest >>= 3) {
    red |= (rest & 1) << bit;
    green |= ((rest >> 1) & 1) << bit;
    blue |= ((rest >> 2) & 1) << bit;
  }
  return [red, green, blue];
}

/** @param {number} index */
export function vocCss(index) {
  return `rgb(${vocColor(index).join(" ")})`;
}

/**
 * The index of each pixel. Only the upper bits are read, which a browser that blurs what pages
 * read from a canvas leaves alone.
 * @param {Uint8ClampedArray} rgba
 */
export function vocIndices(rgba) {
  const indices = new Uint8Array(rgba.length / 4);
  for (let at = 0; at < indices.length; at++) {
    const red = rgba[4 * at] ?? 0;
    const green = rgba[4 * at + 1] ?? 0;
    const blue = rgba[4 * at + 2] ?? 0;
    let index = 0;
    for (let bit = 0; bit < 3; bit++) {
      index |= ((red >> (7 - bit)) & 1) << (3 * bit);
      index |= ((green >> (7 - bit)) & 1) << (3 * bit + 1);
      index |= ((blue >> (7 - bit)) & 1) << (3 * bit + 2);
    }
    indices[at] = index & 255;
  }
  return indices;
}
