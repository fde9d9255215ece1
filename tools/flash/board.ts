/** What is at the other end of a console, and whether it can run the firmware. */

import { FailedError } from "../../sim/errors.js";
import type { Evaluator } from "./console.js";

/** Modules that the device code requires; a build may also have them in Storage. `tls` is optional, `crypto` has a stand-in. */
const NEEDED = ["net", "dgram", "Wifi", "Flash", "Storage"];
/** How often a garbled answer is asked for again. */
const ATTEMPTS = 5;
/** The version that all of this was tried on. */
const LEAST_VERSION = "2v29";
/** Where the binding's 64 KiB begin by default: as src/hal/espruino/index.ts has it. */
const AREA_LINUX = 0x10030000;
const AREA_ESP32 = 0x310000;

export interface Board {
  /** `ESP32`, `ESP32C3`…, `LINUX`. */
  board: string;
  /** Of the interpreter: `2v29`. */
  version: string;
  /** The chip's own number: on ESP32 its MAC address. */
  serial: string;
  tls: boolean;
  /** Without it the device needs the module WifiBindingCrypto. */
  crypto: boolean;
  /** Whether the build has Bluetooth. */
  ble: boolean;
  /** Where the binding's 64 KiB begin. */
  area: number;
  /** Bytes that Storage can take without being compacted, and with it. */
  free: number;
  trash: number;
}

/** process.env is large: only what is needed. */
const ENVIRONMENT =
  "(function(e){return{BOARD:e.BOARD,VERSION:e.VERSION,MODULES:e.MODULES,SERIAL:e.SERIAL,BLE:typeof NRF!='undefined'}})(process.env)";
const SPACE = '(function(s){s=require("Storage").getStats();return[s.freeBytes,s.trashBytes]})()';

interface Environment {
  BOARD: string;
  VERSION: string;
  MODULES: string;
  SERIAL: string;
  BLE: boolean;
}

function isEnvironment(value: unknown): value is Environment {
  const { BOARD, VERSION, MODULES, SERIAL } = (value ?? {}) as Partial<Environment>;
  const texts = [BOARD, VERSION, MODULES, SERIAL];
  return texts.every((text) => typeof text === "string") && /^\d+v\d+/.test(VERSION!);
}

function isSpace(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((bytes) => Number.isInteger(bytes) && bytes >= 0);
}

/** A value of the expected kind: one that is not was garbled on its way, is asked for again, and is never judged. */
async function readable<T>(device: Evaluator, expression: string, fits: (value: unknown) => value is T): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const value = await device.eval(expression);
    if (fits(value)) return value;
  }
  throw new FailedError("the device's answers about itself cannot be read: check the cable and its speed");
}

/** `2v29.1` as a number that can be compared. */
function rank(version: string): number {
  const [, major = "0", minor = "0"] = /^(\d+)v(\d+)/.exec(version) ?? [];
  return Number(major) * 1000 + Number(minor);
}

/** Modules that the device code needs and the board has neither built in nor in Storage. */
async function missingModules(device: Evaluator, modules: string): Promise<string[]> {
  const builtIn = modules.split(",");
  const absent = NEEDED.filter((name) => !builtIn.includes(name));
  if (!absent.length || !builtIn.includes("Storage")) return absent;
  const list = JSON.stringify(absent);
  return (await device.eval(`${list}.filter(function(n){return !require("Storage").read(n)})`)) as string[];
}

/**
 * Looks at the board.
 * @param expected its name as `process.env.BOARD` gives it, when it must be that one
 * @param flashStart the option of the device
 * @throws FailedError that says what is lacking
 */
export async function inspectBoard(device: Evaluator, expected?: string, flashStart?: number): Promise<Board> {
  const env = await readable(device, ENVIRONMENT, isEnvironment);
  if (expected && env.BOARD.toLowerCase() !== expected.toLowerCase()) {
    throw new FailedError(`this board is ${env.BOARD}, not ${expected}: nothing was written`);
  }
  if (rank(env.VERSION) < rank(LEAST_VERSION)) {
    throw new FailedError(
      `Espruino ${env.VERSION} is too old, ${LEAST_VERSION} is needed: update it with esptool first`,
    );
  }
  const missing = await missingModules(device, env.MODULES);
  if (missing.length) {
    throw new FailedError(
      `this build of Espruino (${env.BOARD} ${env.VERSION}) has no ${missing.join(", ")}: nothing was written`,
    );
  }
  const [free, trash] = await readable(device, SPACE, isSpace);
  const [tls, crypto] = ["tls", "crypto"].map((name) => env.MODULES.split(",").includes(name)) as [boolean, boolean];
  const area = flashStart || (env.BOARD === "LINUX" ? AREA_LINUX : AREA_ESP32);
  const { BOARD: board, VERSION: version, SERIAL: serial, BLE: ble } = env;
  return { board, version, serial, tls, crypto, ble, area, free, trash };
}
