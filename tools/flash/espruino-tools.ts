/** What EspruinoTools brings: its pretokeniser, loaded in a context of its own, and the `serialport` package. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Duplex } from "node:stream";
import { createContext, runInContext } from "node:vm";

import * as acorn from "acorn";

import { UsageError } from "../../sim/errors.js";

function resolver(): NodeJS.Require {
  try {
    return createRequire(createRequire(import.meta.url).resolve("espruino/package.json"));
  } catch {
    throw new UsageError("EspruinoTools is not installed, which serial ports need: npm install espruino");
  }
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
