/** The device that is near, by Bluetooth. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { gattStream, UnreachableError, type Found } from "../../sim/app/index.js";
import { bluetoothAt } from "../../sim/emulator/index.js";
import { FailedError, messageOf } from "../../sim/errors.js";

/** Bytes of the MAC, which stand before the beginning of the ProductKey while nobody has bound the device. */
const MAC = 6;

/** Tries, and milliseconds between them, in which a device advertises again that an app has just left. */
const TRIES = 10;
const PAUSE = 100;

async function soon<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let tries = 1; ; tries++) {
    const seen = await look();
    if (seen !== undefined || tries === TRIES) return seen;
    await sleep(PAUSE);
  }
}

/** What is known of a device before a link to it is open, and how to open one. */
export interface Nearby {
  device: Found;
  transport: () => Promise<Duplex>;
}

/**
 * Looks at what a device advertises. That names no DeviceKey, and at most the first 6 characters of its ProductKey.
 * @param host loopback address of a device in the emulator: there is no other Bluetooth here
 * @throws UnreachableError when nothing advertises there; FailedError for a device of another product
 */
export async function lookNearby(host: string, { dk = "", pk }: { dk?: string; pk?: string }): Promise<Nearby> {
  const radio = bluetoothAt(host);
  const seen = await soon(() => radio.advertisement()).catch((error) => {
    throw new UnreachableError(`${messageOf(error)}: start a device by \`wifi-binding device --ble\``);
  });
  if (!seen) throw new UnreachableError(`the device at ${host} does not advertise: another app is connected to it`);
  const mac = seen.data
    .subarray(0, MAC)
    .toString("hex")
    .replace(/..(?!$)/g, "$&:");
  const shown = seen.data.subarray(MAC).toString("latin1");
  if (pk && !pk.startsWith(shown)) {
    throw new FailedError(`the device that is near, ${mac}, is none of product ${pk}: its ProductKey begins ${shown}`);
  }
  const device: Found = {
    ...{ address: mac, dk, pk: pk ?? shown },
    // Bluetooth does not tell these.
    ...{ capabilitiesBitmask: 0, state: "unknown", windowOpen: false, revision: 0 },
  };
  const connect = async (): Promise<Duplex> => {
    await soon(() => radio.advertisement());
    return gattStream(await radio.connect());
  };
  return { device, transport: connect };
}
