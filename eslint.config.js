/** Lint: TypeScript everywhere; on the device's sources also the gate. The arrows between folders: .dependency-cruiser.js. */

import { tsImport } from "tsx/esm/api";
import tseslint from "typescript-eslint";

// The gate is TypeScript, which tsx loads: editors as well take this file as it is.
const { default: espruino } = await tsImport("./compiler/gate/eslint.ts", import.meta.url);
const { GLOBALS } = await tsImport("./compiler/gate/features.ts", import.meta.url);

const DEVICE = ["src/**/*.ts", "firmware/**/*.ts", "examples/*.js"];

/** Globals that the language itself has: any file may name them. */
const LANGUAGE =
  /^(Array|ArrayBuffer|Boolean|DataView|Date|Error|Infinity|JSON|Math|NaN|Number|Object|Promise|RegExp|String|TypeError|Uint8Array|arguments|isFinite|isNaN|parseFloat|parseInt|undefined)$/;

const MACHINE = [...GLOBALS]
  .filter((name) => !LANGUAGE.test(name))
  .map((name) => ({
    name,
    message:
      "Only src/hal/espruino, the modules of their own and firmware/ name Espruino's globals: take it as a parameter.",
  }));

export default tseslint.config(
  { ignores: ["build/", "coverage/"] },
  ...tseslint.configs.recommended,
  {
    rules: {
      "@typescript-eslint/no-unused-vars": [
        "error",
        { ignoreRestSiblings: true, argsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_" },
      ],
    },
  },
  {
    files: DEVICE,
    ignores: ["**/*.d.ts"],
    languageOptions: { parserOptions: { lib: ["es5"] } },
    plugins: { espruino },
    rules: {
      ...Object.fromEntries(Object.keys(espruino.rules).map((rule) => [`espruino/${rule}`, "error"])),
      "@typescript-eslint/no-require-imports": "off",
      // Espruino has no rest parameters.
      "prefer-rest-params": "off",
    },
  },
  // One test that runs alone would hide all others of its file, and pass.
  {
    files: ["test/**/*.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["it", "describe"].map((object) => ({ object, property: "only", message: "All tests run." })),
      ],
    },
  },
  // Factories count with the functions that they make: what does not fit has more than one subject.
  { files: ["src/**/*.ts"], rules: { "max-lines-per-function": ["error", 59] } },
  {
    files: ["src/**/*.ts"],
    ignores: [
      "**/*.d.ts",
      "src/hal/espruino/*.ts",
      "src/{mdns,ble,data}/index.ts",
      "src/data/{events,queue}.ts",
      "src/ota/{index,files,installer,worker,turns,update,end}.ts",
      "src/crypto-fallback/*.ts",
    ],
    rules: { "no-restricted-globals": ["error", ...MACHINE] },
  },
);
