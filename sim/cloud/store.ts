/** The cloud's memory: one SQLite database, in a directory or only in this process. */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import Database from "libsql";

import { FailedError, messageOf, UsageError } from "../errors.js";
import { lock } from "./lock.js";

/** What one device has left in the cloud, as JSON. */
export interface Row {
  pk: string;
  dk: string;
  state: string;
}

const SCHEMA_VERSION = 1;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS device (
    pk TEXT NOT NULL, dk TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (pk, dk)
  );
  PRAGMA user_version = ${SCHEMA_VERSION};`;

export class Store {
  private readonly put: Database.Statement;

  private constructor(
    private readonly database: Database.Database,
    private readonly place: string,
    private readonly unlock = () => {},
  ) {
    this.put = database.prepare("INSERT OR REPLACE INTO device (pk, dk, state) VALUES (?, ?, ?)");
  }

  /**
   * @param directory made when it is not there, for its owner only, since it will hold secrets; none: nothing is kept
   * @throws UsageError when it cannot be used: not writable, in use by another cloud, of a newer version
   */
  static open(directory?: string): Store {
    if (directory === undefined) return new Store(prepare(new Database(":memory:"), "memory"), "memory");
    const file = join(directory, "cloud.db");
    let database: Database.Database | undefined;
    let unlock: (() => void) | undefined;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      unlock = lock(directory);
      database = new Database(file);
      chmodSync(file, 0o600);
      return new Store(prepare(database, file), directory, unlock);
    } catch (error) {
      database?.close();
      unlock?.();
      if (error instanceof UsageError) throw error;
      throw new UsageError(`cannot keep state in ${directory} (${messageOf(error)}): give another directory`);
    }
  }

  /**
   * Hands over all rows.
   * @throws UsageError when one of them cannot be read; the store is closed then
   */
  each(take: (row: Row) => void): void {
    try {
      for (const row of this.database.prepare("SELECT pk, dk, state FROM device").all() as Row[]) take(row);
    } catch {
      this.close();
      // Without the cause: it may quote the row, and with it a secret.
      throw new UsageError(`the state in ${this.place} is damaged: put back a copy, or give another directory`);
    }
  }

  /**
   * Durable when it returns, also against a power cut.
   * @throws FailedError when it is not, for a full disk say
   */
  save({ pk, dk, state }: Row): void {
    try {
      this.put.run(pk, dk, state);
    } catch (error) {
      throw new FailedError(`cannot keep state in ${this.place} (${messageOf(error)}): make room, then start it again`);
    }
  }

  close(): void {
    this.database.close();
    this.unlock();
  }
}

function prepare(database: Database.Database, file: string): Database.Database {
  const [{ user_version: version }] = database.prepare("PRAGMA user_version").all() as { user_version: number }[];
  if (version > SCHEMA_VERSION) {
    throw new UsageError(`${file} was written by a newer version of this command: use that one, or another directory`);
  }
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${SCHEMA}`);
  return database;
}
