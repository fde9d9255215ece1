/** The bytes that a device says of itself in each advertisement, behind the number of the company [A]. */

import { BLE_ACCESS_TCP, BLE_ACCESS_TLS, BLE_CAPITALS, BLE_ODD_DK, BLE_TAG, BLE_VERSION } from "../codec/commands.js";

/** Bytes for both keys: 31, less 3 of the flags structure, 4 of this structure's head, and 9 of the fields beside them. */
const MOST_KEYS = 15;

/** A DeviceKey as packed hex digits, an odd one with a 0 appended; "" where it has other letters, or both cases. */
function packed(dk: string): string {
  const digits = dk.toLowerCase();
  let bytes = "";
  if (dk != digits && dk != dk.toUpperCase()) return "";
  for (let i = 0; i < dk.length; i += 2) {
    const pair = (digits + "0").substr(i, 2);
    const byte = parseInt(pair, 16);
    if ((byte + 256).toString(16) != "1" + pair) return "";
    bytes += String.fromCharCode(byte);
  }
  return bytes;
}

/** @returns a text behind its length, for which there are `most` bytes; one that does not fit is left out whole */
function field(text: string, most: number): string {
  const fitting = text.length > most ? "" : text;
  return String.fromCharCode(fitting.length) + fitting;
}

/**
 * @param status bits BLE_CONFIGURED, BLE_BOUND, BLE_BINDABLE
 * @param capabilities the capabilitiesBitmask
 * @param secure whether the device reaches the cloud by TLS
 */
export function manufacturerData(
  pk: string,
  dk: string,
  status: number,
  capabilities: number,
  secure: boolean,
): string {
  const key = field(pk, MOST_KEYS);
  const device = field(packed(dk), MOST_KEYS + 1 - key.length);
  const flags =
    capabilities |
    (secure ? BLE_ACCESS_TLS : BLE_ACCESS_TCP) |
    // Of a DK that was left out nothing can be cut.
    (device.length > 1 ? (dk.length & 1 && BLE_ODD_DK) | (dk == dk.toUpperCase() ? BLE_CAPITALS : 0) : 0);
  return (
    BLE_TAG + String.fromCharCode(0, BLE_VERSION) + key + device + String.fromCharCode(status, flags & 255, flags >> 8)
  );
}
