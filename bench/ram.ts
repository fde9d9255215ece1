/** JsVars that the firmware takes, where it boots from flash and where it is in RAM; the simulated radio taken off. */

import { WIFI_MODULE_NAME } from "../sim/emulator/radio/wifi.js";
import { discoverOne } from "../sim/app/discover.js";
import { RAM_BUDGETS } from "../compiler/size.js";
import { built, jsVars, KEPT_MS, sleep, withDevice, type Measured } from "./bench-device.js";
import { needInterpreter, type Part } from "./figure.js";
import { moduleAtRest } from "./ram-module.js";
import { ramOfApp } from "./ram-app.js";
import { jsVarsByFolder } from "./ram-folders.js";

/** Bytes of a JsVar on an ESP32. */
const JSVAR = 14;
/** Budgets by the end of a figure's name. */
const BUDGET_OF = {
  "at rest": RAM_BUDGETS.rest,
  awake: RAM_BUDGETS.awake,
  "peak of a provisioning": RAM_BUDGETS.peak,
};
const START = `W.start(require("Storage").readJSON("binding.json",true))`;

/** The radio alone, joined: what an ESP32 has in its firmware and the Linux build in JavaScript. */
const RADIO = `var W=require("${WIFI_MODULE_NAME}");W.connect("home",{password:"right-password"});`;

/** The way that the budgets are for. */
const FLASHED = "firmware, functions in flash";

/** How the same code can be there. A piece of a string that is put together is in RAM, not a view of flash. */
const WAYS: Record<string, () => Record<string, string>> = {
  [FLASHED]: () => ({ ".bootcde": built("firmware.min.js") }),
  "module in Storage": () => ({
    WifiBinding: built("WifiBinding.min.js"),
    ".bootcde": `var W=require("WifiBinding");${START}`,
  }),
  "module in RAM": () => ({
    code: built("WifiBinding.min.js"),
    ".bootcde": `Modules.addCached("WifiBinding",(" "+require("Storage").read("code")).substr(1));var W=require("WifiBinding");${START}`,
  }),
};

/** Looks wherever the code takes a sum, which it does in the middle of every frame, and every millisecond. */
const WATCH =
  "(function(s,m){global.$peak=0;function look(){var u=m(false).usage;if(u>$peak)$peak=u}" +
  "E.sum=function(b){look();return s(b)};setInterval(look,1)})(E.sum,process.memory);";

interface Footprint {
  boot: number;
  rest: number;
  /** Right after a discovery has been answered. */
  awake: number;
  folders: [string, number][];
}

/** JsVars with the radio still in them. @param apart whether to tell what those at rest consist of */
async function footprint({ device, bind, after }: Measured, apart: boolean): Promise<Footprint> {
  const boot = await jsVars(device);
  await after("bound", bind);
  await sleep(KEPT_MS);
  // What a fresh binding leaves behind is gone after a boot, which is how a device lives.
  await after("connected", () => device.reboot());
  await sleep(12000);
  const rest = await jsVars(device);
  await discoverOne(device.host, {});
  const awake = await jsVars(device);
  return { boot, rest, awake, folders: apart ? await jsVarsByFolder(device) : [] };
}

async function peak({ device, bind, after }: Measured): Promise<number> {
  await after("bound", bind);
  return (await device.eval("$peak")) as number;
}

export const ram: Part = async function* ({ onProgress, app }) {
  const binary = needInterpreter();
  onProgress("empty device");
  const [empty, memory] = await withDevice(
    { ".bootcde": "0" },
    async ({ device }) =>
      [await jsVars(device), (await device.eval("process.memory()")) as { total: number; blocksize: number }] as const,
  );
  const note = `${binary}: ${memory.total} JsVars of ${memory.blocksize} bytes`;
  yield { name: "nothing running", value: empty, unit: "JsVars", note };
  const radio =
    (await withDevice({ ".bootcde": RADIO }, async ({ device }) => (await sleep(300), jsVars(device)))) - empty;
  yield { name: "simulated radio, taken off below", value: radio, unit: "JsVars" };
  if (app) {
    onProgress(app);
    return yield* ramOfApp(app, WATCH, empty + radio);
  }
  const net = (name: string, value: number) => {
    const vars = value - empty - radio;
    const budget = name.startsWith(FLASHED) && Object.entries(BUDGET_OF).find(([end]) => name.endsWith(end))?.[1];
    const limit = budget ? `budget ${budget}; ` : "";
    return { name, value: vars, unit: "JsVars", note: `${limit}${vars * JSVAR} bytes of ${JSVAR}; ${value} with all` };
  };
  for (const [name, storage] of Object.entries(WAYS)) {
    onProgress(name);
    const flashed = name === FLASHED;
    const { boot, rest, awake, folders } = await withDevice(storage(), (one) => footprint(one, flashed));
    yield net(`${name}: after boot`, boot);
    yield net(`${name}: at rest`, rest);
    yield net(`${name}: awake`, awake);
    const known = folders.reduce((sum, [, vars]) => sum + vars, 0);
    for (const [folder, vars] of folders) yield { name: `at rest, ${folder}`, value: vars, unit: "JsVars" };
    if (flashed)
      yield { name: "at rest, sockets, timers and listeners", value: rest - empty - radio - known, unit: "JsVars" };
  }
  for (const [name, budget] of Object.entries({ WifiBindingData: RAM_BUDGETS.data, WifiBindingOta: RAM_BUDGETS.ota })) {
    onProgress(name);
    yield { name: `${name}: at rest`, value: await moduleAtRest(name), unit: "JsVars", note: `budget ${budget}` };
  }
  for (const name of ["WifiBindingMdns", "WifiBindingBle", "WifiBindingProof"]) {
    onProgress(name);
    yield { name: `${name}: at rest`, value: await moduleAtRest(name), unit: "JsVars" };
  }
  const watched = { ".boot0": WATCH, ".bootcde": built("firmware.min.js") };
  yield net(`${FLASHED}: peak of a provisioning`, await withDevice(watched, peak));
};
