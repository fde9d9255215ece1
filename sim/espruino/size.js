/** What the device code weighs, against its budgets, and which room of the source each byte comes from. */

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { eachMapping, TraceMap } from "@jridgewell/trace-mapping";

/** Most bytes that a file may have. */
const BUDGETS = { "WifiBinding.min.js": 24 * 1024, "firmware.min.js": 24 * 1024 };

/**
 * @typedef {object} Size
 * @property {string} file
 * @property {number} bytes
 * @property {number} budget
 * @property {Record<string, number>} rooms bytes by folder of the source, largest first
 */

/** `src/codec/frame.ts` is of the room `src/codec`, `src/binding.ts` of `src`. @param {string} source */
function roomOf(source) {
  const parts = source.split("/").filter((part) => part != "..");
  return parts.slice(0, -1).join("/");
}

/**
 * Counts each byte of a bundle for the room that its source map names.
 * @param {string} code one byte a character
 * @param {string} map JSON
 */
function countRooms(code, map) {
  const lines = code.split("\n");
  /** @type {Map<string, number>} */
  const rooms = new Map();
  let last = { line: 1, column: 0, room: "(wrapping)" };
  const count = (/** @type {number} */ line, /** @type {number} */ column) => {
    let bytes = 0;
    for (let at = last.line; at < line; at++) bytes += (lines[at - 1]?.length ?? 0) + 1;
    rooms.set(last.room, (rooms.get(last.room) ?? 0) + bytes + column - last.column);
  };
  eachMapping(new TraceMap(map), (mapping) => {
    count(mapping.generatedLine, mapping.generatedColumn);
    const room = mapping.source ? roomOf(mapping.source) : last.room;
    last = { line: mapping.generatedLine, column: mapping.generatedColumn, room };
  });
  count(lines.length, lines.at(-1)?.length ?? 0);
  return Object.fromEntries([...rooms].sort((a, b) => b[1] - a[1]));
}

/**
 * Measures the minified files of a build.
 * @param {string} directory
 * @returns {Size[]}
 */
export function measure(directory) {
  return Object.entries(BUDGETS).map(([file, budget]) => {
    const code = readFileSync(path.join(directory, file), "latin1");
    const map = readFileSync(path.join(directory, `${file}.map`), "utf8");
    return { file, bytes: code.length, budget, rooms: countRooms(code, map) };
  });
}

/** The sizes as a table for people. @param {Size[]} sizes */
export function table(sizes) {
  const row = (/** @type {string} */ name, /** @type {number} */ bytes, /** @type {string} */ rest) =>
    `${name.padEnd(24)}${String(bytes).padStart(7)}  ${rest}`;
  return sizes.flatMap(({ file, bytes, budget, rooms }) => [
    row(file, bytes, `of ${budget} bytes, ${bytes > budget ? `${bytes - budget} OVER` : `${budget - bytes} left`}`),
    ...Object.entries(rooms).map(([room, part]) => row(`  ${room}`, part, `${Math.round((100 * part) / bytes)} %`)),
  ]);
}

/** The files that are over their budget, as sentences. @param {Size[]} sizes */
export function overBudget(sizes) {
  return sizes
    .filter(({ bytes, budget }) => bytes > budget)
    .map(
      ({ file, bytes, budget }) => `${file} has ${bytes} bytes, ${bytes - budget} more than its budget of ${budget}`,
    );
}

if (import.meta.url == pathToFileURL(process.argv[1] ?? "").href) {
  if (existsSync("build/firmware.min.js")) {
    const sizes = measure("build");
    console.log(process.argv.includes("--json") ? JSON.stringify(sizes) : table(sizes).join("\n"));
    process.exitCode = overBudget(sizes).length ? 1 : 0;
  } else {
    console.error("There is no build yet: run npm run build first.");
    process.exitCode = 1;
  }
}
