/** The device's options file: read, changed and checked before anything is written. */

import { settingsOf, type Options } from "../../src/options.js";
import { nearest } from "../../sim/cloud/schema-check.js";
import { FailedError, messageOf, UsageError } from "../../sim/errors.js";
import { mqttServer } from "../../sim/urls.js";
import { isPrefix, PREFIX_RULE } from "../factory/names.js";
import type { Board } from "./board.js";
import type { Evaluator } from "./console.js";
import { readFile } from "./files.js";
import { OPTIONS_FILE } from "./install.js";

/** Those of the library, and what firmware/gestures.ts adds. */
type FirmwareOptions = Options & { button?: unknown };

/** All of them; one that is missing here is a mistake of types. */
const KNOWN: Record<keyof FirmwareOptions, true> = {
  server: true,
  window: true,
  autoRotate: true,
  keepalive: true,
  username: true,
  encrypt: true,
  tls: true,
  prefix: true,
  provisioning: true,
  reconnect: true,
  debug: true,
  console: true,
  flashKey: true,
  flashStart: true,
  matter: true,
  model: true,
  firmware: true,
  button: true,
};

/** The device passes over what it does not know: a misspelt option would be its default, without a word. */
function demandKnown(options: object): void {
  const known = Object.keys(KNOWN);
  const name = Object.keys(options).find((one) => !known.includes(one));
  if (name === undefined) return;
  const meant = nearest(name, known);
  const shown = JSON.stringify(name.slice(0, 40));
  throw new UsageError(
    `there is no option ${shown}${meant ? `: is "${meant}" meant?` : `: there are ${known.join(", ")}`}`,
  );
}

/** Where the options come from: given whole, with another server, or what the device has. */
export interface OptionSources {
  given?: object;
  server?: string;
}

/** @param where the text is from, for messages @throws UsageError for what is no object */
export function parseOptions(text: string, where: string): Options {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
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
  { given, server }: OptionSources,
): Promise<{ options: Options; text?: string }> {
  const present = await readFile(device, OPTIONS_FILE);
  if (!given && !server && present === undefined) {
    throw new UsageError("the device has no options yet: give --server mqtt://host:port, or --options FILE");
  }
  const options = {
    ...(given ?? (present ? parseOptions(present, `${OPTIONS_FILE} on the device`) : {})),
  } as FirmwareOptions;
  if (given) demandKnown(given);
  if (server) options.server = server;
  if (typeof options.server !== "string") throw new UsageError("option server must be an MQTT URL, as text");
  mqttServer(options.server);
  const { prefix } = options;
  if (prefix !== undefined && !(typeof prefix === "string" && isPrefix(prefix))) {
    throw new UsageError(`option prefix must be ${PREFIX_RULE}`);
  }
  const { button } = options;
  if (button !== undefined && !(typeof button === "string" && /^[A-Z]+\d+$/.test(button))) {
    throw new UsageError("option button must be the name of a pin, as D0 or BTN1");
  }
  try {
    settingsOf(options, board.board, board.tls);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
  const text = JSON.stringify(options);
  // Storage holds bytes, and the firmware reads them as such.
  if (/[^\x20-\x7e]/.test(text)) throw new FailedError("options must be ASCII");
  return { options, text: given || server ? text : undefined };
}
