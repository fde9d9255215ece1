/** The types that the package has for applications: they compile alone, and refuse what the module would refuse. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import ts from "typescript";

const GOOD = `
import * as binding from "espruino-wifi-binding";
import * as ble from "espruino-wifi-binding/WifiBindingBle";
import * as mdns from "espruino-wifi-binding/WifiBindingMdns";
binding.on("window", (event) => event.seconds);
binding.on("error", (event: binding.Events["error"]) => event.number);
binding.stop();
binding.start({ server: "mqtt://cloud.example:1883", window: 60 });
const opened: boolean = binding.openWindow(60);
const left: number | undefined = binding.window()?.seconds;
ble.start(binding); mdns.start(binding); mdns.stop();
const sent: string[] = [];
const app = binding.attach({ send: (bytes) => { sent.push(bytes); }, end() {} });
app.received("");
export const all = [opened, left, binding.identity().dk.length];
`;

/** A line, and the code of TypeScript's complaint about it. */
const BAD: [line: string, code: number][] = [
  ["binding.start({ server: 1 });", 2322],
  ["binding.openWindow('60');", 2345],
  ["binding.nothing();", 2339],
  ["binding.on('windw', () => {});", 2345],
  ["binding.on('bound', (event) => event.seconds);", 2339],
  ["const text: string = binding.capabilities(); print(text);", 2322],
  ["ble.start({});", 2345],
  ["binding.attach({ send: () => 1, end() {} });", 2322],
];

describe("types for applications", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(path.join(tmpdir(), "types-"));
  after(() => rmSync(folder, { recursive: true }));

  function complaints(text: string): number[] {
    mkdirSync(path.join(folder, "node_modules"), { recursive: true });
    const link = path.join(folder, "node_modules/espruino-wifi-binding");
    rmSync(link, { force: true });
    symlinkSync(process.cwd(), link);
    const file = path.join(folder, "application.ts");
    writeFileSync(file, text);
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2015,
      lib: ["lib.es2015.d.ts"],
      types: [],
    });
    return ts.getPreEmitDiagnostics(program).map(({ code }) => code);
  }

  it("compile in an application, without any of Espruino's own types", () => {
    expect(complaints(GOOD)).to.deep.equal([]);
  });

  it(`refuse ${BAD.map(([line]) => line).join(" ")}`, () => {
    const lines = BAD.map(([line]) => line).join("\n");
    const codes = BAD.map(([, code]) => code);
    expect(complaints(`declare function print(text: unknown): void;\n${GOOD}\n${lines}`)).to.deep.equal(codes);
  });
});
