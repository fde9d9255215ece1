/** A device as the console shows it. No secret and no code is part of it. */
import * as protocol from "../../../src/codec/commands.js";
import type { DeviceRecord } from "../device-record.js";

/** What the console has seen of a device's connections. */
export interface Seen {
  /** Milliseconds since the epoch of its last message. */
  time?: number;
  /** IP address, where the cloud's own broker has taken the connection. */
  address?: string;
  /** Milliseconds since the epoch: when its last code was spent, and when the window of that before ends by itself. */
  spent?: number;
  ends?: number;
  /** Whether its open code most likely is one that only withdraws the code before. */
  withdrawal?: boolean;
}

export interface ShownBinding {
  user: string;
  name: string;
  fid?: string;
  frid?: string;
  capabilitiesBitmask?: number;
  matter: boolean;
}

export interface ShownDevice {
  pk: string;
  dk: string;
  product: string;
  online: boolean;
  /** Whether a DeviceSecret was issued, and whether another is on its way. */
  ds: "none" | "issued" | "changing";
  /** Whether the device has confirmed the authKey. */
  authKey: "none" | "sent" | "confirmed";
  /** Length and rest of the binding window in milliseconds; `end` tells one from the next. */
  window?: { seconds: number; left: number; end: number };
  bindings: ShownBinding[];
  /** Of the product. */
  capabilities?: number;
  model?: string;
  firmware?: string;
  sdk?: string;
  rssi?: number;
  battery?: number;
  seen?: number;
  address?: string;
  /** Whether it is a simulated device whose button the cloud can press. */
  button: boolean;
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? Buffer.from(value, "latin1").toString("utf8") : undefined;
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

function keyState({ authKey, nextAuthKey }: DeviceRecord): ShownDevice["authKey"] {
  if (nextAuthKey) return "sent";
  return authKey ? "confirmed" : "none";
}

export function describe(device: DeviceRecord, online: boolean, seen: Seen, button: boolean): ShownDevice {
  const { product, dk, ds, nextDs, info, status } = device;
  return {
    pk: product.pk,
    dk,
    product: product.name,
    online,
    ds: nextDs ? "changing" : ds ? "issued" : "none",
    authKey: keyState(device),
    window: seen.withdrawal ? undefined : device.openedWindow,
    bindings: [...device.bindings].map(([user, { name, fid, frid, capabilitiesBitmask, matter }]) => ({
      ...{ user, name, fid, frid, capabilitiesBitmask, matter: matter !== undefined },
    })),
    capabilities: product.capabilitiesBitmask,
    model: text(info.get(protocol.INFO_MODEL)),
    firmware: text(info.get(protocol.INFO_FIRMWARE)),
    sdk: text(info.get(protocol.INFO_SDK)),
    rssi: number(status.get(protocol.STATUS_RSSI)),
    battery: number(status.get(protocol.STATUS_BATTERY)),
    seen: seen.time,
    address: seen.address,
    button,
  };
}
