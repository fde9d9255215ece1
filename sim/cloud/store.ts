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

/** What is to be run in the next transaction. */
interface Change {
  sql: string;
  values: (string | number)[];
}

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
  /** By what they change, in the order in which they are made; a newer change of the same takes the older one's place. */
  private readonly changes = new Map<string, Change>();
  private waiting: (() => void)[] = [];
  private scheduled = false;
  /** By their text. */
  private readonly statements = new Map<string, Database.Statement>();

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

  /** Hands over what the slots of a device hold. */
  eachValue({ pk, dk }: Pick<Row, "pk" | "dk">, take: (slot: number, json: string) => void): void {
    if (!this.place) return;
    const query = this.place.database.prepare("SELECT slot, json FROM value WHERE pk = ? AND dk = ? ORDER BY slot");
    for (const { slot, json } of query.all(pk, dk) as { slot: number; json: string }[]) take(slot, json);
  }

  save({ pk, dk, state }: Row): void {
    this.change(`${pk} ${dk}`, "INSERT OR REPLACE INTO device (pk, dk, state) VALUES (?, ?, ?)", [pk, dk, state]);
  }

  saveValue({ pk, dk, slot, json }: ValueRow): void {
    const key = `${pk} ${dk} ${slot}`;
    if (json === null) this.change(key, "DELETE FROM value WHERE pk = ? AND dk = ? AND slot = ?", [pk, dk, slot]);
    else
      this.change(key, "INSERT OR REPLACE INTO value (pk, dk, slot, json) VALUES (?, ?, ?, ?)", [pk, dk, slot, json]);
  }

  remove({ pk, dk }: Pick<Row, "pk" | "dk">): void {
    for (const key of this.changes.keys()) if (key.startsWith(`${pk} ${dk} `)) this.changes.delete(key);
    this.change(`${pk} ${dk}`, "DELETE FROM device WHERE pk = ? AND dk = ?", [pk, dk]);
    this.change(`${pk} ${dk} *`, "DELETE FROM value WHERE pk = ? AND dk = ?", [pk, dk]);
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

  private change(key: string, sql: string, values: Change["values"]): void {
    if (!this.place) return;
    this.changes.set(key, { sql, values });
    if (this.scheduled) return;
    this.scheduled = true;
    // Behind all that has arrived by now: every socket that can be read is read before.
    setImmediate(() => this.commit());
  }

  /** @throws FailedError when the changes are not durable, for a full disk say: the cloud ends before it says otherwise */
  private commit(): void {
    const changes = [...this.changes.values()];
    this.changes.clear();
    if (changes.length) this.write(changes);
    const waiting = this.waiting;
    this.waiting = [];
    this.scheduled = false;
    for (const done of waiting) done();
  }

  private write(changes: Change[]): void {
    const { directory } = this.place!;
    try {
      this.place!.database.exec("BEGIN IMMEDIATE");
      for (const { sql, values } of changes) this.statement(sql).run(...values);
      this.place!.database.exec("COMMIT");
    } catch (error) {
      throw new FailedError(`cannot keep state in ${directory} (${messageOf(error)}): free some space and start again`);
    }
  }

  private statement(sql: string): Database.Statement {
    let statement = this.statements.get(sql);
    if (!statement) this.statements.set(sql, (statement = this.place!.database.prepare(sql)));
    return statement;
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
