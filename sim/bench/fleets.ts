/** Fleets of several sizes, each in a run of its own: how many devices a second, and what each of them takes. */

import { fleet } from "./fleet.js";
import type { Part } from "./figure.js";

export const fleets: Part = async function* ({ devices, concurrency, onProgress }) {
  for (const count of devices) {
    const result = await fleet({
      devices: count,
      concurrency,
      onProgress: (done) => onProgress(`${done} of ${count}`),
    });
    const of = `${count} devices`;
    yield { name: `${of}: bound exactly once`, value: result.boundOnce, unit: "devices" };
    yield {
      name: `${of}: devices per second`,
      value: result.devicesPerSecond,
      unit: "1/s",
      note: `${concurrency} at a time`,
    };
    yield {
      name: `${of}: median of a binding`,
      value: result.medianMs,
      unit: "ms",
      note: `slowest ${result.slowestMs}`,
    };
    yield { name: `${of}: memory of a device`, value: result.deviceKiB, unit: "KiB" };
    yield { name: `${of}: memory in the cloud, a device`, value: result.cloudKiB, unit: "KiB" };
    if (result.boundOnce < count) throw new Error(result.failures.join("\n"));
  }
};
