/** The API's other calls: may I bind, which devices have I, their keys, unbind, and the enterprise's check of a code. */
import { INFO_FIRMWARE, INFO_MODEL, REASON_UNBOUND, STATUS_RSSI } from "../../src/codec/commands.js";
import { bind, refuseCode, refuseOwner, refuseUser, type Context } from "./binding.js";
import type { DeviceRecord } from "./device-record.js";
import type { User } from "./products.js";
import { checkCode, checkDeviceKey, demandText, type Fields } from "./request.js";
import { refusal, success, type Envelope } from "./status.js";

/** GET getDeviceInfoByBinding?pk&dk: whether this user could bind the device. */
export function deviceInfo({ registry }: Context, user: User, query: Fields): Envelope {
  const malformed = demandText(query, "pk", 5066) ?? (query.dk === undefined ? undefined : checkDeviceKey(query.dk));
  if (malformed) return malformed;
  const product = registry.product(String(query.pk));
  if (!product) return refusal(5314, "no product has this ProductKey: check it, and the products file");
  const foreign = refuseUser(product, user);
  if (foreign) return foreign;
  const device = registry.find(product.pk, String(query.dk));
  if (!device && query.dk !== undefined && query.checkExistInCloud !== "false") {
    return refusal(5314, "this device has never authenticated: check DK, and that it reaches this cloud's MQTT port");
  }
  const owned = device && refuseOwner(device, user);
  if (owned) return owned;
  const { bindingMode, logo, name } = product;
  const data = { activeBluetooth: false, bindingMode, productLogo: logo, productName: name };
  return success(data, "Successfully queried whether user can bind device");
}

function describe(device: DeviceRecord, user: User, online: boolean) {
  const { product, dk, info, status, bindings } = device;
  const { name, fid, frid, common, capabilitiesBitmask, matter } = bindings.get(user.id)!;
  return {
    productKey: product.pk,
    deviceKey: dk,
    productName: product.name,
    deviceName: name,
    fid: fid ?? "",
    frid: frid ?? "",
    isCommonDevice: common,
    capabilitiesBitmask: capabilitiesBitmask ?? null,
    isMatter: matter !== undefined,
    matterInfo: matter ?? null,
    authKey: device.sharedKey?.toString("base64") ?? "",
    // Only a device with nothing but Bluetooth has one that its app needs.
    bindingCode: "",
    onlineStatus: online ? 1 : 0,
    model: info.get(INFO_MODEL) ?? null,
    firmware: info.get(INFO_FIRMWARE) ?? null,
    rssi: status.get(STATUS_RSSI) ?? null,
  };
}

/** GET userDeviceList: the devices that this user has bound. */
export function deviceList({ registry, isOnline }: Context, user: User): Envelope {
  const list = registry.of(user.id).map((device) => describe(device, user, isOnline(device)));
  return success({ list, total: list.length }, "Success");
}

/** The device that a user has bound, or why there is none. */
export function boundDevice({ registry }: Context, user: User, fields: Fields): DeviceRecord | Envelope {
  const malformed = demandText(fields, "pk", 5066) ?? demandText(fields, "dk", 5067);
  if (malformed) return malformed;
  const device = registry.find(fields.pk as string, fields.dk as string);
  return device?.bindings.has(user.id) ? device : refusal(5052, "this user has not bound this device");
}

/** POST getAuthKey: the key by which the user's apps log in to the device. */
export function getAuthKey(context: Context, user: User, fields: Fields): Envelope {
  const device = boundDevice(context, user, fields);
  if ("msg" in device) return device;
  return success({ authKey: device.sharedKey?.toString("base64") ?? "" }, "Success");
}

/** POST regenerateAuthKey: a new key. It goes to the device now or when it is back, and replaces the old one when it is there. */
export function regenerateAuthKey(context: Context, user: User, fields: Fields): Envelope {
  const device = boundDevice(context, user, fields);
  if ("msg" in device) return device;
  const authKey = device.renewKey().toString("base64");
  context.tellResults(device);
  const notes = context.isOnline(device) ? [] : ["the device is not connected: it gets the key when it is back"];
  return success({ authKey }, "Success", notes);
}

/** DELETE unbundlingDeviceDk?pk&dk. The device is told when its last user has gone. */
export function unbind(context: Context, user: User, query: Fields): Envelope {
  const device = boundDevice(context, user, query);
  if ("msg" in device) return device;
  device.bindings.delete(user.id);
  const bindingSum = device.bindings.size;
  context.tell({ event: "unbound", pk: device.product.pk, dk: device.dk, user: user.id });
  if (!bindingSum) {
    device.voidKey();
    device.addResult({ bound: false, reason: REASON_UNBOUND });
    context.tellResults(device);
  }
  return success({ bindingSum }, "Device unbound successfully");
}

/**
 * POST verifyBindingCode?pk&dk&bindingCode&isBinding, for an enterprise. With isBinding=1 the code is spent: the device
 * is bound to the enterprise, and told so. This call knows no 5461: an expired code is 5462.
 */
export function verifyCode(context: Context, user: User, query: Fields): Envelope {
  if (!user.enterprise) return refusal(5144, "this token does not open the enterprise API");
  const malformed =
    demandText(query, "pk", 5066) ??
    demandText(query, "dk", 5067) ??
    demandText(query, "bindingCode", 5179) ??
    checkCode(query.bindingCode);
  if (malformed) return malformed;
  const device = context.registry.find(String(query.pk), String(query.dk));
  if (!device) return refusal(5460, "this device has never authenticated: check PK, DK and its connection");
  const code = String(query.bindingCode);
  const refused = refuseCode(context, device, code);
  if (refused) return refused.code === 5461 ? refusal(5462, refused.extMsg) : refused;
  if (query.isBinding === "1") bind(context, device, user, code, { name: "", common: true });
  return success(1, "Success");
}
