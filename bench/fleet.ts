/** A fleet: many emulated devices provision and bind through one cloud, which is a process of its own. */
import { readFileSync } from "node:fs";

import { bindDevice, LanSession } from "../sim/app/index.js";
import { demoProducts, type Products } from "../sim/cloud/index.js";
import { EmulatedDevice } from "../sim/emulator/index.js";
import { encodeIdentity } from "../tools/factory/identity-image.js";
import { startChild } from "./child.js";
import { NETWORK, sleep } from "./bench-device.js";
import { round } from "./figure.js";
import { memory, type Memory } from "./memory.js";

export interface FleetOptions {
  devices: number;
  /** Devices that are provisioned at the same time; the rest waits, switched on. */
  concurrency: number;
  onProgress?: (bound: number) => void;
}

export interface FleetResult {
  devices: number;
  /** Devices of which the cloud has told exactly one binding, and which know it. */
  boundOnce: number;
  /** What went wrong, a sentence a device. */
  failures: string[];
  seconds: number;
  devicesPerSecond: number;
  medianMs: number;
  slowestMs: number;
  /**
   * Memory in use that each bound device takes in this process, and in the cloud's; after garbage collections, and
   * without what the first device loads.
   */
  deviceKiB: number;
  cloudKiB: number;
  /** Memory that both processes occupy in the end. */
  residentMiB: number;
}

/** What the cloud's process has counted: bindings by DeviceKey, as its events told them, and its memory. */
interface Counted {
  bound: Record<string, number>;
  memory: Memory;
}

interface FleetCloud {
  http: string;
  mqtt: string;
  products: Products;
  count(): Promise<Counted>;
  stop(): void;
}

/** A device that is bound before the others, so that what it loads is not theirs. */
const FIRST = 0;

const addressOf = (at: number): string => `127.80.${Math.floor(at / 250)}.${(at % 250) + 1}`;
const keyOf = (at: number): string => `FLEET${String(at).padStart(6, "0")}`;

async function startFleetCloud(): Promise<FleetCloud> {
  const products = demoProducts();
  const child = startChild("fleet-cloud.ts");
  const urls = await child.ask(products, (said) => said as { http: string; mqtt: string });
  return {
    ...urls,
    products,
    count: () => child.ask({ count: true }, (said) => said as Counted),
    stop: () => child.stop(),
  };
}

function startDevice(at: number, { mqtt, products }: FleetCloud): Promise<EmulatedDevice> {
  const { pk, ps } = products.products[0];
  return EmulatedDevice.start({
    host: addressOf(at),
    storage: {
      ".bootcde": readFileSync("build/firmware.min.js", "latin1"),
      "binding.json": JSON.stringify({ server: mqtt }),
    },
    flash: [{ offset: 0, bytes: encodeIdentity({ pk, ps, dk: keyOf(at) }) }],
    networks: [NETWORK],
  });
}

/** Binds one device. @param keys takes its authKey @returns the sentence that says why not */
async function bind(at: number, { http, products }: FleetCloud, keys: string[]): Promise<string | undefined> {
  try {
    const token = products.users[0].token;
    const { envelope } = await bindDevice({ address: addressOf(at), cloud: http, token, ...NETWORK });
    keys[at] = envelope.data?.authKey ?? "";
    return envelope.code === 200 ? undefined : `${keyOf(at)}: ${envelope.code} ${envelope.extMsg}`;
  } catch (error) {
    return `${keyOf(at)}: ${(error as Error).message}`;
  }
}

/** Whether a device lets in its owner by the authKey that the cloud has given both: now, or within five seconds. */
async function isBound(at: number, authKey: string): Promise<boolean> {
  for (let tries = 0; tries <= 50; tries++) {
    const session = await LanSession.open(addressOf(at), authKey).catch(() => undefined);
    session?.close();
    if (session) return true;
    await sleep(100);
  }
  return false;
}

/** Runs `work` for `from` … `to`, `width` at a time. */
async function pool(from: number, to: number, width: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    while (next <= to) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Memory of both processes. */
const both = async (cloud: FleetCloud) => ({ own: await memory(), cloud: (await cloud.count()).memory });

async function bindAll(count: number, options: FleetOptions, cloud: FleetCloud, keys: string[]) {
  const failures: string[] = [];
  const times: number[] = [];
  const start = performance.now();
  await pool(1, count, options.concurrency, async (at) => {
    const began = performance.now();
    const failure = await bind(at, cloud, keys);
    if (failure) failures.push(failure);
    times.push(performance.now() - began);
    options.onProgress?.(times.length);
  });
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  return { failures, seconds, medianMs: Math.round(times[count >> 1]), slowestMs: Math.round(times[count - 1]) };
}

/** Asks each device and the cloud. @returns devices that are bound once, and adds to `failures` what the others are */
async function boundOnce(count: number, width: number, cloud: FleetCloud, keys: string[], failures: string[]) {
  const { bound } = await cloud.count();
  let good = 0;
  await pool(1, count, width, async (at) => {
    const knows = await isBound(at, keys[at]);
    if (bound[keyOf(at)] === 1 && knows) good++;
    else
      failures.push(`${keyOf(at)}: bound ${bound[keyOf(at)] ?? 0} times, and ${knows ? "knows" : "does not know"} it`);
  });
  return good;
}

/** @throws Error in a process without `--expose-gc`, or when not even the first device can be bound */
export async function fleet(options: FleetOptions): Promise<FleetResult> {
  const { devices: count, concurrency } = options;
  const cloud = await startFleetCloud();
  const devices: EmulatedDevice[] = [];
  const keys: string[] = [];
  try {
    devices.push(await startDevice(FIRST, cloud));
    const failure = await bind(FIRST, cloud, keys);
    if (failure) throw new Error(failure);
    const before = await both(cloud);
    for (let at = 1; at <= count; at++) devices.push(await startDevice(at, cloud));
    const { seconds, failures, ...times } = await bindAll(count, options, cloud, keys);
    const good = await boundOnce(count, concurrency, cloud, keys, failures);
    const after = await both(cloud);
    return {
      devices: count,
      boundOnce: good,
      failures,
      seconds: round(seconds),
      devicesPerSecond: round(count / seconds),
      ...times,
      deviceKiB: Math.round((after.own.used - before.own.used) / count),
      cloudKiB: Math.round((after.cloud.used - before.cloud.used) / count),
      residentMiB: Math.round((after.own.resident + after.cloud.resident) / 1024),
    };
  } finally {
    await Promise.all(devices.map((device) => device.stop()));
    cloud.stop();
  }
}
