/** Decides at CONNECT who a device is and whether it may stay. */
import { isKey } from "../../src/codec/identity.js";
import { checkAuthentication, checkConnection } from "./passwords.js";
import type { DeviceRecord } from "./device-record.js";
import type { Registry } from "./registry.js";
import { BAD_DEVICE_KEY, BAD_FLAG, OK, UNKNOWN_PK, type Refusal } from "./refusals.js";

export type Admission =
  /** `authenticating`: it has proved PS and wants a DS. */
  { device: DeviceRecord; authenticating: boolean } | { refusal: Refusal; pk?: string; dk?: string };

export function admit(registry: Registry, clientId: string, password: string): Admission {
  const [form, , pkOfPassword] = password.split(";");
  const authenticating = form === "0";
  const identity = registry.identify(clientId, authenticating ? pkOfPassword : undefined);
  if (!identity) return { refusal: UNKNOWN_PK };
  const { product, dk } = identity;
  if (!isKey(dk, 4, 32)) return { refusal: BAD_DEVICE_KEY, pk: product.pk };
  const known = registry.find(product.pk, dk);
  const verdict = authenticating
    ? checkAuthentication(password, product, dk)
    : form === "1"
      ? checkConnection(password, product, known?.ds)
      : BAD_FLAG;
  if (verdict !== OK) return { refusal: verdict, pk: product.pk, dk };
  return { device: known ?? registry.enrol(product, dk), authenticating };
}
