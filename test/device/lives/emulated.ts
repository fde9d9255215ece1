/** An emulated device with a clock of its own, before anybody has given it power: erased flash but for its identity. */

import { readFileSync } from "node:fs";

import { EmulatedDevice, VirtualClock } from "../../../sim/emulator/index.js";
import { BLOCK_SIZE, IDENTITY_BLOCKS } from "../../../src/codec/record.js";
import { LifeCloud } from "./cloud.js";
import { identityOf } from "./lives.js";
import { APPLICATION, NETWORKS, Rig } from "./rig.js";

export const IDENTITY = IDENTITY_BLOCKS * BLOCK_SIZE;
const AREA = 65_536;

export interface Emulated {
  clock: VirtualClock;
  cloud: LifeCloud;
  device: EmulatedDevice;
  /** The flash as it comes from the factory. */
  factory: Buffer;
  /** The device from now on, as somebody who has seen nothing yet sees it. */
  rig(): Rig;
  /** Takes the power away, and waits until all that was sent has arrived. */
  off(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param host loopback address of its own
 * @param files in place of those of an ordinary device, or beside them
 */
export async function startEmulated(host: string, files: Record<string, string> = {}): Promise<Emulated> {
  const clock = new VirtualClock();
  const cloud = await LifeCloud.start(() => clock.now());
  const storage = {
    ".bootcde": APPLICATION,
    WifiBinding: readFileSync("build/WifiBinding.min.js", "latin1"),
    "binding.json": JSON.stringify({ server: cloud.url, security: 0 }),
    ...files,
  };
  const device = await EmulatedDevice.start({ host, clock, storage, networks: NETWORKS });
  const world = { pass: (milliseconds: number) => clock.advance(milliseconds), alive: () => device.alive, step: 50 };
  const off = async (): Promise<void> => {
    await device.stop();
    await clock.settle();
  };
  await off();
  const factory = Buffer.concat([identityOf(0), Buffer.alloc(AREA - IDENTITY, 0xff)]);
  device.flash.set(factory);
  return {
    ...{ clock, cloud, device, factory, off },
    rig: () => new Rig(device, cloud, world),
    async stop() {
      await off();
      await cloud.stop();
    },
  };
}
