/** What the build makes: the library and the firmware for the device, each readable and minified, and the command. */

import { chmodSync, existsSync } from "node:fs";

import typescript from "@rollup/plugin-typescript";
import type { OutputOptions, Plugin, RollupOptions } from "rollup";

import { page } from "./console.js";
import { stamp } from "./fresh.js";
import { inOneFunction } from "./lazy.js";
import { keptNames } from "./passes/kept-names.js";
import { devicePasses } from "./passes/passes.js";
import { compoundsLast } from "./passes/write-back.js";
import { espruinoGate, onceFactories, sizeBudgets } from "./rollup.js";
import { transpile } from "./transpile.js";

/** Modules that others `require`: their exported names stay. */
const MODULES = [
  "index",
  "mdns/index",
  "ble/index",
  "crypto-fallback/index",
  "proof/index",
  "data/index",
  "ota/index",
  "slh/index",
]
  .map((name) => `src/${name}.ts`)
  .filter((file) => existsSync(file));

/** What is public or crosses modules, and Espruino's own. All other members get short names: they weigh in flash and RAM. */
export const kept = keptNames(MODULES, {
  "src/hal/espruino/espruino.d.ts": [],
  "src/hal/wifi.ts": [],
  "src/hal/hal.ts": ["Link", "LinkEvents", "TlsOptions"],
  "src/events.ts": [],
  "src/failure.ts": [],
  "src/options.ts": ["Options"],
  "src/lan/peer.ts": [],
  "src/cloud/session.ts": ["Cloud"],
  "src/data/index.ts": ["Data", "DataOptions", "ReportOptions"],
  "src/data/queue.ts": ["QueueOptions"],
  "src/binding/index.ts": ["Binding"],
  "src/binding/hooks.ts": ["Hooks", "Updates"],
  "src/ota/index.ts": [],
  "src/ota/events.ts": [],
  "src/ota/update.ts": ["Emitter"],
  "src/binding/codes.ts": ["WindowInfo"],
});

/** Plain declarations in the order of the imports: nothing that makes a function depend on a later one. */
const plain = { strict: false, esModule: false, freeze: false, sourcemap: true, externalLiveBindings: false };
const generatedCode = { preset: "es2015", symbols: false } as const;

interface Target {
  input: string;
  name: string;
  compiler: Plugin | Plugin[];
  format: OutputOptions;
  /** Whether the factories of it are hoisted. */
  hoisted?: boolean;
  /** Whether applications `require` it, and want its types. */
  typed?: boolean;
}

/** The types of a module beside it: what the public names of its entry are, with their docstrings. */
const types = ({ input, name }: Target): Plugin => ({
  name: "types",
  generateBundle() {
    const source = `export * from "./types/${input.replace(/\.ts$/, ".js")}";\n`;
    this.emitFile({ type: "asset", fileName: `${name}.d.ts`, source });
  },
});

function device(target: Target): RollupOptions {
  const { input, name, compiler, format, hoisted, typed } = target;
  const output = { ...plain, ...format, generatedCode };
  const once = hoisted && onceFactories();
  const passes = devicePasses(kept, once && once.hoist);
  return {
    input,
    plugins: [compiler, espruinoGate(), once && once.check],
    output: [
      {
        ...output,
        file: `build/${name}.js`,
        plugins: [once && once.readable, compoundsLast(), typed && types(target)],
      },
      { ...output, file: `build/${name}.min.js`, plugins: passes },
    ],
  };
}

/** Last, so that every file has been written when one of them turns out to be over its budget. */
const command: RollupOptions = {
  input: "tools/main.ts",
  // Every bare name is a package or a module of Node.
  external: /^[^./]/,
  plugins: [transpile("tsconfig.host.json"), executable("build/cli.js"), sizeBudgets(stamp())],
  output: { file: "build/cli.js", format: "es", banner: "#!/usr/bin/env node", sourcemap: true },
};

function executable(file: string): Plugin {
  return { name: "executable", writeBundle: () => chmodSync(file, 0o755) };
}

// The library's compiler checks the types of all device code, so the others need not do it again.
const checked = typescript({
  tsconfig: "tsconfig.json",
  noEmitOnError: true,
  declaration: true,
  declarationDir: "build/types",
});
const fast = (): Plugin => transpile("tsconfig.json");

const named: OutputOptions = { format: "cjs", exports: "named" };

const library = device({
  input: "src/index.ts",
  name: "WifiBinding",
  compiler: checked,
  format: named,
  hoisted: true,
  typed: true,
});

// No function around the firmware: functions without a scope of their own to remember take a JsVar less each.
const firmware = device({
  input: "firmware/main.ts",
  name: "firmware",
  compiler: fast(),
  format: { format: "es" },
  hoisted: true,
});

// Its own names are out of the way of the application's, which is evaluated where the global scope is.
const boot = device({
  input: "firmware/boot.ts",
  name: "boot",
  compiler: fast(),
  format: { format: "iife", name: "app", footer: "eval(app);" },
});

const modules = ["mdns:Mdns", "ble:Ble", "crypto-fallback:Crypto", "proof:Proof", "data:Data", "ota:Ota", "slh:Slh"]
  .map((one) => one.split(":") as [string, string])
  .map(([folder, name]) => ({ input: `src/${folder}/index.ts`, name: `WifiBinding${name}` }))
  .filter(({ input }) => existsSync(input))
  .map(({ input, name }) =>
    device({
      input,
      name,
      compiler: [inOneFunction("src/ota/worker.ts"), inOneFunction("src/data/values.ts"), fast()],
      format: named,
      hoisted: true,
      typed: true,
    }),
  );

export default [library, ...modules, firmware, boot, page, command];
