/** Every tool by its name in the state. */

import { bucket, holes, picker, regions } from "./click.js";
import { pan } from "./pan.js";
import { polygon } from "./polygon.js";
import { brush, eraser } from "./stroke.js";

/** @type {Record<string, import("../types.js").Tool>} */
export const TOOLS = {
  brush,
  eraser,
  polygon,
  "polygon-erase": polygon,
  bucket,
  holes,
  regions,
  picker,
  pan,
};

/** Tools that only look; they work while an old revision is shown. */
export const HARMLESS = new Set(["pan", "picker"]);

/** Tools whose cursor is the brush's footprint. */
export const WITH_FOOTPRINT = new Set(["brush", "eraser"]);
