/** Globals of the machine: E, process, the console, base64, and modules that hardly do anything off the chip. */

import { crc32 } from "node:zlib";

import { MODULES } from "../../../compiler/gate/features.js";
import type { Realm } from "../realm/realm.js";
import { toBytes } from "./flash.js";
import { inspect } from "./inspect.js";

type Fields = Record<string, unknown>;

/** JsVars of an ESP32 without PSRAM, roughly: (free heap - ESP_HEAP_SIZE) / 14. */
const TOTAL_VARS = 5000;

export const VERSION = "2v29";

/** Espruino's generator starts from constants on ESP32, so every boot repeats its numbers (jsutils.c). */
export function repeatingRandom(): () => number {
  let state = 0xdeadbeef;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

function eObject(realm: Realm, random: () => number, restart: () => void): Fields {
  const bytes = (data: unknown): Uint8Array => realm.bytes(toBytes(data));
  return realm.make({
    CRC32: (data: unknown) => crc32(toBytes(data)),
    sum: (data: unknown) => toBytes(data).reduce((sum, byte) => sum + byte, 0),
    toString: (...data: unknown[]) => data.map((one) => byteString(one)).join(""),
    toUint8Array: (...data: unknown[]) => bytes(data.map((one) => byteString(one)).join("")),
    toArrayBuffer: (data: unknown) => bytes(data).buffer,
    getErrorFlags: () => realm.array([]),
    getSizeOf: (value: unknown) => 1 + Math.ceil((realm.text(value) ?? "").length / 10),
    hwRand: () => random() | 0,
    srand: () => {},
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

/** Bytes of a number, string or array as a string. */
function byteString(data: unknown): string {
  return Buffer.from(toBytes(typeof data === "number" ? [data] : data)).toString("latin1");
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
  readonly random: () => number;
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
    E: eObject(realm, host.random, () => host.restart(true)),
    process: processObject(realm, host.serial),
    print,
    console: realm.make({ log: print, debug: print, info: print, warn: print, error: print, trace() {} }),
    getTime: () => host.seconds(),
    setTime: (seconds: unknown) => host.setSeconds(Number(seconds)),
    // Only the radio's random number stands in memory, and it is as predictable as all else here.
    peek32: (address: number) => (address === RANDOM_REGISTER ? host.random() : 0),
    atob: (text: string) => Buffer.from(String(text), "base64").toString("latin1"),
    btoa: (data: unknown) => Buffer.from(toBytes(data)).toString("base64"),
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
