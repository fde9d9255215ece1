/** The binding call: its checks, in their fixed order, and what a success changes. */
import { randomBytes } from "node:crypto";

import {
  REASON_BOUND,
  REASON_WITHDRAWN,
  RESULT_AUTH_KEY,
  RESULT_BOUND,
  RESULT_CODE,
  RESULT_REASON,
} from "../../src/codec/commands.js";
import type { Node } from "../../src/codec/ttlv.js";
import { isBindingCode } from "../../src/codec/code.js";
import { isKey } from "../../src/codec/identity.js";
import type { User } from "./products.js";
import type { DeviceRecord, Registry } from "./registry.js";
import { envelope, type Envelope } from "./status.js";

/** Tells a device a result, now or later. */
export type TellDevice = (device: DeviceRecord, nodes: Node[]) => void;

interface Request {
  pk: string;
  dk: string;
  code: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** What the request itself gets wrong, before any device is looked at. */
function refuseRequest({ pk, dk, code }: Request, body: Record<string, unknown>): Envelope | undefined {
  const kind = (field: string): string =>
    body[field] === undefined || body[field] === "" ? `${field} is missing` : `${field} must be a string`;
  if (!pk) return envelope(5066, kind("productKey"));
  if (!dk) return envelope(5067, kind("deviceKey"));
  if (!isKey(dk, 4, 32)) return envelope(5361, "a DeviceKey is 4-32 letters and digits");
  if (!code) return envelope(5179, kind("bindingCode"));
  if (!isBindingCode(code)) return envelope(5213, "a bindingCode is exactly 16 characters 0-9A-F, in upper case");
  return undefined;
}

/** What the device has not done. */
function refuseDevice(device: DeviceRecord): Envelope | undefined {
  if (device.distrusted) {
    return envelope(
      5009,
      "the bindingSecret that the device reported cannot be verified: check PS, PK and DK in its flash",
    );
  }
  if (!device.secret) {
    return envelope(5465, "no 00B5 with ids 12 and 13 has come from this device: is it connected?");
  }
  return undefined;
}

/** What the code does not prove. A fifth wrong try kills the code, and the device is told to make another. */
function refuseCode(device: DeviceRecord, code: string, tellDevice: TellDevice): Envelope | undefined {
  switch (device.check(code)) {
    case "fits":
      return undefined;
    case "unreported":
      return envelope(5460, "no 00B5 with ids 11 and 14 has come from this device: open a binding window");
    case "expired":
      return envelope(5461, "the window is over, or its code is spent or withdrawn: open a new one");
    case "withdrawn":
      tellDevice(device, [
        [RESULT_BOUND, false],
        [RESULT_REASON, REASON_WITHDRAWN],
      ]);
      return envelope(5462, "wrong for the fifth time: the code is withdrawn");
    case "differs":
      return envelope(5462, "the device reported another code");
  }
}

function bind(device: DeviceRecord, user: User, code: string, tellDevice: TellDevice): Envelope {
  const { product } = device;
  const authKey = randomBytes(16);
  if (product.bindingMode === 3) device.users.clear();
  device.spend();
  device.users.add(user.id);
  device.authKey = authKey.toString("base64");
  tellDevice(device, [
    [RESULT_BOUND, true],
    [RESULT_CODE, code],
    [RESULT_AUTH_KEY, authKey.toString("latin1")],
    [RESULT_REASON, REASON_BOUND],
  ]);
  const { bindingMode, logo, name } = product;
  return envelope(200, "", { authKey: device.authKey, bindingMode, productLogo: logo, productName: name });
}

/** POST /v2/binding/enduserapi/v2/deviceBindingByWifi, for a user whose token was accepted. */
export function bindByWifi(
  registry: Registry,
  tellDevice: TellDevice,
  user: User,
  body: Record<string, unknown>,
): Envelope {
  const request = { pk: text(body.productKey), dk: text(body.deviceKey), code: text(body.bindingCode) };
  const malformed = refuseRequest(request, body);
  if (malformed) return malformed;
  const device = registry.find(request.pk, request.dk);
  if (!device) {
    const why = registry.product(request.pk) ? "this device has never authenticated" : "no product has this ProductKey";
    return envelope(5314, `${why}: check PK and DK, and that the device reaches this cloud's MQTT port`);
  }
  if (device.users.has(user.id)) return envelope(5049, "this user has bound the device already");
  if (device.product.bindingMode === 2 && device.users.size) {
    return envelope(5412, "the product allows one owner, and the device has one");
  }
  return (
    refuseDevice(device) ?? refuseCode(device, request.code, tellDevice) ?? bind(device, user, request.code, tellDevice)
  );
}
