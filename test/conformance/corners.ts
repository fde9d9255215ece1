/**
 * Corners of the language and of the modules: what firmware could rely on by mistake. Each is the body of a function
 * of `out`, which takes the answer once, and `F`, which makes text of what JSON has no word for.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";

import { VirtualClock } from "../../sim/emulator/clock.js";
import { EmulatedDevice } from "../../sim/emulator/device.js";
import type { Shape } from "./expected.js";
import type { Answer } from "./run.js";

export interface Corner {
  name: string;
  code: string;
  /** What the plain Linux build answers; { none } with the reason where it answers nothing. */
  linux: Answer;
  /** The same of the build shaped like an ESP32, where it differs. */
  esp32?: Answer;
}

/** Answers of the emulator, and whether it complained. */
export interface Outcome {
  answer: Answer;
  loud: boolean;
}

export interface Difference {
  corner: Corner;
  outcome: Outcome;
  /** Title of a row of the table in docs/emulator.md. */
  documented: string | undefined;
}

const FILE = path.join(import.meta.dirname, "expected", "corners.json");
export const CORNERS = JSON.parse(readFileSync(FILE, "utf8")) as Corner[];

/** Corners in which the emulator is known to differ from both builds, by the row of docs/emulator.md that says so. */
export const DOCUMENTED: Record<string, string[]> = {
  "Whole numbers as names come first": ["JSON: keys with escapes out"],
  '`""[name]` with the name of no member': [
    "typed: odd indices of typed arrays",
    "control: members written to numbers and texts",
  ],
  "Views at odd places": ["typed: views at odd offsets"],
  "No `http`": ["E: mapInPlace", "E: toJS", "Modules: addCached", "net: the members of a socket"],
  "`Uint8ClampedArray`": ["typed: conversions of clamped and words"],
  "Two sockets on one port": ["dgram: two sockets on a port"],
  "Files without a name": ["Storage: an empty name"],
  "`return` in `finally`": ["control: finally over throw", "control: finally over return", "control: throw in finally"],
  "A function or class behind `new`": [
    "more: a function behind new that returns a text",
    "more: a class behind new that returns a number",
  ],
  "Linux: the clock": ["timers: setTime and timers"],
  "Linux: pages of 1024 bytes": ["Flash: getPage"],
};

const F =
  'function (x) { return x === undefined ? "undefined" : typeof x == "number" && x != x ? "NaN" : ' +
  'x === 1 / 0 ? "Infinity" : x === -1 / 0 ? "-Infinity" : x; }';

export function program(code: string): string {
  return `let given;\n(function (out, F) {${code}\n})(function (v) { given = JSON.stringify([v]); }, ${F});`;
}

const PART = "let n = 0; exports.count = () => ++n; exports.name = 'part';";
/** Virtual milliseconds in which a corner must have its answer, and the step of the clock. */
const PATIENCE = 600;
const STEP = 10;

export async function askEmulator({ code }: Corner): Promise<Outcome> {
  const clock = new VirtualClock();
  const device = await EmulatedDevice.start({ clock, storage: { part: PART, ".bootcde": program(code) } });
  let text: unknown;
  try {
    for (let time = 0; time < PATIENCE && text === undefined; time += STEP) {
      await clock.advance(STEP);
      text = await device.eval("given").catch(() => undefined);
    }
  } finally {
    await device.stop();
  }
  const [first] = device.uncaught;
  if (text === undefined) return { answer: { none: first ?? "silent" }, loud: first !== undefined };
  return {
    answer: (JSON.parse(String(text)) as [Answer])[0],
    loud: device.uncaught.some((line) => line.includes("emulator:")),
  };
}

const expectedOf = (corner: Corner, shape: Shape): Answer =>
  shape === "esp32" && "esp32" in corner ? corner.esp32 : corner.linux;

const failed = (answer: Answer): boolean => typeof answer === "object" && answer !== null && "none" in answer;

/** Whether the emulator says what one of the builds says; where that fails, any failure is the same. */
function agrees(corner: Corner, { answer, loud }: Outcome, shape: Shape): boolean {
  const expected = expectedOf(corner, shape);
  return isDeepStrictEqual(answer, expected) || (failed(expected) && failed(answer) && loud);
}

function titleOf(name: string): string | undefined {
  return Object.keys(DOCUMENTED).find((title) => DOCUMENTED[title]!.includes(name));
}

/** Where the emulator agrees with neither build. */
export async function differences(): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const corner of CORNERS) {
    const outcome = await askEmulator(corner);
    if (agrees(corner, outcome, "linux") || agrees(corner, outcome, "esp32")) continue;
    found.push({ corner, outcome, documented: titleOf(corner.name) });
  }
  return found;
}

/** What passes in the emulator and not on the chip, against what the emulator complains of. */
export const isDangerous = ({ outcome }: Difference): boolean => !outcome.loud;
