/** A fleet that is updated: emulated devices with the firmware in a slot, one cloud, stages, each device exactly once. */
import { bindDevice } from "../sim/app/index.js";
import { demoProducts, startCloud, type Cloud, type CloudEvent, type Products } from "../sim/cloud/index.js";
import { EmulatedDevice } from "../sim/emulator/index.js";
import { encodeIdentity } from "../tools/factory/identity-image.js";
import { built, NETWORK, sleep } from "./bench-device.js";
import { startChild } from "./child.js";
import { round, type Part } from "./figure.js";

const VERSION = "1.2.0";
/**
 * Per cent of the devices, one stage after the other. Not all at once: the devices share one process, and those that
 * verify at the same time wait for each other until their connections are stale.
 */
const STAGES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
/** Milliseconds for a stage. */
const PATIENCE = 600_000;
const POLL_MS = 200;

export interface OtaFleetResult {
  /** Devices that the cloud has offered the update and that have reported it done, each of it once. */
  updatedOnce: number;
  failures: string[];
  /** Devices that have the new version after each stage, and the seconds that the stage took. */
  stages: { percent: number; updated: number; seconds: number }[];
}

interface Signed {
  key: string;
  file: string;
}

/** What the cloud has told of one device. */
interface Counted {
  offered: number;
  updated: number;
  failed: number;
}

const addressOf = (at: number): string => `127.81.${Math.floor(at / 250)}.${(at % 250) + 1}`;
const keyOf = (at: number): string => `OTA${String(at).padStart(5, "0")}`;

async function sign(pk: string): Promise<Signed> {
  const child = startChild("ota-sign.ts");
  try {
    return await child.ask({ pk, version: VERSION, path: "build/firmware.min.js" }, (said) => said as Signed);
  } finally {
    child.stop();
  }
}

function startDevice(at: number, { mqtt }: Cloud, { products }: Products, updateKey: string): Promise<EmulatedDevice> {
  const { pk, ps } = products[0];
  return EmulatedDevice.start({
    host: addressOf(at),
    storage: {
      ".bootcde": built("boot.min.js"),
      "wb.a": built("firmware.min.js"),
      WifiBindingOta: built("WifiBindingOta.min.js"),
      WifiBindingSlh: built("WifiBindingSlh.min.js"),
      "binding.json": JSON.stringify({ server: mqtt }),
    },
    flash: [{ offset: 0, bytes: encodeIdentity({ pk, ps, dk: keyOf(at), updateKey }) }],
    networks: [NETWORK],
  });
}

/** Starts a device and binds it, so that it is on the cloud's network. */
async function ready(at: number, cloud: Cloud, products: Products, key: string): Promise<EmulatedDevice> {
  const device = await startDevice(at, cloud, products, key);
  const { token } = products.users[0];
  const { envelope } = await bindDevice({ address: addressOf(at), cloud: cloud.http, token, ...NETWORK });
  if (envelope.code !== 200) throw new Error(`${keyOf(at)}: ${envelope.code} ${envelope.extMsg}`);
  return device;
}

interface Staged {
  data: { counts: Record<string, number> };
  extMsg: string;
}

/** Uploads or stages the update. @returns how many devices it is for */
async function stage(cloud: Cloud, operator: string, { file, key }: Signed, percent: number): Promise<number> {
  const headers = { authorization: operator, "content-type": "application/octet-stream" };
  const body = new Uint8Array(Buffer.from(file, "base64"));
  const response = await fetch(`${cloud.http}/dev/updates?percent=${percent}&key=${key}`, {
    method: "POST",
    headers,
    body,
  });
  const { data, extMsg } = (await response.json()) as Staged;
  if (!data) throw new Error(extMsg);
  return Object.values(data.counts).reduce((sum, count) => sum + count, 0);
}

class Counts {
  private readonly counts = new Map<string, Counted>();

  take = ({ event, dk = "" }: CloudEvent): void => {
    const counted = this.of(dk);
    if (event === "updateOffered") counted.offered++;
    if (event === "updated") counted.updated++;
    if (event === "updateFailed" || event === "updateRefused") counted.failed++;
    this.counts.set(dk, counted);
  };

  of(dk: string): Counted {
    return this.counts.get(dk) ?? { offered: 0, updated: 0, failed: 0 };
  }

  sum(what: keyof Counted): number {
    return [...this.counts.values()].reduce((sum, counted) => sum + counted[what], 0);
  }
}

/** What is wrong with a device in the end, or undefined. */
function complaint(at: number, counts: Counts, device: EmulatedDevice): string | undefined {
  const { offered, updated, failed } = counts.of(keyOf(at));
  const boots = device.lines.filter((line) => line.startsWith("WB boot b trial")).length;
  if (offered === 1 && updated === 1 && !failed && boots === 1) return undefined;
  const why = device.lines.filter((line) => line.startsWith("WB ota failed")).join();
  return `${keyOf(at)}: offered ${offered}, updated ${updated}, failed ${failed} times, ${boots} trials; ${why}`;
}

async function runStages(
  cloud: Cloud,
  operator: string,
  signed: Signed,
  stages: number[],
  counts: Counts,
  onProgress: (text: string) => void,
): Promise<OtaFleetResult["stages"]> {
  const results: OtaFleetResult["stages"] = [];
  for (const percent of stages) {
    const start = performance.now();
    const all = await stage(cloud, operator, signed, percent);
    while (counts.sum("updated") + counts.sum("failed") < all && performance.now() - start < PATIENCE) {
      onProgress(`${percent} %: ${counts.sum("updated")} of ${all}`);
      await sleep(POLL_MS);
    }
    if (counts.sum("offered") > all) throw new Error(`${percent} %: offered to more than ${all} devices`);
    results.push({ percent, updated: counts.sum("updated"), seconds: round((performance.now() - start) / 1000) });
  }
  return results;
}

/** @param options number of devices, and the stages in per cent */
export async function otaFleet(
  count: number,
  stages: number[],
  onProgress: (text: string) => void,
): Promise<OtaFleetResult> {
  const products = demoProducts();
  const signed = await sign(products.products[0].pk);
  const counts = new Counts();
  const cloud = await startCloud({ ...products, onEvent: counts.take });
  const devices: EmulatedDevice[] = [];
  try {
    for (let at = 0; at < count; at++) {
      devices.push(await ready(at, cloud, products, signed.key));
      onProgress(`${at + 1} of ${count} devices bound`);
    }
    const done = await runStages(cloud, products.operator!, signed, stages, counts, onProgress);
    const failures = devices.flatMap((device, at) => complaint(at, counts, device) ?? []);
    return { updatedOnce: count - failures.length, failures, stages: done };
  } finally {
    await Promise.all(devices.map((device) => device.stop()));
    await cloud.stop();
  }
}

export const otaFleets: Part = async function* ({ devices, onProgress }) {
  const count = Math.min(...devices);
  const { updatedOnce, failures, stages } = await otaFleet(count, STAGES, onProgress);
  yield { name: `${count} devices: updated exactly once`, value: updatedOnce, unit: "devices" };
  for (const { percent, updated, seconds } of stages) {
    yield {
      name: `${count} devices: a stage of ${percent} %`,
      value: seconds,
      unit: "s",
      note: `${updated} updated so far; 10 s of it are the trial`,
    };
  }
  if (failures.length) throw new Error(failures.join("\n"));
};
