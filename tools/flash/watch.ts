/** After a reboot: waits until the new application has said that it is good, or the device has gone back. */

import { FailedError, messageOf } from "../../sim/errors.js";
import type { Evaluator } from "./console.js";
import { readSlots, rolledBack } from "./slots.js";

const PAUSE = 1000;

/** A console that can be lost and found again. */
export interface Reachable extends Evaluator {
  close(): void;
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * @param open finds the console again when it was lost
 * @param timeout milliseconds
 * @throws FailedError when the device went back to what it had, or nothing can be said in time
 */
export async function watchTrial(first: Reachable, open: () => Promise<Reachable>, timeout: number): Promise<void> {
  const end = Date.now() + timeout;
  let device: Reachable | undefined = first;
  let why = "";
  while (Date.now() < end) {
    await sleep(PAUSE);
    try {
      device ??= await open();
      const slots = await readSlots(device);
      if (slots.good) return;
      if (rolledBack(slots)) break;
    } catch (error) {
      why = `: ${messageOf(error)}`;
      device?.close();
      device = undefined;
    }
  }
  device?.close();
  if (Date.now() < end) {
    throw new FailedError("the new application never said that it is good: the device has gone back to the old one");
  }
  throw new FailedError(`the new application has not said that it is good within ${timeout / 1000} s${why}`);
}
