/** Secrets that a command is given: by a file, by the environment, by an option, or typed where nobody sees them. */
import { isWifiPassword, printable } from "../../sim/app/index.js";
import { readLineOf, readTextFile } from "../../sim/text-file.js";
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
