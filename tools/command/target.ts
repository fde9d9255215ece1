/** The device whose data a command reads or writes: over the cloud, or on the LAN. */
import { Option, type Command } from "commander";

import { CloudDevice, devicesOf, LanSession, type Account, type Keys } from "../../sim/app/index.js";
import { FailedError, UsageError } from "../../sim/errors.js";
import { findProperty, type Model, type Property } from "../../sim/model/tsl.js";
import { readModelFile } from "../model/file.js";
import { chooseDevice } from "./choose.js";
import type { Io } from "./io.js";
import type { Output } from "./output.js";
import { chooseToken } from "./products.js";
import { addresses, authKey, deviceKey, httpUrl, productKey } from "./values.js";

export interface TargetOptions {
  cloud?: string;
  token?: string;
  products?: string;
  device?: string[];
  authKey?: string;
  model?: string;
  pk?: string;
  dk?: string;
  json?: boolean;
}

/** One of the two is there. */
export interface Target {
  cloud?: CloudDevice;
  lan?: LanSession;
  /** Undefined where nobody knows the product's: then properties have numbers. */
  model?: Model;
  dk: string;
  close(): void;
}

/** The one device of a user that is meant. */
async function chooseBound(account: Account, { pk, dk }: TargetOptions): Promise<Keys> {
  const fits = (keys: Keys): boolean =>
    (dk === undefined || keys.deviceKey === dk) && (pk === undefined || keys.productKey === pk);
  const found = (await devicesOf(account)).filter(fits);
  if (found.length === 1) return found[0];
  if (!found.length) {
    throw new FailedError(`this user has bound no ${dk ? `device ${dk}` : "device"}${pk ? ` of ${pk}` : ""}`);
  }
  const list = found.map((keys) => `${keys.deviceKey} (${keys.productKey})`).join(", ");
  throw new UsageError(`this user has bound ${found.length} devices, choose one by --dk: ${list}`);
}

async function openLan(options: TargetOptions, account: Account | undefined, io: Io, output: Output): Promise<Target> {
  const { device, pk, dk, model: path } = options;
  const where = { addresses: device!, pk, dk, signal: io.stop };
  const found = await chooseDevice(where, options.json ? undefined : io.ask, output);
  const cloud = account && new CloudDevice(account, { productKey: found.pk, deviceKey: found.dk });
  const key = options.authKey ?? (await cloud?.authKey());
  if (!key) {
    throw new UsageError("the device lets in who has its authKey: give WIFI_BINDING_AUTH_KEY, or --cloud and a token");
  }
  const model = path === undefined ? await cloud?.model() : readModelFile(path);
  const lan = await LanSession.open(found.address, key, { port: found.port, signal: io.stop });
  return { lan, model, dk: found.dk, close: () => lan.close() };
}

/** Finds the device, and opens what leads to it. */
export async function openTarget(options: TargetOptions, io: Io, output: Output): Promise<Target> {
  const { cloud: url, device, model: path } = options;
  const account = url === undefined ? undefined : { cloud: url, token: chooseToken(options), signal: io.stop };
  if (device) return openLan(options, account, io, output);
  if (!account) throw new UsageError("give --cloud URL, or --device ADDRESS for a device on the LAN");
  const keys = await chooseBound(account, options);
  const cloud = new CloudDevice(account, keys);
  const model = path === undefined ? await cloud.model() : readModelFile(path);
  return { cloud, model, dk: keys.deviceKey, close: () => {} };
}

/** What a name or a number means. @throws UsageError */
export function propertyOf(name: string, model?: Model): { id: number; property?: Property } {
  const property = model && findProperty(model, name);
  if (property) return { id: property.id, property };
  const id = Number(name);
  // Devices may have more than their thing model says.
  if (/^[1-9]\d*$/.test(name) && id <= 8191 && !model) return { id };
  const known = model
    ? `the thing model has ${model.properties.map(({ code }) => code).join(", ")}`
    : "without a thing model (--model) properties have numbers, 1-8191";
  throw new UsageError(`there is no property ${name}: ${known}`);
}

/** The options that all of them have. */
export function addTarget(command: Command): Command {
  return command
    .option("--cloud <url>", "URL of the binding API: the way to the device, or with --device to its key", httpUrl)
    .addOption(
      new Option("--token <text>", "the user's token; default: from the products file").env("WIFI_BINDING_TOKEN"),
    )
    .option("--products <file>", "products file, as `cloud` writes it")
    .option("--device <address>", "go by the LAN; address to ask, repeatable, as in `bind`", addresses)
    .addOption(
      new Option("--auth-key <base64>", "the device's authKey, for --device without --cloud")
        .env("WIFI_BINDING_AUTH_KEY")
        .argParser(authKey),
    )
    .option("--model <file>", "thing model with the names of the properties; default: the cloud's")
    .option("--dk <DeviceKey>", "the device, where there are several", deviceKey)
    .option("--pk <ProductKey>", "only devices of this product", productKey)
    .option("--json", "one JSON object a line");
}

/** How a person reads a value. */
export function valueText(value: unknown, property?: Property): string {
  const named = property?.values?.get(value as number);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `${text}${property?.unit ? ` ${property.unit}` : ""}${named && named !== text ? ` (${named})` : ""}`;
}
