/** Puts a file and all that it imports into one function, so that a device has it in its RAM only while it is in use. */

import path from "node:path";

import { rollup, type Plugin } from "rollup";

import { transpile } from "./transpile.js";

/**
 * @param file whose one export, a function, becomes that: it makes all of it anew at each call, then calls it
 */
export function inOneFunction(file: string): Plugin {
  return {
    name: "in-one-function",
    async load(id) {
      if (!id.endsWith(file)) return null;
      const bundled = await rollup({ input: id, plugins: [transpile("tsconfig.json")] });
      const { output } = await bundled.generate({ format: "es", sourcemap: true, externalLiveBindings: false });
      await bundled.close();
      const { code, map } = output[0];
      const name = output[0].exports[0];
      const inner = code.replace(/export \{[^}]*\};\s*(\/\/# .*)?\s*$/, "");
      const text = `export function ${name}(argument) {\n${inner}return ${name}(argument);\n}\n`;
      // One line further down.
      const moved = map && {
        ...map,
        mappings: `;${map.mappings}`,
        sources: map.sources.map((one) => path.resolve(one)),
      };
      return { code: text, map: moved };
    },
  };
}
