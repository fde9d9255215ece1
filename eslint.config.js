/** Lint: TypeScript everywhere; on the device's sources also the gate, and the arrows between the rooms. */

import tseslint from "typescript-eslint";

import espruino from "./sim/espruino/eslint.js";
import { GLOBALS } from "./sim/espruino/features.js";

const DEVICE = ["src/**/*.ts", "firmware/**/*.ts"];

/** Globals that the language itself has: everybody may name them. */
const LANGUAGE =
  /^(Array|ArrayBuffer|Boolean|DataView|Date|Error|Infinity|JSON|Math|NaN|Number|Object|Promise|RegExp|String|TypeError|Uint8Array|arguments|isFinite|isNaN|parseFloat|parseInt|undefined)$/;

const MACHINE = [...GLOBALS]
  .filter((name) => !LANGUAGE.test(name))
  .map((name) => ({
    name,
    message:
      "Only src/espruino-*.ts, the modules of their own and firmware/ name Espruino's own: take it as a parameter.",
  }));

/** Nothing of Node, of a package or of the host reaches the device. */
const FOREIGN = { regex: "^[^.]|(^|/)sim/", message: "Device code imports nothing but device code." };

/**
 * The rooms that files may import values from; types of the platform, the identity and the options are for everybody.
 * @param {string[]} files
 * @param {string} allowed alternatives of a regular expression, by the beginning of the path
 */
const room = (files, allowed) => ({
  files,
  rules: {
    "@typescript-eslint/no-restricted-imports": [
      "error",
      {
        patterns: [
          FOREIGN,
          { regex: `^\\.(?!${allowed})`, allowTypeImports: true, message: "The arrows between the rooms go one way." },
        ],
      },
    ],
  },
});

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
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["**/*.d.ts", "src/espruino-*.ts", "src/{mdns,ble}/index.ts", "src/crypto-fallback/*.ts"],
    rules: { "no-restricted-globals": ["error", ...MACHINE] },
  },
  room(["src/*.ts"], "/|\\./src"),
  room(["src/codec/*.ts"], "/"),
  room(["src/crypto/*.ts"], "/|\\./codec/"),
  room(["src/storage/*.ts", "src/random/*.ts"], "/|\\./(codec|crypto|storage|random)/"),
  room(["src/crypto-fallback/*.ts"], "/"),
  room(["src/{mdns,ble}/*.ts"], "/|\\./(codec/|espruino-udp)"),
  room(["src/{credentials,lan,cloud}/*.ts"], "/|\\./(codec|crypto|storage|random)/"),
  room(["firmware/*.ts"], "/(modules|slots)\\.js|\\./src/(index|options)\\.js"),
);
