/** The binding call: its checks, in their fixed order, and what a success changes. */
import { randomBytes } from "node:crypto";

import { REASON_BOUND } from "../../src/codec/commands.js";
import type { Change } from "./configure.js";
import type { Binding, DeviceRecord } from "./device-record.js";
import type { Tell } from "./events.js";
import type { Product, User } from "./products.js";
import type { Registry } from "./registry.js";
import { readRequest, remarks, type Fields } from "./request.js";
import { refusal, success, type Envelope } from "./status.js";

/** What a call works on. */
export interface Context {
  registry: Registry;
  tell: Tell;
  /** The device may have results to be told. */
  tellResults: (device: DeviceRecord) => void;
  /** Changes something on a device; false when it is not online. */
  configure: (device: DeviceRecord, change: Change) => boolean;
}

/** The data of a success. */
export interface DeviceInfo {
  /** BASE64 of the 16 bytes that the device was given too. */
  authKey: string;
  bindingMode: number;
  productLogo: string;
  productName: string;
}

/** Who may have this product's devices at all. */
function refuseUser(product: Product, user: User): Envelope | undefined {
  if (product.domains && !product.domains.includes(user.domain ?? "")) {
    return refusal(5229, "the product's list of domains does not have this user's: check the products file");
  }
  if (product.dataCenter && user.dataCenter && product.dataCenter !== user.dataCenter) {
    return refusal(6083, `the product is at home in ${product.dataCenter}, this user in ${user.dataCenter}`);
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

/** What the device has not done. */
function refuseDevice(device: DeviceRecord): Envelope | undefined {
  if (device.distrusted) {
    return refusal(
      5009,
      "the bindingSecret that the device reported cannot be verified: check PS, PK and DK in its flash",
    );
  }
  if (!device.secret) {
    return refusal(5465, "no 00B5 with ids 12 and 13 has come from this device: is it connected?");
  }
  return undefined;
}

/** What the code does not prove. A fifth wrong try kills the code, and the device is told to make another. */
export function refuseCode(context: Context, device: DeviceRecord, code: string): Envelope | undefined {
  switch (device.check(code)) {
    case "fits":
      return undefined;
    case "unreported":
      return refusal(5460, "no 00B5 with ids 11 and 14 has come from this device: open a binding window");
    case "expired":
      return refusal(5461, "the window is over, or its code is spent or withdrawn: open a new one");
    case "withdrawn":
      context.tell({ event: "withdrawn", pk: device.product.pk, dk: device.dk });
      context.tellResults(device);
      return refusal(5462, "wrong for the fifth time: the code is withdrawn");
    case "differs":
      return refusal(5462, "the device reported another code");
  }
}

/** Spends the code and makes the user an owner; in mode 3 the only one. The device learns of it by a result. */
export function bind(context: Context, device: DeviceRecord, user: User, code: string, binding: Binding): DeviceInfo {
  const { product } = device;
  if (product.bindingMode === 3) {
    device.bindings.clear();
    device.authKey = undefined;
  }
  device.closeWindow();
  device.bindings.set(user.id, binding);
  // Several users of one device share its key, which is what it authenticates apps by.
  const authKey = (device.authKey ??= randomBytes(16));
  device.addResult({ bound: true, reason: REASON_BOUND, code, authKey });
  context.tell({ event: "bound", pk: product.pk, dk: device.dk, user: user.id });
  context.tellResults(device);
  return {
    authKey: authKey.toString("base64"),
    bindingMode: product.bindingMode,
    productLogo: product.logo,
    productName: product.name,
  };
}

/** POST /v2/binding/enduserapi/v2/deviceBindingByWifi, for a user whose token was accepted. */
export function bindByWifi(context: Context, user: User, body: Fields): Envelope {
  const request = readRequest(body);
  if ("msg" in request) return request;
  const { pk, dk, code, binding } = request;
  const product = context.registry.product(pk);
  if (!product) return refusal(5314, "no product has this ProductKey: check it, and the products file");
  const foreign = refuseUser(product, user);
  if (foreign) return foreign;
  const device = context.registry.find(pk, dk);
  if (!device) {
    return refusal(5314, "this device has never authenticated: check DK, and that it reaches this cloud's MQTT port");
  }
  const refused = refuseOwner(device, user) ?? refuseDevice(device) ?? refuseCode(context, device, code);
  if (refused) return refused;
  return success(bind(context, device, user, code, binding), undefined, remarks(binding, product.capabilitiesBitmask));
}
