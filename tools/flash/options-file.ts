/** The device's options file: read, changed and checked before anything is written. */

import { settingsOf, type Options } from "../../src/options.js";
import { nearest } from "../../sim/cloud/schema-check.js";
import { messageOf, UsageError } from "../../sim/errors.js";
import { readJson } from "../../sim/json.js";
import { mqttServer } from "../../sim/urls.js";
import { isPrefix, PREFIX_RULE } from "../factory/names.js";
import type { Board } from "./board.js";
import type { Evaluator } from "./console.js";
import { readFile } from "./files.js";
import { OPTIONS_FILE } from "./install.js";

/** Those of the library, and what firmware/gestures.ts adds. */
type FirmwareOptions = Options & { button?: string };

/** What each is; one that is missing here is a mistake of types. The device would take "false" for true. */
const KNOWN: Record<keyof FirmwareOptions, "text" | "number" | "boolean" | "object"> = {
  server: "text",
  window: "number",
  autoRotate: "number",
  keepalive: "number",
  username: "text",
  encrypt: "boolean",
  tls: "object",
  prefix: "text",
  provisioning: "number",
  reconnect: "boolean",
  debug: "boolean",
  console: "text",
  flashKey: "text",
  flashStart: "number",
  matter: "boolean",
  model: "text",
  firmware: "text",
  button: "text",
};

const WORDS = { text: "a text", number: "a whole number", boolean: "true or false", object: "an object" };

/** Of the option tls, each a text. */
const TLS = ["ca", "key", "cert"];

/** The device passes over what it does not know: a misspelt option would be its default, without a word. */
function demandKnown(options: object, known = Object.keys(KNOWN), of = ""): void {
  const name = Object.keys(options).find((one) => !known.includes(one));
  if (name === undefined) return;
  const meant = nearest(name, known);
  const shown = JSON.stringify(name.slice(0, 40));
  throw new UsageError(
    `there is no option ${of}${shown}${meant ? `: is "${meant}" meant?` : `: there are ${known.join(", ")}`}`,
  );
}

/** What a value of JSON is; a number must be a whole one. */
function kindOf(value: unknown): string {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return Number.isInteger(value) ? "number" : "a fraction";
  if (typeof value === "object") return value === null || Array.isArray(value) ? "" : "object";
  return typeof value;
}

/** No value is told: it may be a secret. Storage holds bytes, and the firmware reads them as such. */
function demandValues(options: FirmwareOptions): void {
  for (const [name, kind] of Object.entries(KNOWN)) {
    const value = options[name as keyof FirmwareOptions];
    if (value === undefined) continue;
    if (kindOf(value) !== kind) throw new UsageError(`option ${name} must be ${WORDS[kind]}`);
    if (name === "tls") demandKnown(value as object, TLS, "tls.");
    if (/[^\x20-\x7e]/.test(JSON.stringify(value))) throw new UsageError(`option ${name} must be ASCII`);
  }
}

/** Where the options come from: given whole, or what the device has, and with some that are changed. */
export interface OptionSources {
  given?: object;
  change?: Partial<Options>;
}

/** @param where the text is from, for messages @throws UsageError for what is no object */
export function parseOptions(text: string, where: string): Options {
  let value: unknown;
  try {
    value = readJson(text, where);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${where} is no JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(`${where} is no object`);
  return value as Options;
}

/**
 * The options that the device will have.
 * @returns them, and the content of binding.json when it is to be written
 * @throws UsageError when there are none or the firmware would refuse them
 */
export async function chooseOptions(
  device: Evaluator,
  board: Board,
  { given, change = {} }: OptionSources,
): Promise<{ options: Options; text?: string }> {
  const present = await readFile(device, OPTIONS_FILE);
  const changed = Object.keys(change).length > 0;
  if (!given && !changed && present === undefined) {
    throw new UsageError("the device has no options yet: give --server mqtt://host:port, or --options FILE");
  }
  const options = {
    ...(given ?? (present ? parseOptions(present, `${OPTIONS_FILE} on the device`) : {})),
    ...change,
  } as FirmwareOptions;
  if (given) demandKnown(given);
  if (options.server === undefined) throw new UsageError("option server is missing: give --server mqtt://host:port");
  demandValues(options);
  mqttServer(options.server);
  const { prefix, button } = options;
  if (prefix !== undefined && !isPrefix(prefix)) throw new UsageError(`option prefix must be ${PREFIX_RULE}`);
  if (button !== undefined && !/^[A-Z]+\d+$/.test(button)) {
    throw new UsageError("option button must be the name of a pin, as D0 or BTN1");
  }
  try {
    settingsOf(options, board.board, board.tls);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
  return { options, text: given || changed ? JSON.stringify(options) : undefined };
}
