/** One MQTT client in a device of its own: loaded, connected, and publishing as fast as it can. */

import type { InterpreterDevice } from "../sim/emulator/interpreter/device.js";
import { sleep, withDevice } from "./bench-device.js";
import { later, realBroker } from "./mqtt-broker.js";
import type { Client } from "./mqtt-programs.js";

/** QoS 1 publishes of a client that are in flight at the same time. */
export const IN_FLIGHT = 4;
const GLOBALS = "var M,c,P,up=0,ready=0,got=[],next;";

export const IN_RAM = '(Modules.addCached("C",(" "+require("Storage").read("C")).substr(1)),M=require("C"),0)';

/** @param load code that loads it, or "" */
export async function run<T>(
  client: Client,
  load: string,
  work: (device: InterpreterDevice) => Promise<T>,
): Promise<T> {
  const storage = { C: client.module, ".bootcde": GLOBALS + client.program };
  return withDevice(storage, async ({ device }) => {
    if (load) await device.eval(load);
    return work(device);
  });
}

export async function isUp(device: InterpreterDevice, port: number, flag = "ready"): Promise<boolean> {
  await device.eval(`(make(${port}),0)`);
  return isOpen(device, flag);
}

/** Connects what was made. */
export async function isOpen(device: InterpreterDevice, flag = "ready"): Promise<boolean> {
  await device.eval("(open(),0)");
  for (let tries = 0; tries < 200; tries++) {
    if ((await device.eval(flag)) === 1) return true;
    await sleep(10);
  }
  return false;
}

interface Way {
  qos: number;
  count: number;
  /** Publishes in flight. Default IN_FLIGHT. */
  flight?: number;
  /** Milliseconds that the broker's answers take. Default 0. */
  delay?: number;
}

/** Publishes a second over loopback, from the first to the last that the broker gets; 0 where they do not arrive. */
export async function speed(client: Client, way: Way): Promise<number> {
  const { qos, count, flight = qos ? IN_FLIGHT : 1, delay = 0 } = way;
  const times: number[] = [];
  const broker = await realBroker(() => times.push(performance.now()), later(delay));
  try {
    return await run(client, IN_RAM, async (device) => {
      if (!(await isUp(device, broker.port))) return 0;
      const next = qos ? "" : "setTimeout(go,0)";
      await device.eval(
        `(function(){var n=${count};function go(){if(n-->0){pub("payload",${qos},go);${next}}}` +
          `for(var k=${flight};k--;)go()})()`,
      );
      for (let tries = 0; times.length < count && tries < 2000; tries++) await sleep(10);
      return times.length < count ? 0 : ((count - 1) * 1000) / (times[count - 1] - times[0]);
    });
  } finally {
    await broker.stop();
  }
}
