/** Minifies a module on its own, ours and others' alike: private names (with _) and variables get short, members stay. */

import terser from "@rollup/plugin-terser";
import { rollup } from "rollup";

import { SHORT_GLOBALS } from "../compiler/gate/features.js";
import { varsOnly } from "../compiler/passes/vars.js";

/**
 * Without the inlining that puts a `var` behind its uses: Espruino hoists nothing.
 * @param code a module that assigns to `exports`
 */
export async function minified(code: string): Promise<string> {
  const entry = { name: "entry", resolveId: (id: string) => id, load: () => code };
  const bundled = await rollup({ input: "\0module", plugins: [entry], treeshake: false });
  const mangle = { toplevel: true, reserved: ["of", ...SHORT_GLOBALS] };
  const { output } = await bundled.generate({
    format: "es",
    plugins: [
      varsOnly(),
      terser({ ecma: 2015, compress: { passes: 3, inline: 1 }, mangle, format: { ascii_only: true } }),
    ],
  });
  await bundled.close();
  return output[0].code;
}
