/** The build: the library and the firmware for the device, each readable and minified, and the command for the host. */

import { chmodSync } from "node:fs";

import terser from "@rollup/plugin-terser";
import typescript from "@rollup/plugin-typescript";

import { arrows } from "./compiler/passes/arrows.js";
import { overlay } from "./compiler/passes/overlay.js";
import { SHORT_GLOBALS } from "./compiler/gate/features.js";
import { keptNames } from "./compiler/passes/names.js";
import { espruinoGate, sizeBudgets } from "./compiler/rollup.js";
import { transpile } from "./compiler/transpile.js";
import { varsOnly } from "./compiler/passes/vars.js";

/** What is public, and Espruino's own. All other members get short names: they weigh in flash and in RAM. */
const kept = keptNames([
  "src/hal/espruino/espruino.d.ts",
  "src/hal/wifi.ts",
  "src/index.ts",
  "src/lan/peer.ts",
  "src/options.ts",
  "src/mdns/index.ts",
  "src/ble/index.ts",
]);

/** Espruino reads "\xff" as one byte only when it is written so, and `of` as a keyword wherever it stands. */
const minify = () =>
  terser({
    ecma: 2015,
    compress: { passes: 3, hoist_funs: true, inline: 1, unsafe_arrows: true },
    mangle: { toplevel: true, reserved: ["of", ...SHORT_GLOBALS], properties: { builtins: true, reserved: kept } },
    format: { ascii_only: true },
  });

/** Plain declarations in the order of the imports: nothing that makes a function depend on a later one. */
const plain = { strict: false, esModule: false, freeze: false, sourcemap: true, externalLiveBindings: false };
const generatedCode = { preset: /** @type {const} */ ("es2015"), symbols: false };

/**
 * @param {string} input
 * @param {string} name
 * @param {import("rollup").Plugin} compiler
 * @param {import("rollup").OutputOptions} format
 * @param {import("rollup").Plugin[]} shape what else is done to the minified file
 */
const device = (input, name, compiler, format, shape = []) => ({
  input,
  plugins: [compiler, espruinoGate()],
  output: [
    { ...plain, ...format, generatedCode, file: `build/${name}.js` },
    {
      ...plain,
      ...format,
      generatedCode,
      file: `build/${name}.min.js`,
      plugins: [...shape, arrows(), varsOnly(), minify()],
    },
  ],
});

/** Last, so that every file is there when one of them turns out to be over its budget. */
const command = {
  input: "tools/main.ts",
  // Every bare name is a package or a module of Node.
  external: /^[^./]/,
  plugins: [transpile("tsconfig.host.json"), executable("build/cli.js"), sizeBudgets()],
  output: { file: "build/cli.js", format: /** @type {const} */ ("es"), banner: "#!/usr/bin/env node", sourcemap: true },
};

/** @param {string} file */
function executable(file) {
  return { name: "executable", writeBundle: () => chmodSync(file, 0o755) };
}

/**
 * Which sources' functions stand on which page: an app that provisions needs the first as well, a module that is flashed
 * beside the firmware keeps the second for good. Clock and sockets are needed all the time.
 * @type {[string, RegExp][]}
 */
const PAGES = [
  ["lan", /src\/lan\/(requests|scan|sessions)/],
  ["modules", /firmware\/modules/],
  ["main", /src\/(?!hal\/espruino\/(clock|tcp|udp))/],
];

// The library's compiler checks the types of all device code, so the firmware's need not do it again.
const checked = typescript({ tsconfig: "tsconfig.json", noEmitOnError: true });
const library = device("src/index.ts", "WifiBinding", checked, { format: "cjs", exports: "named" }, overlay(PAGES));
// No function around the firmware: functions without a scope of their own to remember take a JsVar less each.
const firmware = device("firmware/main.ts", "firmware", transpile("tsconfig.json"), { format: "es" }, overlay(PAGES));
// Its own names are out of the way of the application's, which is evaluated where the global scope is.
const boot = device("firmware/boot.ts", "boot", transpile("tsconfig.json"), {
  format: "iife",
  name: "app",
  footer: "eval(app);",
});

const named = /** @type {const} */ ({ format: "cjs", exports: "named" });
const mdns = device("src/mdns/index.ts", "WifiBindingMdns", transpile("tsconfig.json"), named);

const ble = device("src/ble/index.ts", "WifiBindingBle", transpile("tsconfig.json"), named);

const proof = device("src/proof/index.ts", "WifiBindingProof", transpile("tsconfig.json"), named);

const crypto = device("src/crypto-fallback/index.ts", "WifiBindingCrypto", transpile("tsconfig.json"), named);

export default [library, mdns, ble, proof, crypto, firmware, boot, command];
