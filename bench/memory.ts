/** Memory of this process. */

import { setImmediate } from "node:timers/promises";

export interface Memory {
  /** KiB that live objects take, buffers among them. */
  used: number;
  /** KiB that the process occupies. */
  resident: number;
}

/** What is left after garbage collections. @throws Error in a process without `--expose-gc` */
export async function memory(): Promise<Memory> {
  if (!gc) throw new Error("memory is measured in a process with --expose-gc");
  gc();
  // What has to be told that it is garbage lives until the next collection.
  await setImmediate();
  gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { used: (heapUsed + external) / 1024, resident: rss / 1024 };
}
