/** Starting devices for tests, and waiting for what they do. */

import { expect } from "chai";

import {
  engine,
  findEspruino,
  type Device,
  type DeviceOptions,
  type EngineName,
} from "../../../../sim/emulator/index.js";

/** Every engine of this machine; the suite of a missing one is skipped by name. */
export const ENGINES: EngineName[] = ["emulator", "espruino"];

export function hasEngine(name: EngineName): boolean {
  return name === "emulator" || findEspruino() !== undefined;
}

/** Boots a device with `bootcde` as its boot code. */
export function boot(name: EngineName, bootcde: string, more: Partial<DeviceOptions> = {}): Promise<Device> {
  return engine(name).start({ ...more, storage: { ".bootcde": bootcde, ...more.storage } });
}

/** Waits until `look` gives something, or fails after `milliseconds`. */
export async function eventually<T>(look: () => T | Promise<T>, milliseconds = 6000): Promise<NonNullable<T>> {
  for (const end = Date.now() + milliseconds; Date.now() < end;) {
    const value = await look();
    if (value) return value;
    await pause(5);
  }
  return expect.fail(`nothing happened in ${milliseconds} ms: ${look}`);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Boots, lets the device settle, and gives what an expression of it says. */
export async function valueOf(
  bootcde: string,
  expression: string,
  more: Partial<DeviceOptions> = {},
): Promise<unknown> {
  const device = await boot("emulator", bootcde, more);
  try {
    return await device.eval(expression);
  } finally {
    await device.stop();
  }
}
