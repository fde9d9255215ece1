/** Words and numbers for people. */
import { printable } from "../../sim/app/text.js";
import { CAPABILITY_BLE, CAPABILITY_LAN, CAPABILITY_MATTER, CAPABILITY_WAN } from "../../src/codec/commands.js";

/** Characters of a text that are shown. */
const MOST = 300;

/** A text of a device or a file as it is shown: nothing that is invisible or turns the line around, and not without end. */
export function plain(text: string): string {
  const seen = printable(text.slice(0, MOST));
  return text.length > MOST ? `${seen} … (${text.length} characters)` : seen;
}

export const CAPABILITIES = [
  { bit: CAPABILITY_WAN, word: "Cloud" },
  { bit: CAPABILITY_LAN, word: "LAN" },
  { bit: CAPABILITY_BLE, word: "Bluetooth" },
  { bit: CAPABILITY_MATTER, word: "Matter" },
] as const;

export const capabilityWords = (mask: number): string[] =>
  CAPABILITIES.filter(({ bit }) => mask & bit).map(({ word }) => word);

/** How long ago something was. */
export function ago(time: number | undefined, now: number): string {
  if (time === undefined) return "not yet";
  const seconds = Math.max(0, Math.round((now - time) / 1000));
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return new Date(time).toLocaleString();
}

/** Hours to milliseconds. */
export function clockTime(time: number): string {
  const date = new Date(time);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

export const DS_WORDS = { none: "none yet", issued: "issued", changing: "a new one is on its way" } as const;
export const KEY_WORDS = {
  none: "none",
  sent: "sent, not confirmed yet",
  confirmed: "confirmed by the device",
} as const;
