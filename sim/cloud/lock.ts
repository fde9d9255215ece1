/** One cloud a directory: two would issue DeviceSecrets behind each other's back. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemCode, UsageError } from "../errors.js";

/** Files that clouds of this process hold. */
const held = new Set<string>();

/** Whether that process runs, as far as this user may know. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

/** What a process that was killed has left behind does not count. */
function isHeld(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return pid === process.pid ? held.has(file) : pid > 0 && runs(pid);
  } catch {
    return false;
  }
}

/** @returns the function that gives the directory free @throws UsageError when a cloud that runs holds it */
export function lock(directory: string): () => void {
  const file = join(directory, "cloud.pid");
  if (isHeld(file)) {
    throw new UsageError(`${directory} is in use by another cloud: stop that one, or give another directory`);
  }
  writeFileSync(file, String(process.pid));
  held.add(file);
  return () => {
    held.delete(file);
    rmSync(file, { force: true });
  };
}
