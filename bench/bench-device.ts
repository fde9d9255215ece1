/** A cloud and a device in the real interpreter, for one measurement. */

import { readFileSync } from "node:fs";

import { bindDevice } from "../sim/app/index.js";
import { demoProducts, startCloud, type CloudEvent } from "../sim/cloud/index.js";
import { InterpreterDevice } from "../sim/emulator/interpreter/device.js";
import { encodeIdentity } from "../tools/factory/identity-image.js";
import { needInterpreter } from "./figure.js";

export const NETWORK = { ssid: "home", password: "right-password" };

export interface Measured {
  device: InterpreterDevice;
  /** Provisions and binds the device. @throws Error when the cloud does not answer 200 */
  bind(): Promise<void>;
  /** Does something and waits until the cloud has told one more event of a name. @throws Error after ten seconds */
  after(name: CloudEvent["event"], work: () => Promise<void>): Promise<CloudEvent>;
}

export const built = (name: string): string => readFileSync(`build/${name}`, "latin1");
/** Milliseconds from the cloud's answer until the device has the network in flash, and would find it after a boot. */
export const KEPT_MS = 1000;
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Storage with code that is evaluated in RAM: the Linux build reads "flash" from a file, so that times there mean nothing. */
export const inRam = (code: string): Record<string, string> => ({
  code,
  ".bootcde": 'eval((" "+require("Storage").read("code")).substr(1))',
});

/** JsVars in use, after a garbage collection. */
export const jsVars = async (device: InterpreterDevice): Promise<number> =>
  (await device.eval("process.memory().usage")) as number;

/** Starts both with these files in Storage, lets `work` measure, and ends both. @param pins whether it has LEDs and a button */
export async function withDevice<T>(
  storage: Record<string, string>,
  work: (measured: Measured) => Promise<T>,
  binary = needInterpreter(),
  pins = false,
): Promise<T> {
  const products = demoProducts();
  const { pk, ps } = products.products[0];
  const events: CloudEvent[] = [];
  const cloud = await startCloud({ ...products, onEvent: (event) => events.push(event) });
  let device: InterpreterDevice | undefined;
  try {
    device = await InterpreterDevice.start({
      binary,
      storage: { "binding.json": JSON.stringify({ server: cloud.mqtt }), ...storage },
      flash: [{ offset: 0, bytes: encodeIdentity({ pk, ps, dk: "BENCH0000001" }) }],
      networks: [NETWORK],
      pins,
    });
    const bind = async (): Promise<void> => {
      const token = products.users[0].token;
      const options = { address: "127.0.0.1", cloud: cloud.http, token, ...NETWORK };
      const { envelope } = await bindDevice({ ...options, pollInterval: 20 });
      if (envelope.code !== 200) throw new Error(`the cloud answers ${envelope.code}: ${envelope.extMsg}`);
    };
    const after = async (name: CloudEvent["event"], act: () => Promise<void>): Promise<CloudEvent> => {
      const seen = events.length;
      await act();
      for (let tries = 0; tries < 2000; tries++) {
        const event = events.slice(seen).find((one) => one.event === name);
        if (event) return event;
        await sleep(5);
      }
      throw new Error(`no ${name} within ten seconds`);
    };
    return await work({ device, bind, after });
  } finally {
    await device?.stop();
    await cloud.stop();
  }
}
