/** The device's options file: read, changed and checked before anything is written. */

import { settingsOf, type Options } from "../../src/options.js";
import { FailedError, messageOf, UsageError } from "../../sim/errors.js";
import { readTextFile } from "../../sim/text-file.js";
import { mqttServer } from "../../sim/urls.js";
import { isPrefix, PREFIX_RULE } from "../factory/names.js";
import type { Board } from "./board.js";
import type { Evaluator } from "./console.js";
import { readFile } from "./files.js";
import { OPTIONS_FILE } from "./install.js";

/** Those of the library, and what firmware/gestures.ts adds. */
type FirmwareOptions = Options & { button?: unknown };

/** Where the options come from: a file, another server, or what the device has. */
export interface OptionSources {
  options?: string;
  server?: string;
}

function parse(text: string, where: string): Options {
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

function fromFile(path: string): Options {
  return parse(readTextFile(path), path);
}

/**
 * The options that the device will have.
 * @returns them, and the content of binding.json when it is to be written
 * @throws UsageError when there are none or the firmware would refuse them
 */
export async function chooseOptions(
  device: Evaluator,
  board: Board,
  sources: OptionSources,
): Promise<{ options: Options; text?: string }> {
  const present = await readFile(device, OPTIONS_FILE);
  const given = sources.options ? fromFile(sources.options) : undefined;
  if (!given && !sources.server && present === undefined) {
    throw new UsageError("the device has no options yet: give --server mqtt://host:port, or --options FILE");
  }
  const options = { ...(given ?? (present ? parse(present, `${OPTIONS_FILE} on the device`) : {})) } as FirmwareOptions;
  if (sources.server) options.server = sources.server;
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
  return { options, text: given || sources.server ? text : undefined };
}
