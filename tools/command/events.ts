/** Lines for people: events of the cloud and the console of a device. */
import type { Happening, Output } from "./output.js";
import { pairs } from "./output.js";

const GOOD = /^(authenticated|bound|reported|connected|updated)$/;
const BAD = /refus|fail|error|malformed|withdrawn/i;

/** One event of the cloud. */
export function cloudLine(happening: Happening, output: Output): string {
  const { event, time: _, ...rest } = happening;
  const { green, red, cyan } = output.paint;
  const colour = GOOD.test(event) ? green : BAD.test(event) ? red : cyan;
  return `${output.clock()}  ${colour(event.padEnd(14))} ${pairs(rest)}`;
}

/** A log line of the firmware: `WB state=online`, `WB window seconds=120`, `WB error …`. */
const LOG = /^WB (\S+) ?(.*)$/;
const STATE = /^WB state=/;

/** One line of a device's console. */
export function consoleLine(line: string, output: Output): string {
  const [, word, rest] = LOG.exec(line) ?? [];
  const { bold, cyan, red } = output.paint;
  const colour = word === "error" ? red : STATE.test(line) ? bold : cyan;
  const text = word ? `${colour(word.padEnd(14))} ${rest}` : line.startsWith("Uncaught") ? red(line) : line;
  return `${output.clock()}  ${text}`.trimEnd();
}

/** A console line as an event: `state` for the firmware's changes of state, `line` for everything else. */
export function consoleEvent(line: string): Happening {
  if (!STATE.test(line)) return { event: "line", line };
  const values = [...line.matchAll(/(\w+)=(\S*)/g)].map(([, key, value]) => [key, value]);
  return { event: "state", ...Object.fromEntries(values) };
}
