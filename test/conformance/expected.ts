/** The stored answers of real interpreters, one file for each shape of build. */

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { boot } from "../unit/sim/emulator/harness.js";
import type { Answers } from "./run.js";

/** The plain Linux build; the one shaped like an ESP32 (32 bits, 14-byte JsVars, bytes as characters, small stack). */
export const SHAPES = ["linux", "esp32"] as const;
export type Shape = (typeof SHAPES)[number];

/** What a build says about itself. */
export interface Build {
  version: string;
  board: string;
  /** Bytes of a JsVar. */
  blocksize: number;
}

export interface Expected {
  build: Build;
  answers: Answers;
}

const LOOK = "{version:process.version,board:process.env.BOARD,blocksize:process.memory().blocksize}";

export async function buildOf(binary: string): Promise<Build> {
  const device = await boot("espruino", "", { binary });
  try {
    return (await device.eval(LOOK)) as Build;
  } finally {
    await device.stop();
  }
}

export function shapeOf(build: Build): Shape {
  return build.blocksize === 14 ? "esp32" : "linux";
}

const fileOf = (shape: Shape): string => path.join(import.meta.dirname, "expected", `${shape}.json`);

export function readExpected(shape: Shape): Expected {
  return JSON.parse(readFileSync(fileOf(shape), "utf8")) as Expected;
}

/** One probe a line, so that a change of the interpreter can be read in a diff. */
export function writeExpected(shape: Shape, { build, answers }: Expected): string {
  const groups = Object.entries(answers).map(([title, group]) => {
    const lines = Object.entries(group).map(
      ([name, value]) => `      ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
    );
    return `    ${JSON.stringify(title)}: {\n${lines.join(",\n")}\n    }`;
  });
  const text = `{\n  "build": ${JSON.stringify(build)},\n  "answers": {\n${groups.join(",\n")}\n  }\n}\n`;
  writeFileSync(fileOf(shape), text);
  return fileOf(shape);
}
