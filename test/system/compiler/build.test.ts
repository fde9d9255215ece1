/** The gate inside the build and inside ESLint, and the size table. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import { Linter } from "eslint";
import { rollup } from "rollup";
import tseslint from "typescript-eslint";

import plugin from "../../../compiler/gate/eslint.js";
import { espruinoGate, onceFactories } from "../../../compiler/rollup.js";
import { BUDGETS, measure, overBudget, table } from "../../../compiler/size.js";

describe("gate: in the build", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), "gate-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  };

  async function build(format: "cjs" | "es", file: string): Promise<void> {
    const bundle = await rollup({ input: path.join(directory, "src/main.js"), plugins: [espruinoGate()] });
    const output = path.join(directory, file);
    await bundle.write({ format, file: output, sourcemap: true, strict: false, esModule: false });
    await bundle.close();
  }

  async function failure(run: Promise<void>): Promise<string> {
    return run.then(
      () => "",
      (error: Error) => error.message,
    );
  }

  it("fails with the file, line and column of the source", async () => {
    write("src/main.js", 'import { last } from "./list.js";\nprint(last([1]));\n');
    write("src/list.js", "export function last(list) {\n  return list.at(-1);\n}\n");
    const message = await failure(build("es", "build/out.js"));
    expect(message).to.match(/src\/list\.js:2:10 Espruino has no \.at\(\).*\(missing-method, in out\.js\)/);
  });

  it("fails with the file and line of a factory that is called twice, and of both calls", async () => {
    write("src/counter.js", "/** @once */\nexport function create() {\n  let n = 0;\n  return () => ++n;\n}\n");
    write(
      "src/main.js",
      'import { create } from "./counter.js";\nconst a = create();\nconst b = create();\nprint(a(), b());\n',
    );
    const once = onceFactories();
    const bundle = await rollup({ input: path.join(directory, "src/main.js"), plugins: [once.check] });
    const output = { format: "es" as const, sourcemap: true, strict: false };
    const outputs = [
      { ...output, file: path.join(directory, "build/out.js"), plugins: [once.readable] },
      { ...output, file: path.join(directory, "build/out.min.js"), plugins: [once.hoist] },
    ];
    // At the same time, as Rollup's command does.
    await Promise.all(outputs.map((one) => bundle.write(one)));
    const lines = (await failure(bundle.close())).split("\n");
    expect(lines[1]).to.match(/src\/counter\.js:2:\d+ create is @once, .* it is used 2 times \(once, in out\.js\)$/);
    expect(lines[2]).to.match(/src\/main\.js:2:\d+ here create is used/);
    expect(lines[3]).to.match(/src\/main\.js:3:\d+ here create is used/);
  });

  it("takes CommonJS for a module and anything else for boot code", async () => {
    write("src/main.js", "export function start() {}\n");
    expect(await failure(build("cjs", "build/out.js"))).to.equal("");
    write("src/main.js", "exports.start = 1;\n");
    expect(await failure(build("es", "build/out.js"))).to.include("missing-global");
  });

  it("counts every byte once, for the folder that it comes from", async () => {
    write("src/main.js", 'import { a } from "./codec/a.js";\nprint(a);\n');
    write("src/codec/a.js", "export const a = 1;\n");
    for (const file of Object.keys(BUDGETS)) await build("es", `build/${file}`);
    const [library] = measure(path.join(directory, "build"));
    expect(library!.bytes).to.be.greaterThan(20);
    expect(Object.keys(library!.folders)).to.include.members(["src", "src/codec"]);
    expect(Object.values(library!.folders).reduce((sum, part) => sum + part)).to.equal(library!.bytes);
    expect(overBudget([library!])).to.deep.equal([]);
  });

  it("says by how much a file is over its budget", () => {
    const size = { file: "firmware.min.js", bytes: 120, budget: 100, folders: { "src/codec": 90, src: 30 }, mqtt: 0 };
    expect(overBudget([size])).to.deep.equal(["firmware.min.js has 120 bytes, 20 more than its budget of 100"]);
    expect(overBudget([{ ...size, bytes: 1, mqtt: 5023 }])[0]).to.match(/^MQTT client in .* 1 more than its budget/);
    expect(table([size])[0]).to.match(/firmware\.min\.js +120 {2}of 100 bytes, 20 OVER/);
    expect(table([size])[1]).to.match(/src\/codec +90 {2}75 %/);
  });
});

describe("gate: in ESLint", () => {
  const rules = Object.fromEntries(Object.keys(plugin.rules).map((rule) => [`espruino/${rule}`, "error" as const]));
  const config = {
    files: ["**/*.ts"],
    languageOptions: { parser: tseslint.parser as never, parserOptions: { lib: ["es5"] } },
    plugins: { espruino: plugin },
    rules,
  };
  const lint = (source: string) =>
    new Linter().verify(source, config, "a.ts").map(({ message }) => /\(([a-z-]+)\)$/.exec(message)?.[1] ?? message);

  const SAME: [rule: string, source: string][] = [
    ["default-parameter", "export function f(a = 1): number { return a; }"],
    ["destructuring", "export const f = ([a]: number[]): number => a!;"],
    ["spread", "export const f = (a: number[]): number => Math.max(...a);"],
    ["missing-method", "export const f = (a: number[]): unknown => a.flatMap((b) => [b]);"],
    ["missing-member", "export const f = (a: number): number => Math.trunc(a);"],
    ["missing-global", "export const f = new Map<string, number>();"],
    ["regexp-quantifier", "export const f = /a?b/;"],
    ["loop-closure", "for (let i = 0; i < 2; i++) setTimeout(() => print(i), 1);"],
    ["hoisting", "print(later); const later = 1;"],
    ["error-name", "try { print(1); } catch (e) { print((e as Error).name); }"],
    ["private-name", "export class A { #x = 1; }"],
    ["non-ascii", 'export const f = "\u20ac";'],
  ];
  for (const [rule, source] of SAME) it(`${rule}: ${source}`, () => expect(lint(source)).to.deep.equal([rule]));

  it("lets pass what TypeScript turns into something that runs", () => {
    const source = `
      interface Options { a?: { b: number } }
      export class A { y = 1; z!: Options; w = this.y; constructor(private _q: number) {} get q() { return this._q as number; } }
      export const f = (o: Options): unknown => ({ ...o, c: o.a?.b ?? 2 });
      export type T = typeof f; export enum E1 { One }`;
    expect(lint(source)).to.deep.equal([]);
  });
});
