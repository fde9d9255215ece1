/** Runs `npm run bench` as a person does, and checks the shape of what `--json` prints. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import type { Figure } from "../../../bench/figure.js";

export type Line = Figure & { skipped?: string; error?: string };

const MAIN = fileURLToPath(new URL("../../../bench/main.ts", import.meta.url));

export const bench = (args: string[], env = process.env, cwd = "."): Promise<Line[]> =>
  new Promise((resolve, reject) => {
    const command = ["--import", "tsx", MAIN, ...args, "--json"];
    execFile(process.execPath, command, { env, cwd }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr + stdout));
      else
        resolve(
          stdout
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line) as Line),
        );
    });
  });

/** Each figure is a number with a unit and a name of its own. */
export function expectFigures(lines: Line[], part: string, least: number): void {
  expect(lines).to.have.length.at.least(least);
  expect(new Set(lines.map(({ name }) => name)).size).to.equal(lines.length);
  for (const line of lines) {
    expect(line.part).to.equal(part);
    expect(line.value, line.name).to.be.a("number").above(0);
    expect(line.unit).to.not.equal("");
  }
}

export const valueOf = (lines: Line[], name: string): number =>
  lines.find((line) => line.name === name)!.value as number;
