/** Writes Storage files and raw flash into the fake flash file of a new device. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { DeviceOptions } from "../engine.js";
import { literal } from "../../../compiler/literal.js";
import { InterpreterProcess } from "./process.js";

/** Start of the binding's 64 KiB in the fake flash of the Linux build: its last ones. */
export const FLASH_START = 0x10030000;
/** Bytes that one statement writes, so that a small interpreter has room for them. */
const PIECE = 1024;
/** Statements that a small interpreter takes at a time. */
const FEW = 8;
const SCRIPT = "install.js";
const DONE = "installed";

function* pieces(bytes: string): Generator<[offset: number, piece: string]> {
  for (let at = 0; at < bytes.length; at += PIECE) yield [at, bytes.slice(at, at + PIECE)];
}

function statements(storage: Record<string, string>, flash: DeviceOptions["flash"]): string[] {
  const lines: string[] = [];
  for (const [name, text] of Object.entries(storage)) {
    for (const [at, piece] of pieces(text)) {
      const size = at ? "" : `,0,${text.length}`;
      const where = at ? `,${at}` : size;
      lines.push(`require("Storage").write(${literal(name)},${literal(piece)}${where});`);
    }
  }
  for (const { offset, bytes } of flash ?? []) {
    for (const [at, piece] of pieces(Buffer.from(bytes).toString("latin1"))) {
      // Erased flash need not be written.
      if (/[^\xff]/.test(piece)) {
        lines.push(`require("Flash").write(${literal(piece)},${FLASH_START + offset + at});`);
      }
    }
  }
  return lines;
}

/** Runs statements in an interpreter of their own. @returns what it said, unless all of them ran to their end */
async function run(binary: string, folder: string, lines: string[]): Promise<string | undefined> {
  const said: string[] = [];
  const hear = (line: string): void => void said.push(line);
  writeFileSync(join(folder, SCRIPT), [...lines, `print("${DONE}");quit();`].join("\n"), "latin1");
  await new InterpreterProcess(binary, [SCRIPT], folder, hear, hear).ended();
  return said.some((line) => line.endsWith(DONE)) ? undefined : said.join(" / ");
}

/**
 * An interpreter with the JsVars of a small chip has no room for the whole script: it takes it bit by bit.
 * @throws Error when the interpreter does not take it all
 */
export async function install(
  binary: string,
  folder: string,
  storage: Record<string, string>,
  flash: DeviceOptions["flash"],
): Promise<void> {
  const lines = statements(storage, flash);
  if ((await run(binary, folder, lines)) === undefined) return;
  for (let at = 0; at < lines.length; at += FEW) {
    const problem = await run(binary, folder, lines.slice(at, at + FEW));
    if (problem !== undefined) throw new Error(`cannot write the device's flash: ${problem}`);
  }
}
