/** Device programs that a test or the bench writes around the modules of src, as one file that both engines run. */

import { rollup } from "rollup";

import { transpile } from "./transpile.js";

const ENTRY = "test-program.ts";

/** @param program imports by paths like "./src/binding/index.js" */
export async function bundle(program: string): Promise<string> {
  const bundled = await rollup({
    input: ENTRY,
    plugins: [
      {
        name: "program",
        resolveId: (source) => (source === ENTRY ? `${process.cwd()}/${ENTRY}` : null),
        load: (id) => (id.endsWith(ENTRY) ? program : null),
      },
      transpile("tsconfig.json"),
    ],
  });
  const { output } = await bundled.generate({
    format: "es",
    strict: false,
    freeze: false,
    externalLiveBindings: false,
  });
  await bundled.close();
  // Beyond ASCII there are only comments, and Storage holds bytes.
  return output[0].code.replace(/[^\x00-\x7f]/g, "?");
}
