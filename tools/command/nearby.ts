/** The device that is near, by Bluetooth. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { openGatt, readAdvertised, UnreachableError, type Advertised, type Found } from "../../sim/app/index.js";
import { bluetoothAt } from "../../sim/emulator/index.js";
import { FailedError, messageOf } from "../../sim/errors.js";

/** Looks, and milliseconds between them: a device shows what it is and its name in turns, and nothing while an app leaves. */
const TRIES = 20;
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
  device: Pick<Found, "address" | "dk" | "pk"> & { capabilities: number };
  transport: () => Promise<Duplex>;
}

/** @throws FailedError when it is another device than the one that is meant */
function check(seen: Advertised, dk: string, pk?: string): void {
  if (pk && seen.pk && seen.pk !== pk) {
    throw new FailedError(`the device that is near is none of product ${pk}: its ProductKey is ${seen.pk}`);
  }
  if (dk && seen.dk && seen.dk.toLowerCase() !== dk.toLowerCase()) {
    throw new FailedError(`the device that is near is ${seen.dk}, not ${dk}`);
  }
}

/**
 * Looks at what a device advertises. Its keys are empty where they do not fit into that.
 * @param host loopback address of a device in the emulator: there is no other Bluetooth here
 * @throws UnreachableError when nothing advertises there; FailedError for another device than the one that is meant
 */
export async function lookNearby(host: string, { dk = "", pk }: { dk?: string; pk?: string }): Promise<Nearby> {
  const radio = bluetoothAt(host);
  const look = async (): Promise<Advertised | undefined> => {
    const packet = await radio.advertisement();
    return packet && readAdvertised(packet.manufacturer, packet.data);
  };
  const seen = await soon(look).catch((error) => {
    throw new UnreachableError(`${messageOf(error)}: start a device by \`wifi-binding device --ble\``);
  });
  if (!seen) throw new UnreachableError(`the device at ${host} does not advertise: another app is connected to it`);
  check(seen, dk, pk);
  return {
    device: { address: host, dk: seen.dk || dk, pk: seen.pk || (pk ?? ""), capabilities: seen.capabilities },
    transport: () =>
      openGatt(async (mtu) => {
        await soon(() => radio.advertisement());
        return radio.connect(mtu);
      }),
  };
}
