/** A broker that is down for ten minutes: how a fleet comes back, by the device's own retry policy on a virtual clock. */

import { CODE_LOST, CODE_SUBSCRIPTION, retryDelay } from "../src/cloud/retry.js";
import { round, type Part } from "./figure.js";

const DEVICES = 1000;
/** Seconds that the broker is down. */
const DOWN = 600;

/** What a device does with a broker that is away: refused at once, or silent until the guard of the handshake ends it. */
const GUARD = 15_000;

/** Random numbers from 0 to 65535 that are the same in each run. */
function* numbers(): Generator<number, never> {
  for (let state = 1; ; state = (Math.imul(state, 1103515245) + 12345) >>> 0) yield state >>> 16;
}

interface Outage {
  /** Most attempts within one second while the broker was down, without the first two seconds. */
  attempts: number;
  /** Connections in the busiest second after its return, and milliseconds until half and all of the devices are back. */
  busiest: number;
  half: number;
  last: number;
}

/**
 * Milliseconds from the loss of the connection to the first attempt that works, for each device.
 * @param code the failure code of the attempts
 * @param takes milliseconds that an attempt takes to fail
 */
function outage(code: number, takes: number): Outage {
  const random = numbers();
  const back: number[] = [];
  const tries = new Map<number, number>();
  for (let device = 0; device < DEVICES; device++) {
    let now = 0;
    for (let failures = 1; ; failures++) {
      now += retryDelay(false, code, failures, random.next().value);
      if (now >= DOWN * 1000) break;
      const second = Math.floor(now / 1000);
      tries.set(second, (tries.get(second) ?? 0) + 1);
      now += takes;
    }
    back.push(now - DOWN * 1000);
  }
  back.sort((a, b) => a - b);
  const seconds = new Map<number, number>();
  for (const time of back) seconds.set(Math.floor(time / 1000), (seconds.get(Math.floor(time / 1000)) ?? 0) + 1);
  return {
    attempts: Math.max(...[...tries].filter(([second]) => second >= 2).map(([, count]) => count)),
    busiest: Math.max(...seconds.values()),
    half: back[DEVICES / 2],
    last: back[DEVICES - 1],
  };
}

export const outages: Part = async function* () {
  for (const [name, code, takes] of [
    ["connections refused", CODE_LOST, 0],
    ["a silent broker", CODE_LOST, GUARD],
    ["the vendor's table, for comparison", CODE_SUBSCRIPTION, 0],
  ] as const) {
    const { attempts, busiest, half, last } = outage(code, takes);
    yield { name: `${name}: most attempts while it is down`, value: attempts, unit: "a second" };
    yield { name: `${name}: most connections at its return`, value: busiest, unit: "a second" };
    yield { name: `${name}: half of ${DEVICES} are back after`, value: round(half / 1000), unit: "s" };
    yield { name: `${name}: the last is back after`, value: round(last / 1000), unit: "s" };
  }
};
