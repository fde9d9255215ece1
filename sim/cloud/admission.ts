/** Decides at CONNECT who a device is and whether it may stay. */
import { isKey } from "../../src/codec/identity.js";
import { checkAuthentication, checkConnection } from "./passwords.js";
import type { DeviceRecord } from "./device-record.js";
import type { Product } from "./products.js";
import type { Registry } from "./registry.js";
import { BAD_DEVICE_KEY, BAD_FLAG, OK, UNKNOWN_DEVICE, UNKNOWN_PK, type Refusal } from "./refusals.js";

export type Admission =
  /**
   * `authenticating`: it has proved PS and wants a DS. `encrypt`: it wants a session key.
   * `keepDs`: a DS that it has already is the one that it gets.
   */
  | { device: DeviceRecord; authenticating: boolean; encrypt: boolean; keepDs?: boolean }
  | { refusal: Refusal; pk?: string; dk?: string };

export function admit(registry: Registry, clientId: string, password: string): Admission {
  const [form, flag, pkOfPassword] = password.split(";");
  const authenticating = form === "0";
  const identity = registry.identify(clientId, authenticating ? pkOfPassword : undefined);
  if (!identity) return { refusal: UNKNOWN_PK };
  const { product, dk } = identity;
  if (!isKey(dk, 4, 32)) return { refusal: BAD_DEVICE_KEY, pk: product.pk };
  const known = registry.find(product.pk, dk);
  const verdict = authenticating
    ? checkAuthentication(password, product, dk)
    : form === "1"
      ? checkDs(password, product, known)
      : BAD_FLAG;
  if (verdict !== OK) return { refusal: verdict, pk: product.pk, dk };
  return { device: known ?? registry.enrol(product, dk), authenticating, encrypt: flag === "0001" };
}

/** The DS that counts, or the one that was sent to take its place, and does so from now on. */
function checkDs(password: string, product: Product, device?: DeviceRecord): Refusal | typeof OK {
  if (device?.nextDs && checkConnection(password, product, device.nextDs) === OK) {
    device.ds = device.nextDs;
    device.nextDs = undefined;
    device.changesSecret = true;
    device.save();
  }
  return checkConnection(password, product, device?.ds);
}

/**
 * Admits a device by its clientId alone.
 * @param verified whether its password was checked, before this cloud was started: then it needs no DS
 */
export function believe(registry: Registry, clientId: string, verified: boolean): Admission {
  const identity = registry.identify(clientId);
  if (!identity) return { refusal: UNKNOWN_PK };
  const { product, dk } = identity;
  if (!isKey(dk, 4, 32)) return { refusal: BAD_DEVICE_KEY, pk: product.pk };
  const known = registry.find(product.pk, dk);
  if (verified && !known) return { refusal: UNKNOWN_DEVICE, pk: product.pk, dk };
  const device = known ?? registry.enrol(product, dk);
  return { device, authenticating: !verified, encrypt: false, keepDs: true };
}
