/** What the device files weigh, against their budgets, and which folder of the source each byte comes from. */

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { eachMapping, TraceMap } from "@jridgewell/trace-mapping";

/** The MQTT client is not to be larger than Espruino's own module, minified (MQTT.min.js, 5,022 bytes). */
const MQTT = {
  name: "MQTT client",
  sources: /cloud\/(flight|inbound|liveness|mqtt|packets|strays|wire)\.ts$/,
  budget: 5022,
};

/** Most bytes that a file may have. */
export const BUDGETS: Record<string, number> = {
  "WifiBinding.min.js": 24 * 1024,
  "firmware.min.js": 24 * 1024,
  "boot.min.js": 1024,
  "WifiBindingMdns.min.js": 4608,
  "WifiBindingBle.min.js": 2560,
  "WifiBindingProof.min.js": 4096,
  "WifiBindingData.min.js": 4096,
  "WifiBindingCrypto.min.js": 3072,
  "WifiBindingOta.min.js": 6144,
  "WifiBindingSlh.min.js": 1024,
};

/**
 * Most JsVars that the firmware may take in the real interpreter, shaped like an ESP32, without the simulated radio: at
 * rest (bound and idle), awake (right after a provisioning) and at the peak of a provisioning. `data`: what WifiBindingData
 * takes at rest besides.
 */
export const RAM_BUDGETS = { rest: 1600, awake: 1620, peak: 3000, data: 150, ota: 70 };

export interface Size {
  file: string;
  bytes: number;
  budget: number;
  /** Bytes by folder of the source, largest first. */
  folders: Record<string, number>;
  /** Bytes of the MQTT client in it. */
  mqtt: number;
}

/** `src/codec/frame.ts` is of the folder `src/codec`, `src/index.ts` of `src`. */
export function folderOf(source: string): string {
  const parts = source.split("/").filter((part) => part != "..");
  return parts.length > 1 ? parts.slice(0, -1).join("/") : source;
}

/**
 * Counts each byte of a bundle for the file that its source map names.
 * @param code one byte a character
 * @param map JSON
 */
function countSources(code: string, map: string): Map<string, number> {
  const lines = code.split("\n");
  const sources = new Map<string, number>();
  let last = { line: 1, column: 0, source: "(wrapping)" };
  const count = (line: number, column: number): void => {
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

/** Sums by a name of each source, the largest first. */
function sumBy(sources: Map<string, number>, nameOf: (source: string) => string): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [source, bytes] of sources) sums.set(nameOf(source), (sums.get(nameOf(source)) ?? 0) + bytes);
  return Object.fromEntries([...sums].sort((a, b) => b[1] - a[1]));
}

/** Measures the minified files that a build has made. */
export function measure(directory: string): Size[] {
  const made = Object.entries(BUDGETS).filter(([file]) => existsSync(path.join(directory, file)));
  return made.map(([file, budget]) => {
    const code = readFileSync(path.join(directory, file), "latin1");
    const sources = countSources(code, readFileSync(path.join(directory, `${file}.map`), "utf8"));
    const mqtt = sumBy(sources, (source) => (MQTT.sources.test(source) ? MQTT.name : ""))[MQTT.name] ?? 0;
    return { file, bytes: code.length, budget, folders: sumBy(sources, folderOf), mqtt };
  });
}

/** An application of one's own, and the modules of the library that it requires, in bytes. */
export interface AppSize {
  file: string;
  bytes: number;
  modules: Record<string, number>;
  /** All of them, as they stand in the device's Storage. */
  total: number;
}

/** The modules of the library that a program requires by name. */
export function modulesOf(source: string): string[] {
  const named = [...source.matchAll(/\brequire\(\s*(["'])(WifiBinding\w*)\1\s*\)/g)].map(([, , name]) => name!);
  return [...new Set(named)];
}

/** Measures an application as `flash --app` writes it. @throws Error for a file or a module that is not there */
export function measureApp(file: string, directory: string): AppSize {
  const source = readFileSync(file, "latin1");
  const modules = Object.fromEntries(
    modulesOf(source).map((name) => [name, readFileSync(path.join(directory, `${name}.min.js`), "latin1").length]),
  );
  const total = Object.values(modules).reduce((sum, bytes) => sum + bytes, source.length);
  return { file, bytes: source.length, modules, total };
}

/** The same as a table. */
export function appTable({ file, bytes, modules, total }: AppSize): string[] {
  const rows: [string, number][] = [["the application", bytes], ...Object.entries(modules), ["all together", total]];
  return [file, ...rows.map(([name, size]) => `  ${name.padEnd(22)}${String(size).padStart(7)}`)];
}

/** The sizes as a table for people. */
export function table(sizes: Size[]): string[] {
  const row = (name: string, bytes: number, rest: string): string =>
    `${name.padEnd(24)}${String(bytes).padStart(7)}  ${rest}`;
  const left = (bytes: number, budget: number): string =>
    `of ${budget} bytes, ${bytes > budget ? `${bytes - budget} OVER` : `${budget - bytes} left`}`;
  return sizes.flatMap(({ file, bytes, budget, folders, mqtt }) => [
    row(file, bytes, left(bytes, budget)),
    ...(mqtt ? [row(`  ${MQTT.name}`, mqtt, left(mqtt, MQTT.budget))] : []),
    ...Object.entries(folders).map(([name, part]) => row(`  ${name}`, part, `${Math.round((100 * part) / bytes)} %`)),
  ]);
}

/** The files that are over their budget, as sentences. */
export function overBudget(sizes: Size[]): string[] {
  return sizes
    .flatMap((size) => [size, { file: `${MQTT.name} in ${size.file}`, bytes: size.mqtt, budget: MQTT.budget }])
    .filter(({ bytes, budget }) => bytes > budget)
    .map(
      ({ file, bytes, budget }) => `${file} has ${bytes} bytes, ${bytes - budget} more than its budget of ${budget}`,
    );
}

/** What `npm run size` prints: `--json`, and `--app FILE` for an application beside the library. */
function main(words: string[]): number {
  const at = words.indexOf("--app");
  const sizes = measure("build");
  if (!sizes.length) throw new Error("there is no build yet: run npm run build first");
  if (at >= 0 && !words[at + 1]) throw new Error("--app needs a file");
  const app = at < 0 ? undefined : measureApp(words[at + 1]!, "build");
  const lines = app ? [...table(sizes), ...appTable(app)] : table(sizes);
  console.log(words.includes("--json") ? JSON.stringify(app ? { sizes, app } : sizes) : lines.join("\n"));
  return overBudget(sizes).length ? 1 : 0;
}

if (import.meta.url == pathToFileURL(process.argv[1] ?? "").href) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
