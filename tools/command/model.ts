/** `wifi-binding model`: makes of a thing model the table for the device, and its TypeScript types. */
import { writeFileSync } from "node:fs";

import type { Command } from "commander";

import { messageOf, UsageError } from "../../sim/errors.js";
import { readModelFile } from "../model/file.js";
import { demandTable, tableOf, typesOf } from "../model/table.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";

interface Options {
  out?: string;
  types?: string;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding model tsl.json
  wifi-binding model tsl.json --out model --types model.d.ts
  curl -s -H "Authorization: TOKEN" 'http://127.0.0.1:8080/v2/binding/enduserapi/productTSL?pk=p1demo' | wifi-binding model -

The file is what the cloud's productTSL answers, or its data: an object with "properties". Without --out the table is
printed. It goes into a file of the device's Storage, which WifiBindingData takes as its model: docs/data.md.`;

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`cannot write ${path} (${messageOf(error)}): give another path`);
  }
}

function act(path: string, { out, types, json }: Options, io: Io): void {
  const output = new Output(io, Boolean(json));
  const model = readModelFile(path);
  demandTable(model, path);
  const table = tableOf(model);
  if (out !== undefined) write(out, table);
  if (types !== undefined) write(types, typesOf(model));
  const files = [out, types].filter((one) => one !== undefined);
  const properties = model.properties.length;
  const made = { event: "made", properties, bytes: table.length, out, types };
  if (out === undefined && !json) io.out(table.replace(/\n$/, ""));
  if (json) output.tell(out === undefined ? { ...made, table } : made);
  else if (files.length)
    output.hint(`${properties} properties, ${table.length} bytes on the device: ${files.join(", ")}`);
}

export function addModel(program: Command, io: Io): void {
  program
    .command("model")
    .description("make the device's table of properties from the thing model of a product")
    .argument("<tsl.json>", "the thing model, - is standard input")
    .option("--out <file>", "where to write the table; default: it is printed")
    .option("--types <file>", "where to write TypeScript types (.d.ts)")
    .option("--json", "one JSON object")
    .addHelpText("after", EXAMPLES)
    .action((path: string, options: Options) => act(path, options, io));
}
