/** Where the emulator is known to differ from a real interpreter: what it says instead. One that is gone fails the test. */

import type { Shape } from "./expected.js";
import type { Answer, Answers } from "./run.js";

export interface Difference {
  /** As the table in docs/emulator.md begins; the reason stands there beside it. */
  title: string;
  group: string;
  /** What the emulator says, by probe. */
  emulator: Record<string, Answer>;
  shapes: readonly Shape[];
}

const BOTH = ["linux", "esp32"] as const;
const SIGNED = "Linux: characters are signed";

export const DIFFERENCES: Difference[] = [
  {
    title: '`""[name]` with the name of no member',
    group: "bytes",
    emulator: { "a member by a name that no text has": "undefined" },
    shapes: BOTH,
  },
  {
    title: "null dereference",
    group: "errors",
    emulator: {
      "a dereference of null, in words": "TypeError: Cannot read properties of null (reading 'a')",
    },
    shapes: BOTH,
  },
  {
    title: "Text from `Storage.read` outlives its file",
    group: "Storage",
    emulator: { "text that points into a file that was erased": 24 },
    shapes: BOTH,
  },
  {
    title: "Whole numbers as names come first",
    group: "objects",
    emulator: { "whole numbers as names keep their order": ["3", "5", "7"] },
    shapes: BOTH,
  },
  {
    title: "Top-level functions are no members of `global`",
    group: "machine",
    emulator: { "declared names as members of the global object": "undefined" },
    shapes: BOTH,
  },
  {
    title: "A server listens after the job",
    group: "net",
    emulator: { "a server hears who connects in the same job": "threw" },
    shapes: BOTH,
  },
  { title: SIGNED, group: "bytes", emulator: { "upper case of bytes from 128 on": [3, 196, 255] }, shapes: ["linux"] },
  { title: SIGNED, group: "E", emulator: { "E.sum of bytes": [510, 0, 128, 97000] }, shapes: ["linux"] },
];

/** What the emulator is to say: the answers of a shape, but for the known differences. */
export function forEmulator(shape: Shape, group: string, answers: Answers): Record<string, Answer> {
  const known = DIFFERENCES.filter((one) => one.group === group && one.shapes.includes(shape));
  return Object.assign({}, answers[group], ...known.map((one) => one.emulator)) as Record<string, Answer>;
}
