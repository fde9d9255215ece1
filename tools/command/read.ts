/** `wifi-binding read`: the values of a device's properties, over the cloud or from the device on the LAN. */
import type { Command } from "commander";

import { jsonOf, type Attribute } from "../../sim/app/index.js";
import { FailedError, UsageError } from "../../sim/errors.js";
import type { Model } from "../../sim/model/tsl.js";
import { toJson } from "../../sim/model/values.js";
import type { Node } from "../../src/codec/ttlv.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { addTarget, openTarget, propertyOf, valueText, type Target, type TargetOptions } from "./target.js";

interface Options extends TargetOptions {
  fresh?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding read --cloud http://127.0.0.1:8080 --products demo.json
  wifi-binding read switch brightness --cloud http://127.0.0.1:8080 --products demo.json --fresh
  wifi-binding read brightness --device 127.0.0.2 --cloud http://127.0.0.1:8080 --products demo.json
  WIFI_BINDING_AUTH_KEY=… wifi-binding read 1 2 --device 192.168.1.17 --json

Over the cloud these are the values that the device has told last, with their time; --fresh has the development cloud ask
the device first. With --device the device itself is asked, by its authKey: from the environment, or from the cloud where
--cloud is given too. Properties have the names of the thing model, or their numbers; none: all.
Exit status: 0 all values are there, 1 not, 2 wrong usage.`;

/** One value of one property. */
export interface Reading {
  id: number;
  name: string;
  value: unknown;
  /** Milliseconds since the epoch, where the cloud says it. */
  time?: number;
}

/** Values as they came over the wire; of an id that is there twice the last. */
export function readingsOf(nodes: Node[], model?: Model): Reading[] {
  const found = new Map<number, Reading>();
  for (const [id, value, raw] of nodes) {
    const property = model?.properties.find((one) => one.id === id);
    found.set(id, { id, name: property?.code ?? String(id), value: toJson(value, property, raw) });
  }
  return [...found.values()];
}

/** The same from the cloud. */
export function readingOf(attribute: Attribute): Reading {
  const { abId: id, resourceCode: name, createTime } = attribute;
  return { id, name, value: jsonOf(attribute), time: Number(createTime) };
}

/** A line for people. */
export function readingLine({ id, name, value }: Reading, { model }: Target, output: Output): string {
  const property = model?.properties.find((one) => one.id === id);
  return `${output.paint.bold(name.padEnd(16))} ${valueText(value, property)}`;
}

async function readings(target: Target, names: string[], fresh: boolean, output: Output): Promise<Reading[]> {
  const { lan, cloud, model } = target;
  const ids = names.map((name) => propertyOf(name, model).id);
  if (lan) return readingsOf(await lan.read(ids), model);
  const { values, remark } = await cloud!.values(names, fresh);
  if (remark) output.hint(remark);
  return values.map(readingOf);
}

async function act(names: string[], options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  if (options.fresh && options.device)
    throw new UsageError("--fresh is for the cloud: --device asks the device anyway");
  const target = await openTarget(options, io, output);
  try {
    const wanted = names.map((name) => propertyOf(name, target.model).id);
    const all = await readings(target, names, Boolean(options.fresh), output);
    const found = all.filter(({ id }) => !wanted.length || wanted.includes(id));
    for (const reading of found) output.tell({ event: "value", ...reading }, readingLine(reading, target, output));
    const missing = names.filter((_, at) => !found.some(({ id }) => id === wanted[at]));
    if (missing.length) throw new FailedError(`${target.dk} has told no value of ${missing.join(", ")}`);
    if (!found.length) throw new FailedError(`${target.dk} has told no value of any property`);
  } finally {
    target.close();
  }
}

export function addRead(program: Command, io: Io): void {
  addTarget(program.command("read"))
    .description("read properties of a bound device")
    .argument("[property...]", "names or numbers; none: all")
    .option("--fresh", "have the development cloud ask the device first")
    .addHelpText("after", EXAMPLES)
    .action((names: string[], options: Options) => act(names, options, io));
}
