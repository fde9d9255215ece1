/** A fleet: many emulated devices provision and bind through one cloud, which is a process of its own. */
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { bindDevice, discoverOne } from "../app/index.js";
import { demoProducts, type Products } from "../cloud/index.js";
import { EmulatedDevice } from "../emulator/index.js";
import { encodeIdentity } from "../identity.js";

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
  /** Resident memory that each device takes in this process, and leaves in the cloud's. */
  deviceKiB: number;
  cloudKiB: number;
}

const NETWORK = { ssid: "home", password: "right-password" };

/** The cloud's side, in its own process. */
export interface CloudProcess {
  http: string;
  mqtt: string;
  /** Bindings by DeviceKey, as its events told them, and its memory in KiB. */
  count(): Promise<{ bound: Record<string, number>; rss: number }>;
  stop(): void;
}

/** Messages of the cloud's process. */
type Said = { http: string; mqtt: string } | { bound: Record<string, number>; rss: number };

async function startCloudProcess(products: Products): Promise<CloudProcess> {
  const file = fileURLToPath(new URL("fleet-cloud.ts", import.meta.url));
  const child = fork(file, { execArgv: ["--import", "tsx"] });
  const answer = <T extends Said>(request: object): Promise<T> =>
    new Promise((resolve, reject) => {
      child.once("message", (said) => resolve(said as T)).once("exit", () => reject(new Error("the cloud has ended")));
      child.send(request);
    });
  const urls = await answer<{ http: string; mqtt: string }>(products);
  return { ...urls, count: () => answer({ count: true }), stop: () => void child.kill() };
}

const addressOf = (at: number): string => `127.80.${Math.floor(at / 250)}.${(at % 250) + 1}`;
const keyOf = (at: number): string => `FLEET${String(at).padStart(6, "0")}`;
const rss = (): number => process.memoryUsage().rss / 1024;

async function startDevices(count: number, mqtt: string, { pk, ps }: Products["products"][0]) {
  const firmware = readFileSync("build/firmware.min.js", "latin1");
  const start = (at: number): Promise<EmulatedDevice> =>
    EmulatedDevice.start({
      host: addressOf(at),
      storage: { ".bootcde": firmware, "binding.json": JSON.stringify({ server: mqtt, security: 0 }) },
      flash: [{ offset: 0, bytes: encodeIdentity({ pk, ps, dk: keyOf(at) }) }],
      networks: [NETWORK],
    });
  const devices: EmulatedDevice[] = [];
  for (let at = 0; at < count; at++) devices.push(await start(at));
  return devices;
}

/** Runs `work` for 0 … count-1, `width` at a time. */
async function pool(count: number, width: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}

/** What a device says once it has heard that it is bound, or after five seconds. */
async function finalState(address: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const state = await discoverOne(address, {}).then((found) => found.state, String);
    if (state === "bound" || tries === 50) return state;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function fleet({ devices: count, concurrency, onProgress }: FleetOptions): Promise<FleetResult> {
  const products = demoProducts();
  const cloud = await startCloudProcess(products);
  const failures: string[] = [];
  const times: number[] = [];
  const before = { own: rss(), cloud: (await cloud.count()).rss };
  const devices = await startDevices(count, cloud.mqtt, products.products[0]);
  try {
    const deviceKiB = (rss() - before.own) / count;
    const start = performance.now();
    await pool(count, concurrency, async (at) => {
      const began = performance.now();
      const token = products.users[0].token;
      try {
        const { envelope } = await bindDevice({ address: addressOf(at), cloud: cloud.http, token, ...NETWORK });
        if (envelope.code !== 200) failures.push(`${keyOf(at)}: ${envelope.code} ${envelope.extMsg}`);
      } catch (error) {
        failures.push(`${keyOf(at)}: ${(error as Error).message}`);
      }
      times.push(performance.now() - began);
      onProgress?.(times.length);
    });
    const seconds = (performance.now() - start) / 1000;
    const { bound, rss: cloudRss } = await cloud.count();
    let boundOnce = 0;
    await pool(count, concurrency, async (at) => {
      const state = await finalState(addressOf(at));
      if (bound[keyOf(at)] === 1 && state === "bound") boundOnce++;
      else failures.push(`${keyOf(at)}: bound ${bound[keyOf(at)] ?? 0} times, and ${state}`);
    });
    times.sort((a, b) => a - b);
    return {
      devices: count,
      boundOnce,
      failures,
      seconds: round(seconds),
      devicesPerSecond: round(count / seconds),
      medianMs: Math.round(times[count >> 1]),
      slowestMs: Math.round(times[count - 1]),
      deviceKiB: Math.round(deviceKiB),
      cloudKiB: Math.round((cloudRss - before.cloud) / count),
    };
  } finally {
    await Promise.all(devices.map((device) => device.stop()));
    cloud.stop();
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;
