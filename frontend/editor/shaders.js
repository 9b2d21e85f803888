/** The one program that draws a piece of the image: photo, mask, draft, outline. */

export const VERTEX = `#version 300 es
uniform vec4 piece;    // x, y, width, height in image pixels
uniform vec3 view;     // scale, x, y in device pixels
uniform vec2 canvas;   // device pixels
out vec2 at;           // position within the piece, in its pixels
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  at = corner * piece.zw;
  vec2 screen = (piece.xy + at) * view.x + view.yz;
  gl_Position = vec4(screen / canvas * vec2(2, -2) + vec2(-1, 1), 0, 1);
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform sampler2D photo;
uniform usampler2D head;        // label of each pixel, 255 = void
uniform usampler2D proposal;
uniform usampler2D confidence;
uniform sampler2D palette;      // 256 x 1: colour, alpha 0 = hidden
uniform vec4 piece;
uniform vec3 view;
uniform vec2 tone;              // brightness, contrast
uniform float opacity;
uniform float lineWidth;        // device pixels, 0 = no outline
uniform float stripe;            // device pixels between the stripes of a draft
uniform float threshold;        // 0-255, below it a draft isn't shown
uniform int hovered;            // label pointed at, -1 = none
uniform bool hasPhoto, masks, draft, replaces, patterns;
in vec2 at;
out vec4 colour;

const uint VOID = 255u;

// Label shown at a pixel; +256 where it is only drafted.
uint shown(ivec2 p) {
  p = clamp(p, ivec2(0), ivec2(piece.zw) - 1);
  uint label = texelFetch(head, p, 0).r;
  if (draft && (label == VOID || replaces)) {
    uint drafted = texelFetch(proposal, p, 0).r;
    bool sure = float(texelFetch(confidence, p, 0).r) >= threshold;
    if (drafted != VOID && drafted != label && sure) return drafted + 256u;
  }
  return label;
}

// Six textures, so that labels can be told apart without their colours.
float pattern(uint label, vec2 s) {
  uint kind = label % 6u;
  if (kind == 1u) return step(0.5, fract((s.x + s.y) / 9.0));
  if (kind == 2u) return step(0.5, fract((s.x - s.y) / 9.0));
  if (kind == 3u) return step(0.5, fract(s.y / 7.0));
  if (kind == 4u) return step(0.5, fract(s.x / 7.0));
  if (kind == 5u) return step(0.32, length(fract(s / 9.0) - 0.5));
  return 1.0;
}

vec4 tint(uint code, vec2 screen) {
  if (code == VOID) return vec4(0);
  uint label = code & 255u;
  vec4 ink = texelFetch(palette, ivec2(int(label), 0), 0);
  float strength = ink.a * opacity;
  if (code > 255u) strength *= mix(0.68, 1.0, step(0.82, fract((screen.x + screen.y) / stripe)));
  else if (patterns) strength *= mix(0.35, 1.0, pattern(label, screen));
  if (hovered >= 0) strength *= int(label) == hovered ? 1.25 : 0.35;
  return vec4(ink.rgb, min(strength, 1.0));
}

void main() {
  ivec2 p = ivec2(floor(at));
  vec3 base = hasPhoto ? texture(photo, at / piece.zw).rgb : vec3(0.5);
  base = clamp((base * tone.x - 0.5) * tone.y + 0.5, 0.0, 1.0);
  if (masks) {
    vec2 screen = (piece.xy + at) * view.x;
    uint code = shown(p);
    vec4 ink = tint(code, screen);
    base = mix(base, ink.rgb, ink.a);
    if (lineWidth > 0.0) {
      float reach = lineWidth / view.x;
      uint l = shown(ivec2(floor(at - vec2(reach, 0))));
      uint r = shown(ivec2(floor(at + vec2(reach, 0))));
      uint u = shown(ivec2(floor(at - vec2(0, reach))));
      uint d = shown(ivec2(floor(at + vec2(0, reach))));
      if (l != code || r != code || u != code || d != code) {
        uint label = code == VOID ? 0u : code & 255u;
        vec4 line = texelFetch(palette, ivec2(int(label), 0), 0);
        if (code != VOID && line.a > 0.0) base = mix(base, line.rgb * 0.9 + 0.1, 0.9);
      }
    }
  }
  colour = vec4(base, 1.0);
}`;
