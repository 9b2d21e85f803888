/** What the renderer is made of: pieces of the image, their textures, the palette, the program. */

import { FRAGMENT, VERTEX } from "./shaders.js";

/** @typedef {import("./types.js").Rect} Rect */
/** @typedef {import("./types.js").Ref} Ref */
/** @typedef {import("./types.js").State} State */
/** @typedef {Rect & {textures: Partial<Record<Ref | "photo", WebGLTexture>>}} Piece */

export class NoWebGL extends Error {}

/**
 * @param {State} state
 * @returns {Uint8Array} 256 RGBA colours
 */
export function paletteOf({ labels, hidden }) {
  const data = new Uint8Array(1024).fill(128);
  for (const { index, color } of labels) {
    const rgb = Number.parseInt(color.slice(1), 16);
    data.set([rgb >> 16, (rgb >> 8) & 255, rgb & 255], index * 4);
    data[index * 4 + 3] = hidden.has(index) ? 0 : 255;
  }
  return data;
}

/**
 * @param {{width: number, height: number}} size
 * @param {number} largest
 * @returns {Piece[]}
 */
export function pieces({ width, height }, largest) {
  const all = [];
  for (let y = 0; y < height; y += largest) {
    for (let x = 0; x < width; x += largest) {
      const [w, h] = [Math.min(largest, width - x), Math.min(largest, height - y)];
      all.push({ x, y, width: w, height: h, textures: {} });
    }
  }
  return all;
}

/**
 * @param {Rect} a
 * @param {Rect} b
 * @returns {Rect | null}
 */
export function intersection(a, b) {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** @param {WebGL2RenderingContext} gl */
export function clampEdges(gl) {
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
}

/** @param {WebGL2RenderingContext} gl */
export function nearest(gl) {
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  clampEdges(gl);
}

/**
 * @param {WebGL2RenderingContext} gl
 * @param {number} width
 * @param {number} height
 */
export function integerTexture(gl, width, height) {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R8UI, width, height);
  nearest(gl);
  return texture;
}

/** @param {WebGL2RenderingContext} gl */
export function buildProgram(gl) {
  const program = gl.createProgram();
  for (const [type, source] of /** @type {const} */ ([
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(type));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new NoWebGL(gl.getProgramInfoLog(program) ?? "The drawing program didn't link.");
  }
  return program;
}
