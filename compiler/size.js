/** What the device code weighs, against its budgets, and which room of the source each byte comes from. */

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { eachMapping, TraceMap } from "@jridgewell/trace-mapping";

/** The MQTT client is not to be larger than Espruino's own module, minified (MQTT.min.js, 5,022 bytes). */
const MQTT = { name: "MQTT client", sources: /cloud\/(mqtt|packets)\.ts$/, budget: 5022 };

/** Most bytes that a file may have. */
export const BUDGETS = {
  "WifiBinding.min.js": 25 * 1024,
  "firmware.min.js": 25 * 1024,
  "boot.min.js": 1024,
  "WifiBindingMdns.min.js": 4608,
  "WifiBindingBle.min.js": 2560,
  "WifiBindingProof.min.js": 4096,
  "WifiBindingCrypto.min.js": 3072,
};

/** Most JsVars that the firmware may take in the real interpreter, bound and idle, without the simulated radio. */
export const RAM_BUDGET = 700;

/**
 * @typedef {object} Size
 * @property {string} file
 * @property {number} bytes
 * @property {number} budget
 * @property {Record<string, number>} rooms bytes by folder of the source, largest first
 * @property {number} mqtt bytes of the MQTT client in it
 */

/** `src/codec/frame.ts` is of the room `src/codec`, `src/index.ts` of `src`. @param {string} source */
function roomOf(source) {
  const parts = source.split("/").filter((part) => part != "..");
  return parts.length > 1 ? parts.slice(0, -1).join("/") : source;
}

/**
 * Counts each byte of a bundle for the file that its source map names.
 * @param {string} code one byte a character
 * @param {string} map JSON
 */
function countSources(code, map) {
  const lines = code.split("\n");
  /** @type {Map<string, number>} */
  const sources = new Map();
  let last = { line: 1, column: 0, source: "(wrapping)" };
  const count = (/** @type {number} */ line, /** @type {number} */ column) => {
    let bytes = 0;
    for (let at = last.line; at < line; at++) bytes += (lines[at - 1]?.length ?? 0) + 1;
    sources.set(last.source, (sources.get(last.source) ?? 0) + bytes + column - last.column);
  };
  eachMapping(new TraceMap(map), (mapping) => {
    count(mapping.generatedLine, mapping.generatedColumn);
    const source = mapping.source ?? last.source;
    last = { line: mapping.generatedLine, column: mapping.generatedColumn, source };
  });
  count(lines.length, lines.at(-1)?.length ?? 0);
  return sources;
}

/**
 * Sums up by a name of each source, the largest first.
 * @param {Map<string, number>} sources
 * @param {(source: string) => string} nameOf
 */
function sumUp(sources, nameOf) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const [source, bytes] of sources) sums.set(nameOf(source), (sums.get(nameOf(source)) ?? 0) + bytes);
  return Object.fromEntries([...sums].sort((a, b) => b[1] - a[1]));
}

/**
 * Measures the minified files of a build.
 * @param {string} directory
 * @returns {Size[]}
 */
export function measure(directory) {
  return Object.entries(BUDGETS).map(([file, budget]) => {
    const code = readFileSync(path.join(directory, file), "latin1");
    const sources = countSources(code, readFileSync(path.join(directory, `${file}.map`), "utf8"));
    const mqtt = sumUp(sources, (source) => (MQTT.sources.test(source) ? MQTT.name : ""))[MQTT.name] ?? 0;
    return { file, bytes: code.length, budget, rooms: sumUp(sources, roomOf), mqtt };
  });
}

/** The sizes as a table for people. @param {Size[]} sizes */
export function table(sizes) {
  const row = (/** @type {string} */ name, /** @type {number} */ bytes, /** @type {string} */ rest) =>
    `${name.padEnd(24)}${String(bytes).padStart(7)}  ${rest}`;
  const left = (/** @type {number} */ bytes, /** @type {number} */ budget) =>
    `of ${budget} bytes, ${bytes > budget ? `${bytes - budget} OVER` : `${budget - bytes} left`}`;
  return sizes.flatMap(({ file, bytes, budget, rooms, mqtt }) => [
    row(file, bytes, left(bytes, budget)),
    ...(mqtt ? [row(`  ${MQTT.name}`, mqtt, left(mqtt, MQTT.budget))] : []),
    ...Object.entries(rooms).map(([room, part]) => row(`  ${room}`, part, `${Math.round((100 * part) / bytes)} %`)),
  ]);
}

/** The files that are over their budget, as sentences. @param {Size[]} sizes */
export function overBudget(sizes) {
  return sizes
    .flatMap((size) => [size, { file: `${MQTT.name} in ${size.file}`, bytes: size.mqtt, budget: MQTT.budget }])
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
