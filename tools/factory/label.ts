/** What is printed on a device's label, as the text of its QR code: `WB:` and JSON, version 1. [C] */
import { isKey } from "../../src/codec/identity.js";
import { UsageError } from "../../sim/errors.js";
import { isPop } from "./names.js";

export interface Label {
  /** ProductKey, 1-32 letters and digits. */
  pk: string;
  /** DeviceKey, 4-32 letters and digits. */
  dk: string;
  /** Proof of possession, 16-64 printable ASCII characters; "" of a device that demands none. A secret. */
  pop: string;
  /** Name of the device's own access point, 1-32 bytes. */
  ssid: string;
}

const SCHEME = "WB:";
const VERSION = 1;
const SSID_BYTES = 32;

/** Whether a text is meant to be a label. */
export function looksLikeLabel(text: string): boolean {
  return text.startsWith(SCHEME);
}

/** The text of the QR code. */
export function encodeLabel({ pk, dk, pop, ssid }: Label): string {
  return SCHEME + JSON.stringify({ v: VERSION, pk, dk, pop: pop || undefined, ssid });
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the text of a QR code; white space around it is ignored.
 * @throws UsageError that names the malformed field and repeats nothing of the text, which is a secret
 */
export function parseLabel(text: string): Label {
  const trimmed = text.trim();
  const fields = looksLikeLabel(trimmed) ? parseJson(trimmed.slice(SCHEME.length)) : undefined;
  if (!fields) throw new UsageError('this is no label: the text of one is WB: and {"v":1,"pk":…,"dk":…,"ssid":…}');
  if (fields.v !== VERSION)
    throw new UsageError("the label has another version than 1: this program is too old for it");
  const { pk, dk, pop = "", ssid } = fields;
  const demand = (good: boolean, name: string): void => {
    if (!good) throw new UsageError(`the label is damaged: its ${name} is missing or malformed`);
  };
  demand(typeof pk === "string" && isKey(pk, 1, 32), "pk");
  demand(typeof dk === "string" && isKey(dk, 4, 32), "dk");
  demand(pop === "" || (typeof pop === "string" && isPop(pop)), "pop");
  demand(typeof ssid === "string" && ssid !== "" && Buffer.byteLength(ssid) <= SSID_BYTES, "ssid");
  return { pk, dk, pop, ssid } as Label;
}
