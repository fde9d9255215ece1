/** A file with a thing model (TSL), as the cloud hands it out. */
import { UsageError } from "../../sim/errors.js";
import { readModel, type Model } from "../../sim/model/tsl.js";
import { readTextFile } from "../../sim/text-file.js";

/** @param path `-` is standard input @throws UsageError that names the file and the place in it */
export function readModelFile(path: string): Model {
  const name = path === "-" ? "standard input" : path;
  const text = readTextFile(path);
  let tsl: unknown;
  try {
    tsl = JSON.parse(text);
  } catch (error) {
    const at = / \((line \d+ column \d+)\)$/.exec((error as Error).message)?.[1] ?? placeOf(error as Error, text);
    throw new UsageError(`${name} is not JSON${at ? ` (${at})` : ""}: save the answer of productTSL, or its data`);
  }
  return readModel(tsl, name);
}

/** Where JSON ends to be JSON, of an engine that gives the position only. */
function placeOf({ message }: Error, text: string): string | undefined {
  const position = / at position (\d+)/.exec(message)?.[1];
  if (position === undefined) return undefined;
  const lines = text.slice(0, Number(position)).split("\n");
  return `line ${lines.length} column ${lines.at(-1)!.length + 1}`;
}
