/** `npm run bench`: what the device and the cloud cost, measured on this machine. */

import { Argument, Command, InvalidArgumentError, Option } from "commander";

import { binds } from "./binds.js";
import { boot } from "./boot.js";
import { Skipped, type BenchOptions, type Figure, type Part } from "./figure.js";
import { fleets } from "./fleets.js";
import { loops } from "./loops.js";
import { mqtt } from "./mqtt.js";
import { ota } from "./ota.js";
import { outages } from "./outage.js";
import { ram } from "./ram.js";
import { size } from "./size.js";
import { work } from "./work.js";

const PARTS: Record<string, Part> = { size, ram, mqtt, work, boot, loops, fleet: fleets, binds, outage: outages, ota };

/** A whole number of at least one. */
function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a number of at least 1.");
  return value;
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function row({ name, value, unit, ratio, peer, note }: Omit<Figure, "part">): string {
  const times = ratio === undefined ? "" : `x ${ratio}${peer ? ` of ${peer}` : ""}`;
  return `  ${name.padEnd(58)}${String(value).padStart(9)} ${unit.padEnd(12)} ${[times, note].filter(Boolean).join("; ")}`.trimEnd();
}

/** Prints the figures of one part as they come. @returns whether it went well; what cannot be measured here is no failure */
async function run(part: string, options: BenchOptions, json: boolean): Promise<boolean> {
  const print = (figure: object, line: string): void => console.log(json ? JSON.stringify(figure) : line);
  if (!json) console.log(part);
  try {
    for await (const figure of PARTS[part]({ ...options, onProgress: (text) => progress(`${part}: ${text}`) })) {
      progress("");
      print({ part, ...figure }, row(figure));
    }
    return true;
  } catch (error) {
    progress("");
    const why = (error as Error).message;
    const skipped = error instanceof Skipped;
    print(skipped ? { part, skipped: why } : { part, error: why }, `  ${skipped ? "skipped: " : ""}${why}`);
    return skipped;
  }
}

const program = new Command("bench")
  .description("measure what the device and the cloud cost; every figure of the documents comes from here")
  .addArgument(new Argument("[part...]", "which parts, default all").choices(Object.keys(PARTS)))
  .addOption(
    new Option("--devices <counts>", "sizes of the fleets")
      .argParser((text) => text.split(",").map(count))
      .default([100, 300, 1000], "100,300,1000"),
  )
  .option("--concurrency <count>", "devices of a fleet at the same time", count, 50)
  .option("--repeat <count>", "repetitions of what is timed or counted", count, 200)
  .option("--app <file>", "size and ram: of this application, with the library beside it and without it")
  .option("--peers <folder>", "folder with Espruino's MQTT.js and tinyMQTT.js, to compare with")
  .option("--json", "one JSON object a line", false)
  .addHelpText(
    "after",
    "\nExamples:\n  npm run bench -- size ram\n  npm run bench -- fleet --devices 500 --json\n  npm run bench -- size ram --app examples/button.js",
  )
  .action(async (parts: string[], options: BenchOptions & { json: boolean }) => {
    for (const part of parts.length ? parts : Object.keys(PARTS)) {
      if (!(await run(part, options, options.json))) process.exitCode = 1;
    }
  });

await program.parseAsync();
