/** What updates cost: the module at rest, a verification in time, instructions and JsVars, and a whole update. */

import { readFileSync } from "node:fs";

import { bundle } from "../compiler/bundle.js";
import { RAM_BUDGETS } from "../compiler/size.js";
import { InterpreterDevice } from "../sim/emulator/interpreter/device.js";
import { encodeIdentity } from "../tools/factory/identity-image.js";
import { built, inRam } from "./bench-device.js";
import { needInterpreter, round, Skipped, type Part } from "./figure.js";
import { minified } from "./minify.js";
import { moduleAtRest } from "./ram-module.js";
import { CLOCK_MHZ, count, CYCLES, hasValgrind } from "./work.js";

const [, { key, context, message, signature }] = JSON.parse(
  readFileSync(new URL("../test/vectors/slh-dsa.json", import.meta.url), "utf8"),
) as {
  key: string;
  context: string;
  message: string;
  signature: string;
}[];
const bytesOf = (base64: string): string => Buffer.from(base64, "base64").toString("latin1");
/** What the device has in flash. */
const inFlash = (): Record<string, string> => ({
  signature: bytesOf(signature),
  message: "\0" + String.fromCharCode(context.length) + context + bytesOf(message),
  key: bytesOf(Buffer.from(key, "hex").toString("base64")),
  WifiBindingSlh: built("WifiBindingSlh.min.js"),
});

/** `WATCHED` looks at the memory in each hash, `TIMES` is how often. */
const PROGRAM = `
import { espruino } from "./src/hal/espruino/index.js";
const storage = require("Storage");
let hashes = 0;
// The Linux build reads its flash from a file, which takes more than the work itself.
const flat = global.RAM && E.toString(E.toUint8Array(storage.read("signature")));
global.verify = (watched, times) => {
  const before = process.memory().usage;
  let peak = before;
  let longest = 0;
  let result;
  hashes = 0;
  const hash = (bytes) => {
    hashes++;
    if (watched) peak = Math.max(peak, process.memory(false).usage);
    return espruino.sha256(bytes);
  };
  const start = getTime();
  for (let i = 0; i < times; i++) {
    const read = (at) => (flat ? flat.substr(at, 16) : storage.read("signature", at, 16));
    const step = require("WifiBindingSlh").verification(hash, read, storage.read("key") + "", storage.read("message") + "");
    for (result = undefined; result === undefined;) {
      const from = getTime();
      result = step();
      longest = Math.max(longest, getTime() - from);
    }
  }
  return [result, getTime() - start, peak - before, hashes / times, longest];
};
`;

/** Before it: the module and the signature are in RAM. */
const IN_RAM = `global.RAM=1;Modules.addCached("WifiBindingSlh",(" "+require("Storage").read("WifiBindingSlh")).substr(1));`;

const IDENTITY = { pk: "p1ABCD", ps: "QUJDREVGR0hJSktM", dk: "BENCH0000002", updateKey: key };

async function withFiles<T>(
  storage: Record<string, string>,
  work: (device: InterpreterDevice) => Promise<T>,
): Promise<T> {
  const flash = [{ offset: 0, bytes: encodeIdentity(IDENTITY) }];
  const device = await InterpreterDevice.start({ binary: needInterpreter(), storage, flash, networks: [] });
  try {
    return await work(device);
  } finally {
    await device.stop();
  }
}

export const ota: Part = async function* ({ repeat, onProgress }) {
  const binary = needInterpreter();
  onProgress("module");
  yield {
    name: "the module at rest",
    value: await moduleAtRest("WifiBindingOta"),
    unit: "JsVars",
    note: `budget ${RAM_BUDGETS.ota}`,
  };
  onProgress("verification");
  const code = await minified(await bundle(PROGRAM));
  const times = Math.min(10, Math.max(1, repeat));
  const measure = (
    watched: boolean,
    code: Record<string, string>,
  ): Promise<[boolean, number, number, number, number]> =>
    withFiles({ ...inFlash(), ...code }, async (device) => {
      const result = await device.eval(`verify(${watched},${watched ? 1 : times})`);
      return result as [boolean, number, number, number, number];
    });
  const [holds, seconds, , hashes, longest] = await measure(false, inRam(IN_RAM + code));
  if (!holds) throw new Error("the signature does not hold");
  yield {
    name: "a verification, code in RAM",
    value: round((seconds / times) * 1000),
    unit: "ms",
    note: `${hashes} hashes`,
  };
  yield { name: "its longest step", value: round(longest * 1000, 2), unit: "ms" };
  const [, , peak] = await measure(true, { ".bootcde": code });
  yield { name: "its peak, functions in flash", value: peak, unit: "JsVars", note: "seen in each hash" };
  if (!hasValgrind()) throw new Skipped("needs valgrind on the PATH");
  onProgress("instructions");
  const files = inFlash();
  const run = (n: number): Promise<number> =>
    count(binary, `${IN_RAM}${code};if(${n})verify(false,${n});E.reboot();`, files);
  const instructions = (await run(1)) - (await run(0));
  const estimate = round((instructions * CYCLES) / CLOCK_MHZ / 1e6, 1);
  const note = `estimate ${estimate} s at ${CLOCK_MHZ} MHz, if each takes ${CYCLES} cycles`;
  yield { name: "a verification", value: instructions, unit: "instructions", note };
};
