/** What a device says of itself in the manufacturer data of its advertisement, as an app reads it [A]. */

import {
  BLE_BINDABLE,
  BLE_BOUND,
  BLE_CAPITALS,
  BLE_COMPANY,
  BLE_CONFIGURED,
  BLE_ODD_DK,
  BLE_TAG,
} from "../../src/codec/commands.js";

/** How the device reaches the cloud, by bits 9-11 of the flags [A]. */
const ACCESS = ["none", "tcp", "tcp-psk", "tls", "certificate", "udp", "udp-psk"];
/** Tag and version. */
const HEAD = 4;

export interface Advertised {
  version: number;
  /** "" where it does not fit. */
  pk: string;
  /** "" where it does not fit, or is no hexadecimal number in one case. */
  dk: string;
  configured: boolean;
  bound: boolean;
  bindable: boolean;
  /** The capabilitiesBitmask. */
  capabilities: number;
  access: string;
}

/** @returns undefined for an advertisement that is none of such a device */
export function readAdvertised(company: number | undefined, data: Uint8Array | undefined): Advertised | undefined {
  if (company !== BLE_COMPANY || !data) return undefined;
  const bytes = Buffer.from(data);
  if (bytes.toString("latin1", 0, BLE_TAG.length) !== BLE_TAG) return undefined;
  const pkEnd = HEAD + 1 + bytes[HEAD];
  const dkEnd = pkEnd + 1 + bytes[pkEnd];
  // The flags are missing in the oldest form.
  if (!(dkEnd < bytes.length)) return undefined;
  const flags = dkEnd + 3 <= bytes.length ? bytes.readUInt16LE(dkEnd + 1) : 0;
  const status = bytes[dkEnd];
  return {
    version: bytes.readUInt16BE(BLE_TAG.length),
    pk: bytes.toString("latin1", HEAD + 1, pkEnd),
    dk: deviceKey(bytes.toString("hex", pkEnd + 1, dkEnd), flags),
    configured: (status & BLE_CONFIGURED) > 0,
    bound: (status & BLE_BOUND) > 0,
    bindable: (status & BLE_BINDABLE) > 0,
    capabilities: flags & 15,
    access: ACCESS[(flags >> 9) & 7] ?? "unknown",
  };
}

function deviceKey(digits: string, flags: number): string {
  const dk = flags & BLE_ODD_DK ? digits.slice(0, -1) : digits;
  return flags & BLE_CAPITALS ? dk.toUpperCase() : dk;
}
