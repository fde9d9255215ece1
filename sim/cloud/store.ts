/** The cloud's memory: one SQLite database in a directory, or nothing that outlives this process. */
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

const SCHEMA_VERSION = 2;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS device (
    pk TEXT NOT NULL, dk TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (pk, dk)
  );
  PRAGMA user_version = ${SCHEMA_VERSION};`;

/** A database that is open, its directory, and how to leave it to others. */
interface Place {
  database: Database.Database;
  directory: string;
  unlock: () => void;
}

/**
 * Changes are collected, and made durable together: one transaction, and one wait for the disk, for all that have come
 * while the last ones were written.
 */
export class Store {
  /** By device: its newest state, or null to forget it. */
  private readonly changes = new Map<string, { pk: string; dk: string; state: string | null }>();
  private waiting: (() => void)[] = [];
  private scheduled = false;

  private constructor(private readonly place?: Place) {}

  /**
   * @param directory made when it is not there, for its owner only, since it will hold secrets; none: nothing is kept
   * @throws UsageError when it cannot be used: not writable, in use by another cloud, of another version
   */
  static open(directory?: string): Store {
    if (directory === undefined) return new Store();
    const file = join(directory, "cloud.db");
    let database: Database.Database | undefined;
    let unlock: (() => void) | undefined;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      unlock = lock(directory);
      database = new Database(file);
      chmodSync(file, 0o600);
      return new Store({ database: prepare(database, file), directory, unlock });
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
    if (!this.place) return;
    const { database, directory } = this.place;
    try {
      for (const row of database.prepare("SELECT pk, dk, state FROM device").all() as Row[]) take(row);
    } catch {
      this.close();
      // Without the cause: it may quote the row, and with it a secret.
      throw new UsageError(`the state in ${directory} is damaged: put back a copy, or give another directory`);
    }
  }

  save(row: Row): void {
    this.change(row);
  }

  remove(device: Pick<Row, "pk" | "dk">): void {
    this.change({ ...device, state: null });
  }

  /** Calls back, in the order of the calls, once all changes until now are durable, also against a power cut. */
  after(done: () => void): void {
    if (!this.scheduled && !this.changes.size) done();
    else this.waiting.push(done);
  }

  close(): void {
    if (!this.place) return;
    this.commit();
    this.place.database.close();
    this.place.unlock();
  }

  private change(row: { pk: string; dk: string; state: string | null }): void {
    if (!this.place) return;
    this.changes.set(`${row.pk} ${row.dk}`, row);
    if (this.scheduled) return;
    this.scheduled = true;
    // Behind all that has arrived by now: every socket that can be read is read before.
    setImmediate(() => this.commit());
  }

  /** @throws FailedError when the changes are not durable, for a full disk say: the cloud ends before it says otherwise */
  private commit(): void {
    const rows = [...this.changes.values()];
    this.changes.clear();
    if (rows.length) this.write(rows);
    const waiting = this.waiting;
    this.waiting = [];
    this.scheduled = false;
    for (const done of waiting) done();
  }

  private write(rows: { pk: string; dk: string; state: string | null }[]): void {
    const { database, directory } = this.place!;
    try {
      database.exec("BEGIN IMMEDIATE");
      const put = database.prepare("INSERT OR REPLACE INTO device (pk, dk, state) VALUES (?, ?, ?)");
      const remove = database.prepare("DELETE FROM device WHERE pk = ? AND dk = ?");
      for (const { pk, dk, state } of rows) {
        if (state === null) remove.run(pk, dk);
        else put.run(pk, dk, state);
      }
      database.exec("COMMIT");
    } catch (error) {
      throw new FailedError(`cannot keep state in ${directory} (${messageOf(error)}): free some space and start again`);
    }
  }
}

function prepare(database: Database.Database, file: string): Database.Database {
  const [{ user_version: version }] = database.prepare("PRAGMA user_version").all() as { user_version: number }[];
  if (version > SCHEMA_VERSION) {
    throw new UsageError(`${file} was written by a newer version of this command: use that one, or another directory`);
  }
  if (version === 1) {
    throw new UsageError(`${file} was written by an older version, with other bindingSecrets: give another directory`);
  }
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${SCHEMA}`);
  return database;
}
