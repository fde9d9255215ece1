/** The binding call: its checks, in their fixed order, and what a success changes. */
import { REASON_BOUND, INFO_SDK, SDK_NAME } from "../../src/codec/commands.js";
import type { Change } from "./configure.js";
import type { Delivery } from "./connections.js";
import type { Binding, DeviceRecord } from "./device-record.js";
import type { Tell } from "./events.js";
import type { Product, User } from "./products.js";
import type { Registry } from "./registry.js";
import { readRequest, remarks, type Fields } from "./request.js";
import { refusal, success, type Envelope } from "./status.js";
import type { Updates } from "./updates/updates.js";

/** What a call works on. */
export interface Context {
  registry: Registry;
  tell: Tell;
  isOnline: (device: DeviceRecord) => boolean;
  /** Whether it has come only now, and may be about to report another code. */
  mayReport: (device: DeviceRecord) => boolean;
  /** The device may have a key or results to be sent. */
  tellResults: (device: DeviceRecord) => void;
  /** Changes something on a device; false when it is not online. */
  configure: (device: DeviceRecord, change: Change) => boolean;
  /** Sends application data to a device. */
  control: (device: DeviceRecord, cmd: number, data: string) => Promise<Delivery>;
  /** Asks a device for properties. */
  read: (device: DeviceRecord, ids: number[]) => Promise<Delivery>;
  /** Forgets a device and ends its connection. */
  forget: (device: DeviceRecord) => void;
  updates: Updates;
}

/** The data of a success. */
export interface DeviceInfo {
  /** BASE64 of the 16 bytes that the device is given too. */
  authKey: string;
  bindingMode: number;
  productLogo: string;
  productName: string;
}

/** Who may have this product's devices at all. */
export function refuseUser(product: Product, user: User): Envelope | undefined {
  if (product.domains && !product.domains.includes(user.domain ?? "")) {
    return refusal(5229, "the product's list of domains does not have this user's: check the products file");
  }
  if (product.dataCenter && product.dataCenter !== user.dataCenter) {
    return refusal(6083, `the product is at home in ${product.dataCenter}, this user in ${user.dataCenter ?? "none"}`);
  }
  return undefined;
}

/** Who has the device already. */
export function refuseOwner(device: DeviceRecord, user: User): Envelope | undefined {
  if (device.bindings.has(user.id)) return refusal(5049, "this user has bound the device already");
  if (device.product.bindingMode === 2 && device.bindings.size) {
    return refusal(
      5412,
      "the product allows one owner, and the device has one: it unbinds first, or the device is reset",
    );
  }
  return undefined;
}

/** A device of this project always reports both; the vendor's SDK 2.9.0 knows no bindingSecret. */
function refuseSecret({ secret, info }: DeviceRecord): Envelope | undefined {
  if (secret !== undefined || !String(info.get(INFO_SDK) ?? "").startsWith(SDK_NAME)) return undefined;
  return refusal(5465, "the device has reported its bindingCode without a bindingSecret (00B5 id 15)");
}

/**
 * What the code does not prove. A fifth wrong try kills the code that is open, and the device is told to make another.
 * A device that is away, or has come only now, has perhaps not reported this code yet, whatever it has reported before.
 */
export function refuseCode(context: Context, device: DeviceRecord, code: string): Envelope | undefined {
  const online = context.isOnline(device);
  const check = device.check(code);
  if (check === "withdrawn") {
    context.tell({ event: "withdrawn", pk: device.product.pk, dk: device.dk });
    context.tellResults(device);
  }
  if (check === "fits") return refuseSecret(device);
  if (check === "expired") {
    return refusal(5461, "the window of this code is over, or it is spent, withdrawn or replaced: open a new one");
  }
  if (check === "unreported" || !online || context.mayReport(device)) return notReported(online);
  return refusal(
    5462,
    check === "differs" ? "the device reported another code" : "wrong for the fifth time: the code is withdrawn",
  );
}

function notReported(online: boolean): Envelope {
  const why = online ? "the device is connected and has not reported this code" : "the device is not connected";
  return refusal(5460, `${why}: wait for its 00B5 with id 11, or look at its log`);
}

/**
 * Spends the code and makes the user an owner; in mode 3 the only one. The device learns of it by the authKey, and one
 * that says it understands them also by a result.
 */
export function bind(context: Context, device: DeviceRecord, user: User, code: string, binding: Binding): DeviceInfo {
  const { product } = device;
  if (product.bindingMode === 3 && device.bindings.size) {
    device.bindings.clear();
    device.voidKey();
  }
  device.closeWindow();
  device.bindings.set(user.id, binding);
  device.announceKey();
  const authKey = device.sharedKey!;
  device.addResult({ bound: true, reason: REASON_BOUND, code });
  context.tell({ event: "bound", pk: product.pk, dk: device.dk, user: user.id });
  context.tellResults(device);
  return {
    authKey: authKey.toString("base64"),
    bindingMode: product.bindingMode,
    productLogo: product.logo,
    productName: product.name,
  };
}

/** POST /v2/binding/enduserapi/v2/deviceBindingByWifi, for a user whose token was accepted and a body that fits the schema. */
export function bindByWifi(context: Context, user: User, body: Fields): Envelope {
  const { pk, dk, code, binding } = readRequest(body);
  const product = context.registry.product(pk);
  if (!product) return refusal(5314, "no product has this ProductKey: check it, and the products file");
  const foreign = refuseUser(product, user);
  if (foreign) return foreign;
  const device = context.registry.find(pk, dk);
  // An app has the code before a new device has reached the cloud: it asks again.
  if (!device) {
    return refusal(5460, "this device has never authenticated: if it stays so, check DK, its network and its server");
  }
  const owned = refuseOwner(device, user);
  // A device that was reset, and has not said so yet, is told apart by its code, which is new.
  if (owned) return device.knows(code) ? owned : notReported(context.isOnline(device));
  const refused = refuseCode(context, device, code);
  if (refused) return refused;
  return success(bind(context, device, user, code, binding), undefined, remarks(binding, product.capabilitiesBitmask));
}
