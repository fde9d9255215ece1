/** One cloud a directory: two would issue DeviceSecrets behind each other's back. */
import { join } from "node:path";

import Database from "libsql";

import { UsageError } from "../errors.js";

/** Milliseconds for another cloud that is giving up, or coming to its end. */
const PATIENCE = 500;

/**
 * Takes a directory for this process. The system holds the lock, of a database that stays empty: it ends with the
 * process, however that ends.
 * @returns the function that gives the directory free
 * @throws UsageError when another cloud holds it
 */
export function lock(directory: string): () => void {
  const database = new Database(join(directory, "cloud.lock"), { timeout: PATIENCE });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code !== "SQLITE_BUSY") throw error;
    throw new UsageError(`${directory} is in use by another cloud: stop that one, or give another directory`);
  }
  return () => database.close();
}
