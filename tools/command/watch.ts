/** `wifi-binding watch`: what a device reports, as it comes. */
import { setTimeout } from "node:timers/promises";

import type { Command } from "commander";

import type { Io } from "./io.js";
import { Output } from "./output.js";
import { readingLine, readingOf, readingsOf, type Reading } from "./read.js";
import { addTarget, openTarget, propertyOf, type Target, type TargetOptions } from "./target.js";
import { count, seconds } from "./values.js";

interface Options extends TargetOptions {
  count?: number;
  for?: number;
}

const EXAMPLES = `
Examples:
  wifi-binding watch --cloud http://127.0.0.1:8080 --products demo.json
  wifi-binding watch brightness --device 127.0.0.2 --cloud http://127.0.0.1:8080 --products demo.json --json
  WIFI_BINDING_AUTH_KEY=… wifi-binding watch --device 192.168.1.17 --count 1

With --device the device is heard itself. Over the cloud its values are asked for every half second: of a property that
changes more often the last value is shown. Ctrl-C ends it, and --count and --for do, with the exit status 0.`;

const POLL_MS = 500;

/** Hands over what the cloud has heard since the last look. */
async function watchCloud({ cloud }: Target, told: (reading: Reading) => void, end: AbortSignal): Promise<void> {
  const times = new Map<number, number>();
  for (let first = true; !end.aborted; first = false) {
    const readings = (await cloud!.values([])).values.map(readingOf);
    for (const reading of readings.sort((a, b) => a.time! - b.time!)) {
      if (end.aborted) return;
      const isNew = !first && times.get(reading.id) !== reading.time;
      times.set(reading.id, reading.time!);
      if (isNew) told(reading);
    }
    await setTimeout(POLL_MS, undefined, { signal: end }).catch(() => {});
  }
}

async function watchLan({ lan, model }: Target, told: (reading: Reading) => void, end: AbortSignal): Promise<void> {
  await lan!.watch((nodes) => readingsOf(nodes, model).forEach(told), end);
}

async function act(names: string[], options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const target = await openTarget(options, io, output);
  const ended = new AbortController();
  const limits = [ended.signal, io.stop, ...(options.for ? [AbortSignal.timeout(options.for * 1000)] : [])];
  let left = options.count ?? Infinity;
  try {
    const ids = names.map((name) => propertyOf(name, target.model).id);
    const told = (reading: Reading): void => {
      if (left <= 0 || (ids.length && !ids.includes(reading.id))) return;
      const happening = { event: "value", ...reading, time: reading.time ?? Date.now() };
      output.tell(happening, `${output.clock()}  ${readingLine(reading, target, output)}`);
      if (--left <= 0) ended.abort();
    };
    output.tell({ event: "watching", dk: target.dk }, output.paint.dim(`Watching ${target.dk}; Ctrl-C ends it.`));
    await (target.lan ? watchLan : watchCloud)(target, told, AbortSignal.any(limits));
  } finally {
    target.close();
  }
}

export function addWatch(program: Command, io: Io): void {
  addTarget(program.command("watch"))
    .description("show what a bound device reports")
    .argument("[property...]", "names or numbers; none: all")
    .option("--count <n>", "end after so many values", count)
    .option("--for <seconds>", "end after that time", seconds(1, 86_400))
    .addHelpText("after", EXAMPLES)
    .action((names: string[], options: Options) => act(names, options, io));
}
