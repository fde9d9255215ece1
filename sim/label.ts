/** The label of a device: what its QR code says. [C] */
import { isKey } from "../src/codec/identity.js";
import { UsageError } from "./errors.js";

export interface Label {
  pk: string;
  dk: string;
  /** Proof of possession. */
  pop: string;
  /** SSID of the device's own access point. */
  ssid: string;
}

const PREFIX = "WB:";
const VERSION = 1;

/** `WB:` and JSON: {"v":1,"pk":…,"dk":…,"pop":…,"ssid":…} */
export function encodeLabel({ pk, dk, pop, ssid }: Label): string {
  return PREFIX + JSON.stringify({ v: VERSION, pk, dk, pop, ssid });
}

/** @throws UsageError for what is no label, or one of a newer version; it does not repeat what it was given */
export function parseLabel(text: string): Label {
  const trimmed = text.trim();
  if (!trimmed.startsWith(PREFIX)) throw new UsageError(`a label's text begins with ${PREFIX}`);
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(trimmed.slice(PREFIX.length)) as Record<string, unknown>;
  } catch {
    throw new UsageError("the label's text is cut off or damaged: scan it again");
  }
  if (fields.v !== VERSION) throw new UsageError("this label is of a version that this command does not know");
  const [pk, dk, pop, ssid] = ["pk", "dk", "pop", "ssid"].map((name) => String(fields[name] ?? ""));
  if (!isKey(pk, 1, 32) || !isKey(dk, 4, 32) || pop.length < 16 || !ssid) {
    throw new UsageError("the label lacks a ProductKey, DeviceKey, proof of possession or SSID");
  }
  return { pk, dk, pop, ssid };
}
