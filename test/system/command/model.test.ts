/** The types that `model` writes, as TypeScript takes them. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { LAMP } from "../../../sim/model/lamp.js";
import { Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const PROPERTIES = [
  ...LAMP.properties,
  { id: 3, code: "power", subType: "R", dataType: "FLOAT" },
  { id: 4, code: "mode", dataType: "ENUM", specs: [{ value: "0" }, { value: "2" }] },
  { id: 5, code: "colour", dataType: "STRUCT", specs: [{ id: 1, code: "hue", dataType: "INT" }] },
  { id: 6, code: "history", dataType: "ARRAY", specs: { dataType: "ENUM", specs: [{ value: "1" }, { value: "2" }] } },
  { id: 7, code: "label", subType: "W", dataType: "TEXT" },
];

const USER = `import type { Properties, Writes } from "./model.js";
export const told: Properties = { switch: true, mode: 2, history: [1, 2], colour: { 1: 359 } };
export const written: Writes = { label: "x", brightness: 3 };
// @ts-expect-error
export const wrong: Properties = { mode: 1 };
// @ts-expect-error
export const readOnly: Writes = { power: 1 };
`;

describe("command: model --types", () => {
  const folder = temporaryFolder();

  it("writes types that TypeScript takes, and that refuse what the thing model refuses", async () => {
    const path = (name: string): string => join(folder, name);
    writeFileSync(path("tsl.json"), JSON.stringify({ properties: PROPERTIES }));
    const run = new Run("model", path("tsl.json"), "--out", path("table"), "--types", path("model.d.ts"));
    expect(await run.status, run.err.join()).to.equal(0);
    writeFileSync(path("user.ts"), USER);
    const strict = ["--ignoreConfig", "--noEmit", "--strict", "--module", "nodenext"];
    // TypeScript's own library is not under test.
    strict.push("--skipDefaultLibCheck", "--lib", "es2022");
    execFileSync("node_modules/.bin/tsc", [...strict, path("user.ts")], { stdio: "pipe" });
  }).timeout(60_000);
});
