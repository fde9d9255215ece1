/** Lines for people: events of the cloud and the console of a device. */
import type { Happening, Output } from "./output.js";
import { pairs } from "./output.js";

const GOOD = /^(authenticated|bound|reported|connected)$/;
const BAD = /refus|fail|error|malformed|withdrawn/;

/** One event of the cloud. */
export function cloudLine(happening: Happening, output: Output): string {
  const { event, time: _, ...rest } = happening;
  const { green, red, cyan } = output.paint;
  const colour = GOOD.test(event) ? green : BAD.test(event) ? red : cyan;
  return `${output.clock()}  ${colour(event.padEnd(14))} ${pairs(rest)}`;
}

/** A log line of the firmware: `WB <word> key=value …`. */
const LOG = /^WB (\S+) ?(.*)$/;

/** One line of a device's console. */
export function consoleLine(line: string, output: Output): string {
  const [, word, rest] = LOG.exec(line) ?? [];
  const text = word ? `${output.paint.cyan(word.padEnd(14))} ${rest}` : line;
  return `${output.clock()}  ${line.startsWith("Uncaught") ? output.paint.red(line) : text}`;
}

/** A console line as an event: `state` for the firmware's changes of state, `line` for everything else. */
export function consoleEvent(line: string): Happening {
  const [, word, rest] = LOG.exec(line) ?? [];
  if (word !== "state") return { event: "line", line };
  const values = [...rest.matchAll(/(\w+)=(\S*)/g)].map(([, key, value]) => [key, value]);
  return { event: "state", ...Object.fromEntries(values) };
}
