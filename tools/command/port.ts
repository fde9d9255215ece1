/** The options of all commands that talk to a device's console, and how they open it. */
import { Option, type Command } from "commander";
import type { Console } from "../flash/console.js";
import * as ports from "../flash/port-link.js";
import { UsageError } from "../../sim/errors.js";
import { fromFile } from "./secrets.js";
import { baudRate, flashAddress } from "./values.js";

/** Options of the device that say where its identity is, and how it is sealed. */
export interface AreaOptions {
  flashStart?: number;
  flashKeyFile?: string;
}

export interface PortOptions {
  port: string;
  baud: number;
}

/** The console's password comes from here only. */
export const CONSOLE_VARIABLE = "WIFI_BINDING_CONSOLE";

export function addPort(command: Command): Command {
  return command
    .requiredOption("--port <port>", "the device's console: /dev/ttyUSB0, or tcp://127.0.0.1:2323 for telnet", portName)
    .addOption(new Option("--baud <rate>", "speed of a serial port").argParser(baudRate).default(115200));
}

/** As the device's application gives them to `start`. */
export function addArea(command: Command): Command {
  return command
    .option("--flash-key-file <file>", "file with the device's option flashKey, - for standard input")
    .addOption(new Option("--flash-start <address>", "the device's option flashStart").argParser(flashAddress));
}

/** The key that seals flash, if there is one. */
export function flashKeyOf(options: AreaOptions): string | undefined {
  const key = fromFile(options.flashKeyFile, process.env.WIFI_BINDING_FLASH_KEY);
  if (key !== undefined && key.length < 16) throw new UsageError("a flashKey has 16 characters or more");
  return key;
}

function portName(text: string): string {
  ports.tcpAddress(text);
  return text;
}

/**
 * Opens the console.
 * @param signal ends the attempt: a port may be silent for long
 * @param more the password, where it is known better than in the environment
 */
export function openConsole(
  options: PortOptions,
  signal: AbortSignal,
  more: { password?: string; onLine?: (line: string) => void } = {},
): Promise<Console> {
  const password = more.password || process.env[CONSOLE_VARIABLE];
  return ports
    .openConsole(options.port, { baud: options.baud, onLine: more.onLine, password, signal })
    .catch((error: Error) => {
      if (!/is locked/.test(error.message)) throw error;
      throw new UsageError(`${error.message} in ${CONSOLE_VARIABLE}`);
    });
}
