/**
 * Draws photo and masks with WebGL2. Masks are integer textures sampled without interpolation;
 * labels become colours in the shader. Only dirty rectangles are sent to the GPU, once a frame.
 * Images larger than a texture may be are drawn as several pieces.
 */

import {
  buildProgram,
  clampEdges,
  integerTexture,
  intersection,
  NoWebGL,
  nearest,
  paletteOf,
  pieces,
} from "./textures.js";

/** @typedef {import("./mask.js").Layer} Layer */
/** @typedef {import("./types.js").Rect} Rect */
/** @typedef {import("./types.js").Ref} Ref */
/** @typedef {import("./types.js").State} State */

/** Pieces stay below this even where larger textures exist: drivers stall on huge uploads. */
const LARGEST_PIECE = 4096;
const REFS = /** @type {Ref[]} */ (["head", "proposal", "confidence"]);
const UNITS = { photo: 0, head: 1, proposal: 2, confidence: 3, palette: 4 };

/** @typedef {import("./textures.js").Piece} Piece */

export class Renderer {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{width: number, height: number}} size
   * @param {(ref: Ref) => Layer | null} layerOf
   */
  constructor(canvas, size, layerOf) {
    this.canvas = canvas;
    this.size = size;
    this.layerOf = layerOf;
    /** @type {ImageBitmap | null} */
    this.photo = null;
    /** @type {Piece[]} */
    this.pieces = [];
    /** @type {Map<Ref, Rect>} */
    this.dirty = new Map();
    this.lost = false;
    const options = { alpha: true, antialias: false, depth: false, powerPreference: "low-power" };
    const gl = canvas.getContext("webgl2", options);
    if (!gl) throw new NoWebGL("This browser can't draw with WebGL 2, which the editor needs.");
    this.gl = /** @type {WebGL2RenderingContext} */ (gl);
    /** @type {Map<string, WebGLUniformLocation | null>} */
    this.uniforms = new Map();
    this.paletteKey = "";
    this.start();
  }

  /** Makes everything that lives in the context: at first, and after it was lost. */
  start() {
    const { gl } = this;
    this.lost = false;
    this.uniforms.clear();
    this.paletteKey = "";
    this.program = buildProgram(gl);
    gl.useProgram(this.program);
    gl.bindVertexArray(gl.createVertexArray());
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    for (const [name, unit] of Object.entries(UNITS)) gl.uniform1i(this.uniform(name), unit);
    this.palette = gl.createTexture();
    this.blank = integerTexture(gl, 1, 1);
    this.pieces = pieces(this.size, Math.min(LARGEST_PIECE, gl.getParameter(gl.MAX_TEXTURE_SIZE)));
    for (const ref of REFS) this.touchAll(ref);
    if (this.photo) this.setPhoto(this.photo);
  }

  /** @param {string} name */
  uniform(name) {
    if (!this.uniforms.has(name)) {
      const { gl, program } = this;
      this.uniforms.set(name, gl.getUniformLocation(/** @type {WebGLProgram} */ (program), name));
    }
    return this.uniforms.get(name) ?? null;
  }

  /**
   * @param {Ref} ref
   * @param {Rect} rect
   */
  touch(ref, rect) {
    const old = this.dirty.get(ref);
    if (!old) {
      this.dirty.set(ref, { ...rect });
      return;
    }
    const x = Math.min(old.x, rect.x);
    const y = Math.min(old.y, rect.y);
    old.width = Math.max(old.x + old.width, rect.x + rect.width) - x;
    old.height = Math.max(old.y + old.height, rect.y + rect.height) - y;
    old.x = x;
    old.y = y;
  }

  /** @param {Ref} ref */
  touchAll(ref) {
    this.dirty.set(ref, { x: 0, y: 0, ...this.size });
  }

  /** @param {ImageBitmap} photo kept for a lost context */
  setPhoto(photo) {
    const { gl } = this;
    this.photo = photo;
    gl.activeTexture(gl.TEXTURE0 + UNITS.photo);
    const [w, h] = [photo.width, photo.height];
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, w);
    for (const piece of this.pieces) {
      const texture = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_2D, texture);
      const levels = Math.floor(Math.log2(Math.max(piece.width, piece.height))) + 1;
      gl.texStorage2D(gl.TEXTURE_2D, levels, gl.RGBA8, piece.width, piece.height);
      gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, piece.x);
      gl.pixelStorei(gl.UNPACK_SKIP_ROWS, piece.y);
      const [pw, ph] = [Math.min(piece.width, w - piece.x), Math.min(piece.height, h - piece.y)];
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, pw, ph, gl.RGBA, gl.UNSIGNED_BYTE, photo);
      gl.generateMipmap(gl.TEXTURE_2D);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
      clampEdges(gl);
      piece.textures.photo = texture;
    }
    for (const key of [gl.UNPACK_ROW_LENGTH, gl.UNPACK_SKIP_PIXELS, gl.UNPACK_SKIP_ROWS]) {
      gl.pixelStorei(key, 0);
    }
  }

  /** Sends what changed since the last frame. */
  upload() {
    for (const [ref, rect] of this.dirty) {
      const layer = this.layerOf(ref);
      for (const piece of layer ? this.pieces : []) {
        this.uploadPiece(ref, /** @type {Layer} */ (layer), rect, piece);
      }
    }
    this.dirty.clear();
  }

  /**
   * @param {Ref} ref
   * @param {Layer} layer
   * @param {Rect} rect
   * @param {Piece} piece
   */
  uploadPiece(ref, layer, rect, piece) {
    const { gl } = this;
    const fresh = !piece.textures[ref];
    gl.activeTexture(gl.TEXTURE0 + UNITS[ref]);
    piece.textures[ref] ??= integerTexture(gl, piece.width, piece.height);
    gl.bindTexture(gl.TEXTURE_2D, piece.textures[ref]);
    const part = fresh ? piece : intersection(rect, piece);
    if (!part) return;
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, layer.width);
    gl.texSubImage2D(
      gl.TEXTURE_2D,
      0,
      part.x - piece.x,
      part.y - piece.y,
      part.width,
      part.height,
      gl.RED_INTEGER,
      gl.UNSIGNED_BYTE,
      layer.data,
      part.y * layer.width + part.x,
    );
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
  }

  /** @param {State} state */
  setPalette(state) {
    const key = `${state.labels.map(({ index, color }) => index + color)}|${[...state.hidden]}`;
    if (key === this.paletteKey) return;
    this.paletteKey = key;
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + UNITS.palette);
    gl.bindTexture(gl.TEXTURE_2D, this.palette ?? null);
    const data = paletteOf(state);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, data);
    nearest(gl);
  }

  /**
   * @param {State} state
   * @param {number} ratio device pixels per CSS pixel
   */
  draw(state, ratio) {
    if (this.lost) return;
    const { gl, canvas } = this;
    this.upload();
    this.setPalette(state);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.setUniforms(state, ratio);
    const scale = state.view.scale * ratio;
    const magnified = scale >= 3 ? gl.NEAREST : gl.LINEAR;
    for (const piece of this.pieces) {
      const left = piece.x * scale + state.view.x * ratio;
      const top = piece.y * scale + state.view.y * ratio;
      if (left > canvas.width || top > canvas.height) continue;
      if (left + piece.width * scale < 0 || top + piece.height * scale < 0) continue;
      this.drawPiece(piece, magnified);
    }
  }

  /**
   * @param {State} s
   * @param {number} ratio
   */
  setUniforms(s, ratio) {
    const { gl, canvas } = this;
    const { scale, x, y } = s.view;
    const draft = s.draft.exists && s.draft.visible && s.looking === null;
    gl.uniform3f(this.uniform("view"), scale * ratio, x * ratio, y * ratio);
    gl.uniform2f(this.uniform("canvas"), canvas.width, canvas.height);
    gl.uniform2f(this.uniform("tone"), s.photo.brightness, s.photo.contrast);
    gl.uniform1f(this.uniform("opacity"), s.opacity);
    gl.uniform1f(this.uniform("lineWidth"), s.outline ? 1.25 * ratio : 0);
    gl.uniform1f(this.uniform("stripe"), 16 * ratio);
    gl.uniform1f(this.uniform("threshold"), s.draft.threshold);
    gl.uniform1i(this.uniform("hovered"), s.hovered ?? -1);
    gl.uniform1i(this.uniform("masks"), s.masksHidden ? 0 : 1);
    gl.uniform1i(this.uniform("draft"), draft ? 1 : 0);
    gl.uniform1i(this.uniform("replaces"), s.draft.over === "all" ? 1 : 0);
    gl.uniform1i(this.uniform("patterns"), s.patterns ? 1 : 0);
  }

  /**
   * @param {Piece} piece
   * @param {number} magnified
   */
  drawPiece(piece, magnified) {
    const { gl } = this;
    gl.uniform4f(this.uniform("piece"), piece.x, piece.y, piece.width, piece.height);
    gl.uniform1i(this.uniform("hasPhoto"), piece.textures.photo ? 1 : 0);
    for (const ref of REFS) {
      gl.activeTexture(gl.TEXTURE0 + UNITS[ref]);
      gl.bindTexture(gl.TEXTURE_2D, piece.textures[ref] ?? this.blank ?? null);
    }
    gl.activeTexture(gl.TEXTURE0 + UNITS.photo);
    gl.bindTexture(gl.TEXTURE_2D, piece.textures.photo ?? null);
    if (piece.textures.photo) gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, magnified);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }
}
