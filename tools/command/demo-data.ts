/** `wifi-binding demo --data`: what a bound lamp does for its owner, over the cloud and on the LAN. */
import { setTimeout } from "node:timers/promises";

import { CloudDevice, LanSession, type Account, type Keys } from "../../sim/app/index.js";
import { FailedError } from "../../sim/errors.js";
import { LAMP } from "../../sim/model/lamp.js";
import { findProperty, readModel } from "../../sim/model/tsl.js";
import { toNode } from "../../sim/model/values.js";
import type { Happening } from "./output.js";
import { readingOf, readingsOf, type Reading } from "./read.js";

const MODEL = readModel(LAMP, "lamp");
const BRIGHTNESS = findProperty(MODEL, "brightness")!;
/** Another one than the lamp has at its beginning. */
const WRITTEN = 40;
const REPORT_MS = 3000;
const POLL_MS = 50;

/** Tells one step of the timeline. */
type Step = (happening: Happening, what: string, detail: string) => void;

const shown = (readings: Reading[]): string => readings.map(({ name, value }) => `${name}=${String(value)}`).join(" ");

/** Waits until the cloud has what the device reports. */
async function arrival(cloud: CloudDevice, name: string, value: unknown, signal: AbortSignal): Promise<Reading[]> {
  const end = Date.now() + REPORT_MS;
  for (;;) {
    const readings = (await cloud.values([])).values.map(readingOf);
    if (readings.some((one) => one.name === name && one.value === value)) return readings;
    if (Date.now() > end) throw new FailedError(`the cloud has not heard that ${name} is ${String(value)}`);
    await setTimeout(POLL_MS, undefined, { signal });
  }
}

/** A read, a write and a report over the cloud, and the same on the LAN. @throws FailedError where one is missing */
export async function showData(account: Account, keys: Keys, lan: LanSession, tell: Step): Promise<void> {
  const signal = account.signal ?? AbortSignal.any([]);
  const cloud = new CloudDevice(account, keys);
  const read = (await cloud.values([], true)).values.map(readingOf);
  if (read.length < MODEL.properties.length) throw new FailedError("the lamp has not answered the cloud's read");
  tell({ event: "read", over: "cloud", values: read }, "cloud reads the lamp", shown(read));
  await cloud.write({ switch: true });
  tell({ event: "written", over: "cloud", values: { switch: true } }, "cloud writes", "switch=true");
  const reported = await arrival(cloud, "switch", true, signal);
  tell({ event: "reported", over: "cloud", values: reported }, "lamp reports", shown(reported));
  const { result, report } = await lan.write([toNode(BRIGHTNESS, WRITTEN)], REPORT_MS);
  if (result !== 0) throw new FailedError(`the lamp refuses a write on the LAN (${result})`);
  if (!report) throw new FailedError("the lamp has not reported what was written on the LAN");
  const values = readingsOf(report, MODEL);
  tell({ event: "written", over: "lan", values }, "app writes on the LAN", `brightness=${WRITTEN}`);
  const all = await arrival(cloud, "brightness", WRITTEN, signal);
  tell({ event: "reported", over: "cloud", values: all }, "cloud has heard it", shown(all));
}
