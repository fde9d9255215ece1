/** JsVars that a module of the library takes at rest, above the library alone: started, without an application. */

import { encodeIdentity } from "../tools/factory/identity-image.js";
import { InterpreterDevice } from "../sim/emulator/interpreter/device.js";
import { built, jsVars, sleep } from "./bench-device.js";
import { needInterpreter } from "./figure.js";

const IDENTITY = { pk: "p1ABCD", ps: "QUJDREVGR0hJSktM", dk: "BENCH0000003" };
const LIBRARY = `var W=require("WifiBinding");W.start({server:"mqtt://127.0.0.1:1"});`;
const SETTLE_MS = 500;

/** What a module needs beside the library to do anything. */
const NEEDS: Record<string, { pop?: string; bluetooth?: boolean }> = {
  WifiBindingProof: { pop: "0123456789ABCDEF" },
  WifiBindingBle: { bluetooth: true },
};

async function atRest(program: string, name: string, storage: Record<string, string>): Promise<number> {
  const { pop, bluetooth } = NEEDS[name] ?? {};
  const device = await InterpreterDevice.start({
    binary: needInterpreter(),
    storage: { WifiBinding: built("WifiBinding.min.js"), ...storage, ".bootcde": program },
    flash: [{ offset: 0, bytes: encodeIdentity(pop ? { ...IDENTITY, pop } : IDENTITY) }],
    networks: [],
    bluetooth,
  });
  try {
    await sleep(SETTLE_MS);
    return await jsVars(device);
  } finally {
    await device.stop();
  }
}

/** @param name as an application requires it; its `start` takes the library */
export async function moduleAtRest(name: string): Promise<number> {
  const storage = { [name]: built(`${name}.min.js`) };
  const alone = await atRest(LIBRARY, name, storage);
  return (await atRest(`${LIBRARY}require("${name}").start(W);`, name, storage)) - alone;
}
