/** Everything that binding needs to know before it begins: from the options, or from the person at the terminal. */
import type { Duplex } from "node:stream";
import { demandsProof, possessionOf, type BindDeviceOptions, type Found } from "../../sim/app/index.js";
import { chooseDevice, chooseNetwork } from "./choose.js";
import { UsageError } from "../../sim/errors.js";
import type { Io } from "./io.js";
import { lookNearby } from "./nearby.js";
import type { Output } from "./output.js";
import { askPassword, askPop, chooseLabel, fromFile } from "./secrets.js";
import { proofOfPossession } from "./values.js";

/** What the options say about device and network. */
export interface Wanted {
  /** Addresses to ask. */
  device: string[];
  /** In place of that, where a device of the emulator is near by Bluetooth. */
  ble?: string;
  dk?: string;
  pk?: string;
  ssid?: string;
  password?: string;
  passwordFile?: string;
  pop?: string;
  popFile?: string;
  /** Text of the label's QR code, or a file with it. */
  qr?: string;
  /** The factory's file of labels, in its place. */
  labels?: string;
  authKey?: string;
  /** bindingCode that the person has from elsewhere. */
  code?: string;
  json?: boolean;
}

/** What `bindDevice` takes of that. */
export interface Prepared extends Pick<Wanted, "ssid" | "password" | "pop" | "authKey" | "code"> {
  device: NonNullable<BindDeviceOptions["device"]>;
  address: string;
  transport?: () => Promise<Duplex>;
}

function demandDeviceKey({ dk }: Pick<Found, "dk">): void {
  if (dk) return;
  throw new UsageError(
    "this device does not tell its DeviceKey by Bluetooth, which the proof is for: give --dk or --qr",
  );
}

/** What the app needs to know of the device and its network, asked for where it is missing. */
export async function prepare(options: Wanted, io: Io, output: Output): Promise<Prepared> {
  const ask = options.json ? undefined : io.ask;
  const label = chooseLabel(options);
  const { authKey, dk = label?.dk, pk = label?.pk } = options;
  let pop = fromFile(options.popFile, options.pop) ?? (label?.pop || undefined);
  if (pop !== undefined) pop = proofOfPossession(pop);
  let password = fromFile(options.passwordFile, options.password);
  const { device, transport }: Pick<Prepared, "device" | "transport"> =
    options.ble === undefined
      ? { device: await chooseDevice({ addresses: options.device, dk, pk, label, signal: io.stop }, ask, output) }
      : await lookNearby(options.ble, { dk, pk });
  const where = { port: (device as Partial<Found>).port, transport, signal: io.stop };
  let { ssid } = options;
  // Without that, the device is only discovered: the code is known.
  const asked = ssid !== undefined || !options.code;
  if (ask && asked) {
    if (!pop && !authKey && (await demandsProof(device.address, where))) {
      demandDeviceKey(device);
      pop = await askPop(ask);
    }
    const possession = possessionOf({ pop, authKey }, device.dk);
    ssid ??= await chooseNetwork(device.address, { ...where, possession }, ask, output);
    password ??= await askPassword(ask, ssid);
  }
  if (pop || authKey) demandDeviceKey(device);
  return { device, address: device.address, transport, ssid, password, pop, authKey, code: options.code };
}
