/** Minifies a module on its own: another's so that its members stay, one of ours as the build does it. */

import terser from "@rollup/plugin-terser";
import { rollup, type Plugin } from "rollup";

import { SHORT_GLOBALS } from "../compiler/gate/features.js";
import { hoistFactories } from "../compiler/passes/hoist/hoist.js";
import { devicePasses } from "../compiler/passes/passes.js";
import { varsOnly } from "../compiler/passes/vars.js";

/** @param code a module that assigns to `exports` */
async function generated(code: string, plugins: Plugin[]): Promise<string> {
  const entry = { name: "entry", resolveId: (id: string) => id, load: () => code };
  const bundled = await rollup({ input: "\0module", plugins: [entry], treeshake: false });
  const { output } = await bundled.generate({ format: "es", plugins });
  await bundled.close();
  return output[0].code;
}

/** With its factories hoisted, and members' names short but for those that it exports. */
export async function asBuilt(code: string, exported: string[]): Promise<string> {
  // It reads files of the repository, which is not always the current folder.
  const { kept } = await import("../compiler/targets.js");
  const failed = (): never => {
    throw new Error("a factory cannot be hoisted");
  };
  return generated(code, devicePasses([...kept, ...exported], hoistFactories(failed)));
}

/** Without the inlining that puts a `var` behind its uses: Espruino hoists nothing. */
export function minified(code: string): Promise<string> {
  const mangle = { toplevel: true, reserved: ["of", ...SHORT_GLOBALS] };
  return generated(code, [
    varsOnly(),
    terser({ ecma: 2015, compress: { passes: 3, inline: 1 }, mangle, format: { ascii_only: true } }),
  ]);
}
