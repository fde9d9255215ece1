/** When `npm test` builds. */

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";

import { isFresh } from "../../../compiler/fresh.js";

const FOLDERS = ["src", "src/lan", "firmware", "compiler", "sim", "tools", "console", "docs", "build"];
const FILES = [
  "src/index.ts",
  "src/lan/a.ts",
  "docs/status-codes.md",
  "package.json",
  "tsconfig.host.json",
  "README.md",
];
/** Seconds since 1970 at which everything has changed, and at which the build began. */
const [OLD, BUILT, NEW] = [1000, 2000, 3000];

describe("a build is fresh", () => {
  let root: string;
  const place = (name: string): string => path.join(root, name);
  const touch = (name: string, time: number): void => utimesSync(place(name), time, time);

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "fresh-"));
    for (const name of FOLDERS) mkdirSync(place(name));
    for (const name of [...FILES, "build/.stamp"]) writeFileSync(place(name), "");
    for (const name of [...FILES, ...FOLDERS]) touch(name, OLD);
    touch("build/.stamp", BUILT);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("when nothing has changed since it began, but what it does not read", () => {
    expect(isFresh(root)).to.equal(true);
    touch("README.md", NEW);
    touch("docs", NEW);
    expect(isFresh(root)).to.equal(true);
  });

  for (const name of ["src/lan/a.ts", "docs/status-codes.md", "package.json", "tsconfig.host.json"]) {
    it(`not when ${name} has changed`, () => {
      touch(name, NEW);
      expect(isFresh(root)).to.equal(false);
    });
  }

  it("not when a file has gone, nor when one has changed while it ran", () => {
    rmSync(place("src/lan/a.ts"));
    expect(isFresh(root)).to.equal(false);
    touch("src/lan", OLD);
    expect(isFresh(root)).to.equal(true);
    touch("src/index.ts", BUILT);
    expect(isFresh(root)).to.equal(false);
  });

  it("not when it has never come to its end", () => {
    rmSync(place("build/.stamp"));
    expect(isFresh(root)).to.equal(false);
  });
});
