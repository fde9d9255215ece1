/** A file with a thing model (TSL), as the cloud hands it out. */
import { UsageError } from "../../sim/errors.js";
import { readJson } from "../../sim/json.js";
import { readModel, type Model } from "../../sim/model/tsl.js";
import { readTextFile } from "../../sim/text-file.js";

/** @param path `-` is standard input @throws UsageError that names the file and the place in it */
export function readModelFile(path: string): Model {
  const name = path === "-" ? "standard input" : path;
  const text = readTextFile(path);
  let tsl: unknown;
  try {
    tsl = readJson(text, name);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = (error as Error).message.replace(/\s+/g, " ");
    throw new UsageError(`${name} is not JSON (${why}): save the answer of productTSL, or its data`);
  }
  return readModel(tsl, name);
}
