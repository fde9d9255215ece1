/** `wifi-binding write`: writes a device's properties, over the cloud or on the LAN, and shows what it reports then. */
import { setTimeout } from "node:timers/promises";

import type { Command } from "commander";

import { FailedError, UsageError } from "../../sim/errors.js";
import type { Model, Property } from "../../sim/model/tsl.js";
import { plainNode, toJson, toNode, ValueError } from "../../sim/model/values.js";
import type { Node } from "../../src/codec/ttlv.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { readingLine, readingOf, readingsOf, type Reading } from "./read.js";
import { addTarget, openTarget, propertyOf, type Target, type TargetOptions } from "./target.js";
import { seconds } from "./values.js";

interface Options extends TargetOptions {
  wait: number;
}

const EXAMPLES = `
Examples:
  wifi-binding write switch=true brightness=40 --cloud http://127.0.0.1:8080 --products demo.json
  wifi-binding write brightness=40 --device 127.0.0.2 --cloud http://127.0.0.1:8080 --products demo.json
  WIFI_BINDING_AUTH_KEY=… wifi-binding write 1=true 4='{"1":5}' 5='[1,2]' --device 192.168.1.17

Values are true, false, numbers, texts; objects and lists as JSON; bytes as hexadecimal digits. With a thing model a value
of another type or out of range is refused before it is sent. Exit status: 0 the device has taken it, which it
acknowledges; 1 it is away, does not answer or refuses; 2 wrong usage. A report that follows is shown when it comes within
--wait seconds.`;

const POLL_MS = 250;
const DONE = 0;

/** A value as it was typed: JSON where that is meant, else a text. */
function typed(text: string, property?: Property): unknown {
  if (property?.kind === "TEXT" || property?.kind === "RAW") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One `name=value`. @throws UsageError */
function assignment(text: string, model?: Model): { name: string; node: Node; property?: Property } {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`${text} is no NAME=VALUE`);
  const name = text.slice(0, at);
  const { id, property } = propertyOf(name, model);
  if (property?.access === "R") throw new UsageError(`${name} can only be read`);
  const value = typed(text.slice(at + 1), property);
  try {
    return { name, property, node: property ? toNode(property, value) : plainNode(id, value) };
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(error.message);
    throw error;
  }
}

/** What the device reports of these properties after `since`. */
async function reported(target: Target, ids: number[], since: number, wait: number, io: Io): Promise<Reading[]> {
  const end = Date.now() + wait;
  for (;;) {
    const { values } = await target.cloud!.values([]);
    const news = values.map(readingOf).filter(({ id, time }) => ids.includes(id) && time! >= since);
    if (news.length === ids.length || Date.now() >= end) return news;
    await setTimeout(POLL_MS, undefined, { signal: io.stop });
  }
}

/** The newest time that the cloud has for these properties; its clock is not ours. */
async function newest(target: Target, ids: number[]): Promise<number> {
  const { values } = await target.cloud!.values([]);
  return Math.max(0, ...values.filter(({ abId }) => ids.includes(abId)).map(({ createTime }) => Number(createTime)));
}

async function writeLan({ lan, model, dk }: Target, nodes: Node[], wait: number): Promise<Reading[]> {
  const { result, report } = await lan!.write(nodes, wait);
  if (result !== DONE) throw new FailedError(`not written: ${dk} refuses it (7036 with ${result})`);
  return report ? readingsOf(report, model) : [];
}

async function writeCloud(target: Target, parts: ReturnType<typeof assignment>[], wait: number, io: Io) {
  const ids = parts.map(({ node: [id] }) => id);
  const before = await newest(target, ids);
  const values = parts.map(({ name, node: [, value, raw], property }) => [name, toJson(value, property, raw)]);
  await target.cloud!.write(Object.fromEntries(values));
  return reported(target, ids, before + 1, wait, io);
}

async function act(texts: string[], options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const wait = options.wait * 1000;
  const target = await openTarget(options, io, output);
  try {
    const parts = texts.map((text) => assignment(text, target.model));
    const nodes = parts.map(({ node }) => node);
    const twice = parts.find(({ node: [id] }, at) => nodes.findIndex((one) => one[0] === id) < at);
    if (twice) throw new UsageError(`${twice.name} is written twice: give one value`);
    const news = target.lan ? await writeLan(target, nodes, wait) : await writeCloud(target, parts, wait, io);
    const names = parts.map(({ name }) => name);
    const { bold, green } = output.paint;
    output.tell(
      { event: "written", dk: target.dk, properties: names },
      `${bold(green("written"))}: ${texts.join(" ")}`,
    );
    for (const reading of news) {
      output.tell({ event: "value", ...reading }, `reported  ${readingLine(reading, target, output)}`);
    }
    if (!news.length && wait) output.hint(`The device has reported nothing in ${options.wait} s.`);
  } finally {
    target.close();
  }
}

export function addWrite(program: Command, io: Io): void {
  addTarget(program.command("write"))
    .description("write properties of a bound device")
    .argument("<property=value...>", "names or numbers, and values")
    .option("--wait <seconds>", "how long to wait for the device's report", seconds(0, 600), 3)
    .addHelpText("after", EXAMPLES)
    .action((texts: string[], options: Options) => act(texts, options, io));
}
