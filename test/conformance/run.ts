/** Runs groups of probes on a device, and says what they give. */

import type { Device, EngineName } from "../../sim/emulator/index.js";
import { boot, eventually } from "../unit/sim/emulator/harness.js";
import type { Group } from "./group.js";
import { GROUPS } from "./groups.js";

/** A probe's value, passed through JSON, or { threw } with the error's text. */
export type Answer = unknown;
/** Answers by group and name. */
export type Answers = Record<string, Record<string, Answer>>;

const NETWORKS = [
  { ssid: "home", password: "secret12", rssi: -40 },
  { ssid: "dumb", dhcp: false },
  { ssid: "dark", hidden: true },
];
const PART = "let n = 0; exports.count = () => ++n; exports.name = 'part';";
/** Milliseconds in which a probe must have its value. */
const PATIENCE = 10000;

function program({ now, later = {} }: Group): string {
  const first = Object.values(now).map((body) => `probes.push(function () {${body}});`);
  const second = Object.values(later).map((body, at) => `later.push(function () { const out = keep(${at});${body}});`);
  return `const probes = [], later = [], kept = [];
    const keep = (at) => (value) => { kept[at] = JSON.stringify([value]); };
    ${first.join("\n")}\n${second.join("\n")}`;
}

async function outcome(value: Promise<unknown>): Promise<Answer> {
  return value.then(
    (one) => (one as [Answer])[0],
    (error: Error) => ({ threw: error.message }),
  );
}

async function ask(device: Device, at: number): Promise<unknown> {
  await device.eval(`(later[${at}](),1)`);
  return JSON.parse((await eventually(() => device.eval(`kept[${at}]`), PATIENCE)) as string);
}

/** @param binary the real interpreter, when it is not the usual one */
export async function runGroup(name: EngineName, group: Group, binary?: string): Promise<Record<string, Answer>> {
  const world = { networks: NETWORKS, joinDelay: 10, storage: { part: PART }, binary };
  const device = await boot(name, program(group), world);
  const found: Record<string, Answer> = {};
  try {
    if (device.uncaught.length) throw new Error(`the probes do not start: ${device.uncaught.join("; ")}`);
    for (const [at, probe] of Object.keys(group.now).entries())
      found[probe] = await outcome(device.eval(`[probes[${at}]()]`));
    for (const [at, probe] of Object.keys(group.later ?? {}).entries()) found[probe] = await outcome(ask(device, at));
  } finally {
    await device.stop();
  }
  return found;
}

export async function runAll(name: EngineName, binary?: string): Promise<Answers> {
  const answers: Answers = {};
  for (const [title, group] of Object.entries(GROUPS)) answers[title] = await runGroup(name, group, binary);
  return answers;
}
