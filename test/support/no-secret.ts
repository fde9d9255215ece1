/**
 * A root hook of all tests: listens to every console of a device, every cloud and every command, notes every secret that
 * they use, and fails at the end when one was heard.
 */

import { accessPointPassword, keyOfPop } from "../../sim/app/level1.js";
import { DeviceRecord } from "../../sim/cloud/device-record.js";
import { Console } from "../../sim/emulator/console.js";
import { EmulatedDevice, type DeviceOptions } from "../../sim/emulator/index.js";
import { InterpreterDevice } from "../../sim/emulator/interpreter/device.js";
import { sealOf } from "../../tools/factory/seal.js";
import { IDENTITY_BLOCKS } from "../../src/codec/record.js";
import { readIdentity } from "../../src/credentials/factory-identity.js";
import { openJournal } from "../../src/storage/journal.js";
import * as keys from "../../src/storage/keys.js";
import { checksum, MemoryFlash } from "./hal.js";
import { watch } from "./secrets.js";

/** Runs something before a method of a class does its work. */
function before<T extends object, K extends keyof T>(owner: T, name: K, look: (self: T, args: never[]) => void): void {
  const original = owner[name] as (...args: unknown[]) => unknown;
  owner[name] = function (this: T, ...args: unknown[]): unknown {
    look(this, args as never[]);
    return original.apply(this, args);
  } as T[K];
}

/** What a device is given. */
function given({ flash: areas = [], networks = [], storage }: DeviceOptions): void {
  const flash = new MemoryFlash();
  for (const { offset, bytes } of areas) flash.bytes.set(bytes, offset);
  const options = JSON.parse(storage["binding.json"] ?? "{}") as Record<string, string>;
  const seal = sealOf(options.flashKey);
  const { ps, ds, seed, pop } = readIdentity({ flash, crc32: checksum }, seal);
  watch.secret("the flashKey", options.flashKey);
  watch.secret("the password of the console", options.console);
  watch.secret("a ProductSecret", ps);
  watch.secret("a DeviceSecret of the factory", ds);
  watch.secret("a factory seed", seed);
  watch.secret("a proof of possession", pop);
  if (pop) {
    watch.secret("K of a label", keyOfPop(pop).toString("latin1"));
    watch.secret("the password of an access point", accessPointPassword(pop));
  }
  for (const { password } of networks) watch.secret("a Wi-Fi password", password);
}

/** What a device has made or was told, as it stands in its flash. */
function kept(bytes: Uint8Array): void {
  const flash = new MemoryFlash();
  flash.bytes = Buffer.from(bytes);
  const journal = openJournal(flash, checksum, IDENTITY_BLOCKS, 14);
  watch.secret("a DeviceSecret", journal.text(keys.KEY_DS));
  watch.secret("a bindingSecret", journal.text(keys.KEY_SECRET));
  watch.secret("a Wi-Fi password", journal.text(keys.KEY_PASSWORD));
  watch.secret("an authKey", journal.text(keys.KEY_AUTH_KEY));
  watch.secret("the state of a random generator", journal.text(keys.KEY_RANDOM));
}

/** What a cloud knows of a device. */
function known({ ds, nextDs, secret, authKey, nextAuthKey, product }: DeviceRecord): void {
  watch.secret("a DeviceSecret", ds);
  watch.secret("a DeviceSecret", nextDs);
  watch.secret("a bindingSecret", secret);
  watch.secret("an authKey", authKey?.toString("latin1"));
  watch.secret("an authKey", nextAuthKey?.toString("latin1"));
  watch.secret("a ProductSecret", product.ps);
}

/** Whoever calls a cloud has a token; what the cloud answers is for people to read, but for the data of a success. */
function listenToCalls(): void {
  const { fetch } = globalThis;
  globalThis.fetch = async (target, init) => {
    const headers = new Headers(init?.headers);
    watch.secret("a token", headers.get("authorization") ?? undefined);
    const response = await fetch(target, init);
    // A stream of events ends with its cloud only.
    if (response.headers.get("content-type") === "text/event-stream") return response;
    const { msg, extMsg } = ((await response
      .clone()
      .json()
      .catch(() => undefined)) ?? {}) as Record<string, unknown>;
    watch.said("an answer of the cloud", `${msg} ${extMsg}`);
    return response;
  };
}

/** A process that runs many files listens once. */
let listens = false;

export const mochaHooks = {
  beforeAll(): void {
    if (listens) return;
    listens = true;
    before(Console.prototype, "print", (_, [text]) => watch.said("a device's console", text));
    before(EmulatedDevice, "start", (_, [options]) => given(options));
    before(InterpreterDevice, "start", (_, [options]) => given(options));
    before(EmulatedDevice.prototype, "stop", (device) => kept(device.flash));
    before(DeviceRecord.prototype, "save", (device) => known(device));
    before(DeviceRecord.prototype, "openWindow", (_, [code]) => watch.secret("a bindingCode", code));
    listenToCalls();
  },

  /** @throws Error that names each secret and who has said it */
  afterAll(): void {
    const leaks = watch.leaks();
    if (leaks.length) throw new Error(`a secret was told:\n  ${leaks.join("\n  ")}`);
    console.log(`  ${watch.summary()}`);
  },
};
