/** All passes that make the file for the device of a readable one, in their order. */

import type { Plugin } from "rollup";

import { arrows } from "./arrows.js";
import { hotFirst } from "./hot-first.js";
import { minify } from "./minify.js";
import { shortNames } from "./short-names.js";
import { textSums } from "./text-sums.js";
import { shortUndefined } from "./undefined.js";
import { varsOnly } from "./vars.js";
import { compoundsLast } from "./write-back.js";

/**
 * @param kept names of members that stay
 * @param hoist for a program whose factories are hoisted
 */
export const devicePasses = (kept: string[], hoist?: Plugin | false): Plugin[] => [
  ...(hoist ? [hoist] : []),
  arrows(),
  varsOnly(),
  textSums(),
  minify(kept),
  compoundsLast(),
  shortUndefined(),
  shortNames(),
  hotFirst(),
];
