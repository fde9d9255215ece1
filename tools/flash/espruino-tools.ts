/**
 * The packets of EspruinoTools, without the rest of it. Its own start-up puts names into the global scope, prints some
 * forty lines and asks a web site for the board, and its TCP and serial drivers are not for us: the one sends bytes above
 * 7F as UTF-8, which breaks packets, and neither reports a port that cannot be opened. So only the files of the packet
 * protocol are loaded, in a context of their own.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import { createContext, runInContext } from "node:vm";

import * as acorn from "acorn";

import { UsageError } from "../../sim/errors.js";

/** What is used of EspruinoTools' connection (core/serial.js). Bytes are strings of characters 0-255. */
export interface PacketConnection {
  isOpen: boolean;
  /** Most bytes in one write. */
  chunkSize: number;
  writeLowLevel: (bytes: string) => Promise<void>;
  closeLowLevel: () => void;
  on(event: "data" | "line", listener: (text: string) => void): void;
  openHandler(): void;
  closeHandler(): void;
  rxDataHandler(bytes: ArrayBuffer): void;
  write(bytes: string): Promise<void>;
  /** Evaluates an expression by a packet; rejects with a sentence, not an Error, when it fails or `timeout` ms pass. */
  espruinoEval(expression: string, options: { timeout: number }): Promise<unknown>;
}

const FILES = ["espruino.js", "core/utils.js", "core/serial.js"];

function resolver(): NodeJS.Require {
  try {
    return createRequire(createRequire(import.meta.url).resolve("espruino/package.json"));
  } catch {
    throw new UsageError("EspruinoTools is not installed, which flashing needs: npm install espruino");
  }
}

/** A new connection that speaks Espruino's packets. @throws UsageError when EspruinoTools is not installed */
export function packetConnection(): PacketConnection {
  const folder = dirname(resolver().resolve("espruino/package.json"));
  const silent = { log() {}, warn() {}, error() {} };
  const context = createContext({ console: silent, setTimeout, clearTimeout, setInterval, clearInterval });
  for (const file of FILES) {
    runInContext(readFileSync(join(folder, file), "utf8"), context, { filename: file });
  }
  const { Core } = (context as { Espruino: { Core: { Serial: { connection: PacketConnection } } } }).Espruino;
  return Core.Serial.connection;
}

/**
 * EspruinoTools' pretokeniser, as its option PRETOKENISE sets it for every version of the interpreter that knows all tokens.
 * @throws UsageError when EspruinoTools is not installed
 */
export function pretokeniser(): (code: string) => string {
  const resolve = resolver();
  const file = resolve.resolve("espruino/plugins/pretokenise.js");
  const Espruino = { Plugins: {}, Config: { PRETOKENISE: 2 }, Core: { Env: { getBoardData: () => ({}) } } };
  const context = createContext({ Espruino, acorn });
  runInContext(readFileSync(file, "utf8"), context, { filename: file });
  return (Espruino.Plugins as { Pretokenise: { tokenise(code: string): string } }).Pretokenise.tokenise;
}

/** What is used of `serialport`: a stream of bytes that is closed in its own way. */
export type SerialStream = Duplex & { close(closed: (error: Error | null) => void): void };
export type SerialPort = new (options: { path: string; baudRate: number }) => SerialStream;

/** The `serialport` package that EspruinoTools brings. @throws UsageError when it could not be installed */
export function serialPort(): SerialPort {
  try {
    return (resolver()("serialport") as { SerialPort: SerialPort }).SerialPort;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError("the package `serialport` is not installed, which serial ports need: npm install espruino");
  }
}
