/** Puts a file and all that it imports into one function, so that a device has it in its RAM only while it is in use. */

import path from "node:path";

import { rollup, type Plugin } from "rollup";

import { parseScript } from "./parse.js";
import { transpile } from "./transpile.js";

/** The function of that name, which is the last thing in the code, and what comes before it. */
function lastFunction(code: string, name: string): { parameters: string; before: string; body: string } {
  const head = new RegExp(`function ${name}\\(([^)]*)\\) \\{`).exec(code);
  const end = code.lastIndexOf("}");
  if (!head || parseScript(code.slice(head.index)).body.length !== 1)
    throw new Error(`${name} must be the last in its file`);
  return {
    parameters: head[1]!,
    before: code.slice(0, head.index),
    body: code.slice(head.index + head[0].length, end),
  };
}

/**
 * @param file whose one export, a function at its end, becomes that: it makes all of it anew at each call, then calls it
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
      const { parameters, before, body } = lastFunction(inner, name);
      const text = `export function ${name}(${parameters}) {\n${before}${body}}\n`;
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
