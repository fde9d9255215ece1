/** Time from switching on to bindable over loopback, and what goes back and forth over the network meanwhile. */

import { discoverOne } from "../sim/app/discover.js";
import { built, inRam, KEPT_MS, sleep, withDevice } from "./bench-device.js";
import { needInterpreter, round, type Part } from "./figure.js";

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

/** Asks for a window at once, as a button would; the code is reported as soon as the cloud is there. */
const APPLICATION =
  'var W=require("WifiBinding");W.start(require("Storage").readJSON("binding.json",true));W.openWindow();';

/** Milliseconds of a discovery; the least of all, as what else the machine does only adds to it. */
async function discovery(runs: number): Promise<number> {
  let least = Infinity;
  await withDevice(inRam(built("firmware.min.js")), async ({ device }) => {
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      await discoverOne(device.host, {});
      least = Math.min(least, performance.now() - start);
    }
  });
  return least;
}

export const boot: Part = async function* ({ repeat, onProgress }) {
  needInterpreter();
  const runs = Math.min(repeat, 10);
  const storage = { WifiBinding: built("WifiBinding.min.js"), ".bootcde": APPLICATION };
  const { times, fresh, trips } = await withDevice(storage, async ({ device, bind, after }) => {
    const began = performance.now();
    await after("bound", bind);
    const fresh = performance.now() - began;
    await sleep(KEPT_MS);
    const times: number[] = [];
    let trips: number | undefined;
    for (let run = 0; run < runs; run++) {
      onProgress(`boot ${run + 1} of ${runs}`);
      const start = performance.now();
      trips = (await after("window", () => device.reboot())).roundTrips;
      times.push(performance.now() - start);
    }
    return { times, fresh, trips };
  });
  yield { name: "new device: 7030 to code 200", value: Math.round(fresh), unit: "ms" };
  yield { name: "boot to bindable", value: Math.round(median(times)), unit: "ms", note: `median of ${runs}` };
  onProgress("discovery");
  const answer = await discovery(Math.min(runs, 5));
  yield { name: "discovery", value: round(answer, 2), unit: "ms", note: "code in RAM, least of all" };
  yield { name: "connection to window known in the cloud", value: trips ?? "unknown", unit: "round trips" };
};
