/** The same probes in the emulator and in the real interpreter, with equal results. */

import { expect } from "chai";

import type { Device, EngineName } from "../../sim/emulator/index.js";
import { boot, ENGINES, eventually, hasEngine } from "./harness.js";
import { LATER, PROBES } from "./probes.js";

const NETWORKS = [
  { ssid: "home", password: "secret12", rssi: -40 },
  { ssid: "dumb", dhcp: false },
  { ssid: "dark", hidden: true },
];
const PART = "let n = 0; exports.count = () => ++n; exports.name = 'part';";

function program(): string {
  const now = Object.values(PROBES).map((body) => `probes.push(function () {${body}});`);
  const later = Object.values(LATER).map((body, at) => `later.push(function () { const out = keep(${at});${body}});`);
  return `const probes = [], later = [], kept = [];
    const keep = (at) => (value) => { kept[at] = JSON.stringify([value]); };
    ${now.join("\n")}\n${later.join("\n")}`;
}

/** Results of all probes by name, as JSON. */
async function results(name: EngineName): Promise<Record<string, unknown>> {
  const device: Device = await boot(name, program(), { networks: NETWORKS, joinDelay: 10, storage: { part: PART } });
  const found: Record<string, unknown> = {};
  try {
    for (const [at, probe] of Object.keys(PROBES).entries()) {
      found[probe] = await device.eval(`[probes[${at}]()]`).catch((error: Error) => `threw: ${error.message}`);
    }
    for (const [at, probe] of Object.keys(LATER).entries()) {
      await device.eval(`(later[${at}](),1)`);
      found[probe] = await eventually(() => device.eval(`kept[${at}]`), 10000).catch(() => `${name} gave nothing`);
    }
  } finally {
    await device.stop();
  }
  return found;
}

describe("conformance of the emulator with the real interpreter", () => {
  const found = new Map<EngineName, Record<string, unknown>>();

  before(async function () {
    if (!hasEngine("espruino")) return;
    for (const name of ENGINES) found.set(name, await results(name));
  });

  for (const probe of [...Object.keys(PROBES), ...Object.keys(LATER)]) {
    it(probe, function () {
      if (!hasEngine("espruino")) return this.skip();
      expect(found.get("emulator")![probe]).to.deep.equal(found.get("espruino")![probe]);
    });
  }
});
