/** Espruino's `Storage`: named files in flash that can be written once, byte by byte, until they are erased. */

import { crc32 } from "node:zlib";

import { isBuffer } from "../language/bytes.js";
import type { Realm } from "../realm/realm.js";
import type { OnOperation } from "./flash.js";

/** Room for file names (JSF_FILENAME_LEN). */
const NAME_LIMIT = 28;
/** Size of the Storage area on ESP32. */
const STORAGE_SIZE = 896 * 1024;
/** Bytes of a file's header. */
const HEADER = 32;

/** What an operation throws in whose middle the power has gone. */
class PowerLost extends Error {}

/** The files, which outlive the device's power. */
export class StorageFiles {
  /** Told of what the device does here: it erases a file, makes one that is erased, writes bytes of it. */
  onOperation: OnOperation = () => undefined;
  private readonly files = new Map<string, Uint8Array>();
  /** Bytes of erased files, which stay in use until the area is compacted. */
  private trash = 0;

  static nameOf(name: unknown): string {
    const text = String(name);
    return (/^[a-z]:/.test(text) ? text.slice(2) : text).slice(0, NAME_LIMIT);
  }

  names(): string[] {
    return [...this.files.keys()];
  }

  read(name: unknown): Uint8Array | undefined {
    return this.files.get(StorageFiles.nameOf(name));
  }

  text(name: unknown): string | undefined {
    const bytes = this.read(name);
    return bytes && Buffer.from(bytes).toString("latin1");
  }

  /** @throws PowerLost */
  erase(name: unknown): void {
    const key = StorageFiles.nameOf(name);
    const file = this.files.get(key);
    if (!file) return;
    const tear = this.onOperation({ kind: "erase", file: key, offset: 0, length: file.length });
    // One word of its header, which says so or does not.
    if (!tear || tear(0)) {
      this.trash += sizeOf(file.length);
      this.files.delete(key);
    }
    if (tear) throw new PowerLost();
  }

  eraseAll(): void {
    this.files.clear();
    this.trash = 0;
  }

  compact(): void {
    this.trash = 0;
  }

  trashed(): number {
    return this.trash;
  }

  used(): number {
    return [...this.files.values()].reduce((sum, file) => sum + sizeOf(file.length), 0);
  }

  free(): number {
    return STORAGE_SIZE - this.used() - this.trash;
  }

  /** Writes from outside, whatever becomes of the device's power. */
  install(name: string, data: Uint8Array): void {
    const { onOperation } = this;
    this.onOperation = () => undefined;
    this.write(name, data);
    this.onOperation = onOperation;
  }

  /** @returns a sentence that says why not, or "" @throws PowerLost */
  write(name: unknown, data: Uint8Array, offset = 0, size = 0): string {
    const key = StorageFiles.nameOf(name);
    if (!data.length && !size) return "Can't create zero length file";
    const length = size || data.length;
    const old = this.files.get(key);
    if (offset || (old?.length === length && isErased(old))) return this.writePart(key, old, data, offset);
    if (data.length > length) return "Too much data for file size";
    if (old?.length === length && Buffer.from(old).equals(data)) return "";
    this.erase(key);
    if (sizeOf(length) > this.free()) this.compact();
    if (sizeOf(length) > this.free()) return "Unable to find or create file";
    const tear = this.onOperation({ kind: "write", file: key, offset: 0, length: 0 });
    const file = new Uint8Array(length).fill(0xff);
    // The header, which is whole or makes no file.
    if (!tear || tear(0)) this.files.set(key, file);
    if (tear) throw new PowerLost();
    return this.writePart(key, file, data, 0);
  }

  private writePart(key: string, file: Uint8Array | undefined, data: Uint8Array, offset: number): string {
    if (!file) return "Unable to find or create file";
    if (offset + data.length > file.length) return "Too much data for file size";
    if (!isErased(file.subarray(offset, offset + data.length))) return "File already written with different data";
    const tear = this.onOperation({ kind: "write", file: key, offset, length: data.length, bytes: data });
    for (let i = 0; i < data.length; i++) file[offset + i] &= data[i] | (tear ? ~tear(i) : 0);
    if (tear) throw new PowerLost();
    return "";
  }
}

function isErased(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0xff);
}

/** Bytes that a file takes, header included, in whole words. */
function sizeOf(length: number): number {
  return HEADER + Math.ceil(length / 4) * 4;
}

/** @param powerLost ends the device in the middle of its job */
export function storageModule(realm: Realm, files: StorageFiles, powerLost: () => never): Record<string, unknown> {
  const powered = <T>(operation: () => T): T => {
    try {
      return operation();
    } catch (error) {
      if (error instanceof PowerLost) powerLost();
      throw error;
    }
  };
  const write = (name: unknown, data: Uint8Array, offset?: number, size?: number): boolean => {
    if (!StorageFiles.nameOf(name)) throw realm.error("emulator: a file needs a name", "InternalError");
    const problem = powered(() => files.write(name, data, offset, size));
    if (problem) throw realm.error(problem);
    return true;
  };
  const list = (pattern?: RegExp): string[] => files.names().filter((name) => !pattern || pattern.test(name));
  return realm.make({
    read(name: string, offset: unknown, length: unknown) {
      const start = Math.max(0, realm.int(offset));
      const size = realm.int(length);
      return files.text(name)?.substring(start, size > 0 ? start + size : undefined);
    },
    readJSON(name: string, noExceptions?: boolean) {
      const text = files.text(name);
      if (text === undefined) return undefined;
      try {
        return realm.json(text, true);
      } catch (error) {
        if (noExceptions) return undefined;
        throw error;
      }
    },
    readArrayBuffer(name: string) {
      const bytes = files.read(name);
      return bytes && realm.bytes(bytes).buffer;
    },
    write(name: string, data: unknown, offset: unknown, size: unknown) {
      if (realm.int(offset) < 0 || realm.int(size) < 0) return false;
      const plain = data && typeof data === "object" && !Array.isArray(data) && !isBuffer(data);
      if (plain) return write(name, latin1(realm.text(data)));
      if (data === undefined || data === null) throw realm.error("Can't get pointer to data to write");
      return write(name, realm.pointedAt(data), realm.int(offset), realm.int(size));
    },
    writeJSON: (name: string, data: unknown) => write(name, latin1(realm.text(data, true))),
    hash: (pattern?: RegExp) =>
      crc32(
        list(pattern)
          .sort()
          .map((name) => `${name}\0${files.text(name)}`)
          .join("\0"),
      ) | 0,
    erase: (name: string) => powered(() => files.erase(name)),
    eraseAll: () => files.eraseAll(),
    compact: () => files.compact(),
    list: (pattern?: RegExp) => realm.array(list(pattern)),
    getFree: () => files.free(),
    getStats: () =>
      realm.object({
        totalBytes: STORAGE_SIZE,
        freeBytes: files.free(),
        fileBytes: files.used(),
        fileCount: files.names().length,
        trashBytes: files.trashed(),
      }),
  });
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");
