/** Secrets that a command is given: by a file, by the environment, by an option, or typed where nobody sees them. */
import { readFileSync } from "node:fs";
import { isWifiPassword, printable } from "../../sim/app/index.js";
import { messageOf, UsageError } from "../../sim/errors.js";
import { looksLikeLabel, parseLabel, type Label } from "../factory/label.js";
import type { Prompts } from "./io.js";
import { proofOfPossession } from "./values.js";

const STANDARD_INPUT = 0;

function readText(path: string): string {
  try {
    return readFileSync(path === "-" ? STANDARD_INPUT : path, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${path} (${messageOf(error)})`);
  }
}

/** The first line of a file, `-` is standard input; what was given otherwise when there is no file. */
export function fromFile(path: string | undefined, otherwise: string | undefined): string | undefined {
  return path === undefined ? otherwise : readText(path).split(/\r?\n/, 1)[0];
}

/** The label of the device, from the text of its QR code or from a file with that text. */
export function readLabel(textOrFile: string): Label {
  return parseLabel(looksLikeLabel(textOrFile.trim()) ? textOrFile : readText(textOrFile));
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
  return proofOfPossession((await ask.secret("Proof of possession on the device's label:")).trim());
}
