/** JsVars of an application of one's own beside the library, and of the library alone: at rest, awake and at the peak. */
import { readFileSync } from "node:fs";

import { modulesOf } from "../compiler/size.js";
import { discoverOne } from "../sim/app/discover.js";
import { built, jsVars, KEPT_MS, sleep, withDevice, type Measured } from "./bench-device.js";
import { needInterpreter, type Figure } from "./figure.js";

/** What the library alone is: the module in Storage, started. */
const ALONE = `require("WifiBinding").start(require("Storage").readJSON("binding.json",true))`;
const SETTLE_MS = 12_000;

interface Footprint {
  rest: number;
  awake: number;
  peak: number;
}

async function footprint({ device, bind, after }: Measured): Promise<Footprint> {
  await after("bound", bind);
  const peak = (await device.eval("$peak")) as number;
  await sleep(KEPT_MS);
  await after("connected", () => device.reboot());
  await sleep(SETTLE_MS);
  const rest = await jsVars(device);
  await discoverOne(device.host, {});
  return { rest, awake: await jsVars(device), peak };
}

/** The files of a program and of the modules that it requires. */
function storageOf(program: string, watch: string): Record<string, string> {
  const names = [...new Set(["WifiBinding", ...modulesOf(program)])];
  const modules = Object.fromEntries(names.map((name) => [name, built(`${name}.min.js`)]));
  return { ...modules, ".bootcde": program, ".boot0": watch };
}

/**
 * Figures of an application that starts the library itself.
 * @param watch code that keeps the largest use in $peak
 * @param taken JsVars of an empty device and of the simulated radio
 */
export async function* ramOfApp(app: string, watch: string, taken: number): AsyncGenerator<Omit<Figure, "part">> {
  const binary = needInterpreter();
  const measure = (program: string): Promise<Footprint> =>
    withDevice(storageOf(program, watch), footprint, binary, true);
  const alone = await measure(ALONE);
  const whole = await measure(readFileSync(app, "latin1"));
  const names = { rest: "at rest", awake: "awake", peak: "peak of a provisioning" } as const;
  for (const [key, name] of Object.entries(names) as [keyof Footprint, string][]) {
    const [before, after] = [alone[key] - taken, whole[key] - taken];
    const note = "with the simulated pins";
    yield { name: `library alone: ${name}`, value: before, unit: "JsVars", note };
    yield {
      name: `${app}: ${name}`,
      value: after,
      unit: "JsVars",
      note: `${after - before} more than the library alone`,
    };
  }
}
