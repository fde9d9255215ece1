/** The real interpreter as a board that is to be flashed: empty but for the simulated radio, with its console on telnet. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { AccessPoint } from "../engine.js";
import { RADIO_FILE, radioFile, WIFI_MODULE, WIFI_MODULE_NAME } from "../radio/wifi.js";
import { install } from "./install.js";
import { InterpreterProcess } from "./process.js";

/** Where the Linux build serves telnet: it cannot be told another port. */
export const TELNET_PORT = 2323;
const HOST = "127.0.0.1";
const FLASH_FILE = "espruino.flash";
/** How the line editor clears its line before a program prints. */
const CLEARED = /^>?\r\x1b\[J/;
const TRIES = 100;
const PAUSE_MS = 50;

export interface BoardOptions {
  binary: string;
  /** Directory of its flash; what is in it already is what the board holds. */
  folder: string;
  /** What a new board's radio hears. */
  networks: AccessPoint[];
  onLine: (line: string) => void;
  /** Told why, when the interpreter ends by itself. */
  onDeath: (why: string) => void;
}

export interface Board {
  /** For `--port`. */
  readonly port: string;
  /** Whether its flash was there already. */
  readonly known: boolean;
  stop(): Promise<void>;
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(TELNET_PORT, HOST);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** @throws Error when the interpreter does not take its files, or opens no console */
export async function startBoard({ binary, folder, networks, onLine, onDeath }: BoardOptions): Promise<Board> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const flash = join(folder, FLASH_FILE);
  const known = existsSync(flash);
  if (!known) {
    writeFileSync(flash, "", { mode: 0o600 });
    const files = { [WIFI_MODULE_NAME]: WIFI_MODULE, [RADIO_FILE]: radioFile(HOST, networks) };
    await install(binary, folder, files, []);
  }
  const print = (line: string): void => onLine(line.replace(CLEARED, ""));
  const running = new InterpreterProcess(binary, ["--telnet"], folder, print, onDeath);
  // The firmware of a board that is known may have closed it.
  for (let tries = 1; !known && !(await answers()); tries++) {
    if (tries === TRIES) {
      await running.kill();
      throw new Error(`it opens no console on port ${TELNET_PORT}`);
    }
    await sleep(PAUSE_MS);
  }
  return { port: `tcp://${HOST}:${TELNET_PORT}`, known, stop: () => running.kill() };
}
