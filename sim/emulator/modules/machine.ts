/** Globals of the machine: E, process, the console, base64, and modules that hardly do anything off the chip. */

import { crc32 } from "node:zlib";

import { MODULES } from "../../../compiler/gate/features.js";
import { isBuffer, isBytes, itemsOf } from "../language/bytes.js";
import { fromBase64 } from "../language/sources.js";
import type { Realm } from "../realm/realm.js";
import { inspect } from "./inspect.js";

type Fields = Record<string, unknown>;

/** JsVars of an ESP32 without PSRAM, roughly: (free heap - ESP_HEAP_SIZE) / 14. */
const TOTAL_VARS = 5000;

export const VERSION = "2v29";

/** Espruino's generator starts from constants on ESP32, so every boot repeats its numbers (jsutils.c). */
export function repeatingRandom(seed = 0xdeadbeef): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Espruino's generator where a program starts it itself (E.srand). */
export interface Generator {
  random(): number;
  start(seed: number): void;
}

export function createGenerator(random: () => number): Generator {
  let own: (() => number) | undefined;
  return {
    random: () => (own ?? random)(),
    start: (seed) => (own = repeatingRandom(seed)),
  };
}

/** Functions of E that work on bytes and numbers. */
function eBytes(realm: Realm): Fields {
  return {
    CRC32: (data: unknown) => (isIterable(data) ? crc32(bytesOf(realm, data)) : undefined),
    sum(data: unknown) {
      if (typeof data !== "string" && !Array.isArray(data) && !isBuffer(data)) {
        throw realm.error(`First argument must be Array, not ${typeof data}`);
      }
      const numbers = itemsOf(data).map((one) =>
        typeof data === "string" ? String(one).charCodeAt(0) : realm.float(one),
      );
      return numbers.reduce((sum, one) => sum + one, 0);
    },
    toString: (...data: unknown[]) => Buffer.from(realm.lowBytes(data)).toString("latin1"),
    toUint8Array: (...data: unknown[]) => realm.bytes(realm.lowBytes(data)),
    toArrayBuffer: (data: unknown) => (typeof data === "string" ? realm.bytes(realm.lowBytes(data)).buffer : undefined),
    reverseByte: (value: unknown) =>
      Number.parseInt(byteOf(realm, value).toString(2).padStart(8, "0").split("").reverse().join(""), 2),
    clip: (value: unknown, low: unknown, high: unknown) =>
      Math.min(Math.max(realm.float(value), realm.float(low)), realm.float(high)),
  };
}

/** Elements, of an object its members, of a text the codes of its characters. */
function elementsOf(data: unknown): unknown[] {
  if (typeof data === "string") return [...Buffer.from(data, "latin1")];
  const plain = typeof data === "object" && data !== null && !Array.isArray(data) && !isBuffer(data);
  return plain ? Object.values(data) : itemsOf(data);
}

/** The low byte of each element. */
function bytesOf(realm: Realm, data: unknown): Uint8Array {
  if (isBytes(data)) return data;
  if (typeof data === "string") return Buffer.from(data, "latin1");
  return Uint8Array.from(elementsOf(data), (one) => byteOf(realm, one));
}

const isIterable = (data: unknown): boolean => typeof data === "string" || (typeof data === "object" && data !== null);

function byteOf(realm: Realm, value: unknown): number {
  return realm.int(value) & 255;
}

function eObject(realm: Realm, generator: Generator, restart: () => void): Fields {
  return realm.make({
    ...eBytes(realm),
    getErrorFlags: () => realm.array([]),
    getSizeOf: (value: unknown) => 1 + Math.ceil(realm.text(value).length / 10),
    hwRand: () => generator.random() | 0,
    srand: (seed: unknown) => generator.start(realm.int(seed)),
    enableWatchdog: () => {},
    kickWatchdog: () => {},
    setPassword: () => {},
    lockConsole: () => {},
    setBootCode: () => {
      throw realm.error("emulator: boot code is written by the flashing tool", "InternalError");
    },
    getTemperature: () => NaN,
    reboot: restart,
  });
}

function processObject(realm: Realm, serial: string): Fields {
  const env = { VERSION, BOARD: "ESP32", FLASH: 0x400000, STORAGE: 896 * 1024, SERIAL: serial, CONSOLE: "Serial1" };
  const process = realm.make({
    memory: () =>
      realm.object({ free: TOTAL_VARS - 700, usage: 700, total: TOTAL_VARS, history: 0, gc: 0, blocksize: 14 }),
  });
  process.version = VERSION;
  process.env = realm.object({ ...env, MODULES: [...MODULES].join(",") });
  return process;
}

export interface MachineHost {
  readonly realm: Realm;
  readonly generator: Generator;
  /** Tells one device from another; part of env.SERIAL. */
  readonly serial: string;
  print(line: string): void;
  /** Seconds of the device's clock. */
  seconds(): number;
  setSeconds(seconds: number): void;
  /** Boots again; false: without boot code. */
  restart(bootCode: boolean): void;
}

/** Where ESP-IDF's headers have the radio's random number on ESP32. */
const RANDOM_REGISTER = 0x3ff75144;

/** Globals that stand in every program. */
export function machineGlobals(host: MachineHost): Fields {
  const { realm } = host;
  const print = (...values: unknown[]): void => host.print(values.map((one) => inspect(one)).join(" "));
  return {
    E: eObject(realm, host.generator, () => host.restart(true)),
    process: processObject(realm, host.serial),
    print,
    console: realm.make({ log: print, debug: print, info: print, warn: print, error: print, trace() {} }),
    getTime: () => host.seconds(),
    setTime: (seconds: unknown) => host.setSeconds(Number(seconds)),
    // Only the radio's random number is in memory, and it is as predictable as all else here.
    peek32: (address: number) => (address === RANDOM_REGISTER ? host.generator.random() : 0),
    atob(text: unknown) {
      if (typeof text !== "string") throw realm.error(`Expecting String, got ${typeof text}`);
      return fromBase64(text);
    },
    btoa(data: unknown) {
      if (!isIterable(data)) throw realm.error(`Expecting String or Array, got ${typeof data}`);
      return Buffer.from(bytesOf(realm, data)).toString("base64");
    },
    load: () => host.restart(true),
    reset: () => host.restart(false),
    echo: () => {},
    edit: () => {},
    trace: () => {},
    dump: () => {},
    setBusyIndicator: () => {},
    setSleepIndicator: () => {},
  };
}

/** Modules without anything behind them: setting them up is all that device code does. */
export function idleModules(realm: Realm): Record<string, Fields> {
  return {
    TelnetServer: realm.make({ setOptions: () => {} }),
    timer: realm.make({ list: () => realm.array([]) }),
    neopixel: realm.make({ write: () => {} }),
  };
}
