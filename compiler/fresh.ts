/**
 * Whether build/ is newer than all that it is made of: then `npm test` behind `npm ci` need not build again. Run by itself it
 * ends with status 0 when it is, with 1 when it is not.
 */

import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** Written when a build has come to its end; its time is that at which the build began. */
const STAMP = "build/.stamp";
const SOURCES = ["src", "firmware", "compiler", "sim", "tools", "console", "docs/status-codes.md"];
const SETTINGS = /^(rollup\.config\.js|package(-lock)?\.json|tsconfig.*\.json)$/;

/** Milliseconds since 1970 at which a file, or a folder and what is in it, has changed last. A folder does when a file goes. */
function changed(place: string): number {
  const stat = statSync(place);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(place).map((name) => changed(path.join(place, name))));
}

/** @param root of the project */
export function isFresh(root = "."): boolean {
  const stamp = path.join(root, STAMP);
  if (!existsSync(stamp)) return false;
  const settings = readdirSync(root).filter((name) => SETTINGS.test(name));
  return [...SOURCES, ...settings].every((place) => changed(path.join(root, place)) < statSync(stamp).mtimeMs);
}

/** To be called when a build begins. @returns what notes that it has come to its end */
export function stamp(): () => void {
  const begun = new Date();
  return () => {
    writeFileSync(STAMP, "");
    utimesSync(STAMP, begun, begun);
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = isFresh() ? 0 : 1;
