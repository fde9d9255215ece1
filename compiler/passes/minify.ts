/** Terser's options for device code. */

import terser from "@rollup/plugin-terser";
import type { Plugin } from "rollup";
import type { MinifyOptions } from "terser";

import { SHORT_GLOBALS } from "../gate/features.js";

/**
 * Espruino reads "\xff" as one byte only when it is written so, and `of` as a keyword wherever it is used; its functions
 * do not hoist. Terser's `collapse_vars` loses an argument of an inlined call (5.51.2).
 * @param kept names of members that stay
 */
export const terserOptions = (kept: string[]): MinifyOptions => ({
  ecma: 2015,
  compress: { passes: 3, hoist_funs: true, inline: 1, unsafe_arrows: true, collapse_vars: false },
  mangle: { toplevel: true, reserved: ["of", ...SHORT_GLOBALS], properties: { builtins: true, reserved: kept } },
  format: { ascii_only: true },
});

export const minify = (kept: string[]): Plugin => terser(terserOptions(kept) as never);
