/** The build: its targets are TypeScript, which tsx loads. */

import { tsImport } from "tsx/esm/api";

export default (await tsImport("./compiler/targets.ts", import.meta.url)).default;
