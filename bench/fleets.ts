/** Fleets of several sizes, each in a process of its own: how fast they are bound, what each device takes, and how both grow. */

import { startChild } from "./child.js";
import type { FleetOptions, FleetResult } from "./fleet.js";
import type { Told } from "./fleet-run.js";
import { round, type Figure, type Part } from "./figure.js";

/** Measures one fleet. @throws Error when its process cannot */
export async function measure({ onProgress, ...options }: FleetOptions): Promise<FleetResult> {
  const child = startChild("fleet-run.ts");
  try {
    return await child.ask(options, (said) => {
      const told = said as Told;
      if ("error" in told) throw new Error(told.error);
      if ("result" in told) return told.result;
      return void onProgress?.(told.done);
    });
  } finally {
    child.stop();
  }
}

function* figures(result: FleetResult, concurrency: number): Generator<Omit<Figure, "part">> {
  const of = `${result.devices} devices`;
  yield { name: `${of}: bound exactly once`, value: result.boundOnce, unit: "devices" };
  const note = `${concurrency} at a time`;
  yield { name: `${of}: devices per second`, value: result.devicesPerSecond, unit: "1/s", note };
  yield { name: `${of}: median of a binding`, value: result.medianMs, unit: "ms" };
  yield { name: `${of}: slowest binding`, value: result.slowestMs, unit: "ms" };
  yield { name: `${of}: memory of a device`, value: result.deviceKiB, unit: "KiB" };
  yield { name: `${of}: memory in the cloud, a device`, value: result.cloudKiB, unit: "KiB" };
  yield { name: `${of}: resident memory, all and the cloud`, value: result.residentMiB, unit: "MiB" };
}

/** What a device of the largest fleet takes, in units of what one of the smallest takes. */
function* growth(results: FleetResult[]): Generator<Omit<Figure, "part">> {
  const [small, ...others] = [...results].sort((a, b) => a.devices - b.devices);
  const large = others.at(-1);
  if (!large) return;
  const from = `${small.devices} to ${large.devices} devices`;
  const times = (name: string, of: (result: FleetResult) => number): Omit<Figure, "part"> => ({
    name: `${from}: ${name}`,
    value: round(of(large) / of(small), 2),
    unit: "times",
  });
  yield times("time for a device", (result) => result.seconds / result.devices);
  yield times("memory of a device", (result) => result.deviceKiB);
  yield times("memory in the cloud, a device", (result) => result.cloudKiB);
}

export const fleets: Part = async function* ({ devices, concurrency, onProgress }) {
  const results: FleetResult[] = [];
  for (const count of devices) {
    const result = await measure({
      devices: count,
      concurrency,
      onProgress: (done) => onProgress(`${done} of ${count}`),
    });
    results.push(result);
    yield* figures(result, concurrency);
    if (result.boundOnce < count) throw new Error(result.failures.join("\n"));
  }
  yield* growth(results);
};
