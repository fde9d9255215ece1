/** Secrets that a command is given: by a file, by the environment, by an option, or typed without echo. */
import { isWifiPassword, printable } from "../../sim/app/index.js";
import { readBytes, readLineOf, readTextFile } from "../../sim/text-file.js";
import { UsageError } from "../../sim/errors.js";
import { readLabels, type LabelRow } from "../factory/labels-file.js";
import { looksLikeLabel, parseLabel, type Label } from "../factory/label.js";
import type { Prompts } from "./io.js";
import { proofOfPossession } from "./values.js";

/** The one line of a file, `-` is standard input; what was given otherwise when there is no file. */
export function fromFile(path: string | undefined, otherwise: string | undefined): string | undefined {
  return path === undefined ? otherwise : readLineOf(path);
}

/** The label of the device, from the text of its QR code or from a file with that text. */
export function readLabel(textOrFile: string): Label {
  return parseLabel(looksLikeLabel(textOrFile.trim()) ? textOrFile : readTextFile(textOrFile));
}

/**
 * The label of a device in the factory's file; of one that was made twice the last.
 * @param dk its DeviceKey, in either case; not needed where the file has one device
 */
export function findLabel(path: string, dk: string | undefined): LabelRow {
  readBytes(path);
  const labels = readLabels(path);
  const same = labels.filter((label) => label.dk === dk);
  const alike = labels.filter((label) => label.dk.toUpperCase() === dk?.toUpperCase());
  const found = !dk ? labels : same.length ? same : alike;
  const label = found.at(-1);
  if (!label) throw new UsageError(`${path} has no label${dk ? ` for ${dk}` : ""}`);
  if (found.some((other) => other.dk !== label.dk)) {
    throw new UsageError(`${path} has the labels of several devices: choose one by --dk`);
  }
  return label;
}

/** The label that the options name, if any; its `pop` is "" without a proof. */
export function chooseLabel(options: { qr?: string; labels?: string; dk?: string }): Label | undefined {
  if (options.qr !== undefined) return readLabel(options.qr);
  return options.labels === undefined ? undefined : findLabel(options.labels, options.dk);
}

/** Asks for a Wi-Fi password until it can be one. */
export async function askPassword(ask: Prompts, ssid: string): Promise<string> {
  for (;;) {
    const password = await ask.secret(`Password of ${printable(ssid)} (8-63 bytes, none for an open network):`);
    if (isWifiPassword(password)) return password;
  }
}

/** Asks for the proof of possession of the label. */
export async function askPop(ask: Prompts): Promise<string> {
  return proofOfPossession(await ask.secret("Proof of possession on the device's label:"));
}
