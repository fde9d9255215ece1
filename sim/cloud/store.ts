/** The cloud's memory: one SQLite database in a directory, or nothing that outlives this process. */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import Database from "libsql";
import Writer from "libsql/promise";

import { FailedError, messageOf, systemCode, UsageError } from "../errors.js";
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
  CREATE TABLE IF NOT EXISTS value (
    pk TEXT NOT NULL, dk TEXT NOT NULL, slot INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (pk, dk, slot)
  ) WITHOUT ROWID;
  PRAGMA user_version = ${SCHEMA_VERSION};`;

/** One of the values that a device has told; `json` null empties the slot. */
export interface ValueRow {
  pk: string;
  dk: string;
  slot: number;
  json: string | null;
}

/** A database that is open, what writes it beside this thread, its directory, and how to leave it to others. */
interface Place {
  database: Database.Database;
  writer: Writer;
  directory: string;
  unlock: () => void;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Changes are collected, and made durable together: one transaction, and one wait for the disk, for all that have come
 * while the last ones were written. This thread does not wait for the disk.
 */
export class Store {
  /** SQL by what it changes, in the order in which it came; a newer change of the same takes the older one's place. */
  private readonly changes = new Map<string, string>();
  private waiting: (() => void)[] = [];
  /** While something is written or going to be. */
  private running?: Promise<void>;

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
      return new Store({ database: prepare(database, file), writer: new Writer(file, {}), directory, unlock });
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
      this.leave();
      // Without the cause: it may quote the row, and with it a secret.
      throw new UsageError(`the state in ${directory} is damaged: put back a copy, or give another directory`);
    }
  }

  /** Hands over what the slots of a device hold. */
  eachValue({ pk, dk }: Pick<Row, "pk" | "dk">, take: (slot: number, json: string) => void): void {
    if (!this.place) return;
    const query = this.place.database.prepare("SELECT slot, json FROM value WHERE pk = ? AND dk = ? ORDER BY slot");
    for (const { slot, json } of query.all(pk, dk) as { slot: number; json: string }[]) take(slot, json);
  }

  save({ pk, dk, state }: Row): void {
    const values = [pk, dk, state].map(literal).join();
    this.change(`${pk} ${dk}`, `INSERT OR REPLACE INTO device (pk, dk, state) VALUES (${values})`);
  }

  saveValue({ pk, dk, slot, json }: ValueRow): void {
    const where = `pk = ${literal(pk)} AND dk = ${literal(dk)} AND slot = ${slot}`;
    const values = json === null ? "" : [literal(pk), literal(dk), slot, literal(json)].join();
    const put = `INSERT OR REPLACE INTO value (pk, dk, slot, json) VALUES (${values})`;
    this.change(`${pk} ${dk} ${slot}`, json === null ? `DELETE FROM value WHERE ${where}` : put);
  }

  remove({ pk, dk }: Pick<Row, "pk" | "dk">): void {
    for (const key of this.changes.keys()) if (key.startsWith(`${pk} ${dk} `)) this.changes.delete(key);
    const where = `pk = ${literal(pk)} AND dk = ${literal(dk)}`;
    this.change(`${pk} ${dk}`, `DELETE FROM device WHERE ${where}`);
    this.change(`${pk} ${dk} *`, `DELETE FROM value WHERE ${where}`);
  }

  /** Calls back, in the order of the calls, once all changes until now are durable, also against a power cut. */
  after(done: () => void): void {
    if (this.running) this.waiting.push(done);
    else done();
  }

  /** Ends when everything is durable. */
  async close(): Promise<void> {
    await this.running;
    this.leave();
  }

  private leave(): void {
    if (!this.place) return;
    this.place.writer.close();
    this.place.database.close();
    this.place.unlock();
  }

  private change(key: string, sql: string): void {
    if (!this.place) return;
    this.changes.set(key, sql);
    // Behind all that has arrived by now: every socket that can be read is read before.
    this.running ??= new Promise(setImmediate).then(() => this.write(this.place!)).catch(fail);
  }

  /** @throws FailedError when the changes are not durable, for a full disk say: the cloud ends before it says otherwise */
  private async write({ writer, directory }: Place): Promise<void> {
    while (this.changes.size || this.waiting.length) {
      const sql = [...this.changes.values()];
      const { waiting } = this;
      this.changes.clear();
      this.waiting = [];
      try {
        // The PRAGMA is for this connection: the writer has its own, and each change finds it set.
        if (sql.length) await writer.exec(["PRAGMA synchronous = FULL;BEGIN IMMEDIATE", ...sql, "COMMIT"].join(";"));
      } catch (error) {
        const advice = "free some space and start again";
        throw new FailedError(`cannot keep state in ${directory} (${reasonOf(error)}): ${advice}`);
      }
      for (const done of waiting) done();
    }
    this.running = undefined;
  }
}

/** Ends the process: what it would say from now on is not durable. */
function fail(error: unknown): Promise<never> {
  setImmediate(() => {
    throw error;
  });
  return new Promise(() => {});
}

/** Without the statement, which may hold a secret. */
const reasonOf = (error: unknown): string => systemCode(error) ?? "the database does not write";

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
