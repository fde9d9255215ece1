/** The updates that operators have uploaded, newest last: in a directory of files, or in memory. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

import { FailedError, messageOf, UsageError } from "../../errors.js";
import { releaseOf, type Release, type Staging } from "./release.js";

/** Releases of one product that are kept; the oldest makes way. */
const MOST = 20;

/** Writes a file whole or not at all, also through a power cut. */
function writeWhole(path: string, content: Uint8Array | string): void {
  const bytes = Buffer.from(content);
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}

/** What is beside the file of an update. */
interface Entry extends Staging {
  /** Counts uploads. */
  order: number;
}

export class Releases {
  private readonly releases: Release[] = [];
  private readonly folder?: string;
  private order = 0;

  /**
   * @param data directory of the cloud's state; without one releases end with the process
   * @throws UsageError when a release of it cannot be read
   */
  constructor(data?: string) {
    if (data === undefined) return;
    this.folder = join(data, "updates");
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const found = readdirSync(this.folder).filter((name) => name.endsWith(".json"));
      const entries = found.map((name) => this.read(name.replace(/\.json$/, ""))).sort((a, b) => a.order - b.order);
      this.releases.push(...entries.map(({ release }) => release));
      this.order = entries.at(-1)?.order ?? 0;
    } catch (error) {
      throw new UsageError(`the updates in ${this.folder} are damaged (${messageOf(error)}): remove them`);
    }
  }

  find(id: string): Release | undefined {
    return this.releases.find((release) => release.id === id);
  }

  /** Of a product, newest first; of all products without one. */
  of(pk?: string): Release[] {
    return this.releases.filter((release) => pk === undefined || release.pk === pk).reverse();
  }

  /** Adds a release or stages it anew, durably. It is the newest from now on. @throws FailedError when it cannot */
  put(release: Release): void {
    const { id, pk, percent, dks, signed } = release;
    const entry: Entry = { percent, dks, order: ++this.order };
    this.write(() => {
      if (!this.find(id)) writeWhole(this.pathOf(id, "update"), signed.bytes);
      writeWhole(this.pathOf(id, "json"), JSON.stringify(entry));
    });
    this.forget(id);
    this.releases.push(release);
    for (const old of this.of(pk).slice(MOST)) this.remove(old);
  }

  /** @throws FailedError when it cannot */
  remove({ id }: Release): void {
    this.write(() => {
      // Without its entry a file is no release.
      for (const ending of ["json", "update"]) rmSync(this.pathOf(id, ending), { force: true });
    });
    this.forget(id);
  }

  private forget(id: string): void {
    const at = this.releases.findIndex((release) => release.id === id);
    if (at >= 0) this.releases.splice(at, 1);
  }

  private read(id: string): { order: number; release: Release } {
    const { order, ...staging } = JSON.parse(readFileSync(this.pathOf(id, "json"), "utf8")) as Entry;
    return { order, release: releaseOf(readFileSync(this.pathOf(id, "update")), staging) };
  }

  private pathOf(id: string, ending: string): string {
    return join(this.folder!, `${id}.${ending}`);
  }

  private write(change: () => void): void {
    if (!this.folder) return;
    try {
      change();
    } catch (error) {
      throw new FailedError(`cannot keep updates in ${this.folder} (${messageOf(error)}): free some space`);
    }
  }
}
