/** What must be true of every life, wherever it was cut off. */

import type { DeviceRecord } from "../../../sim/cloud/device-record.js";
import type { Node } from "../../../src/codec/ttlv.js";
import { UPDATE } from "./cloud.js";
import type { Facts } from "./facts.js";

/** A device that has lost its power. */
export interface Wreck {
  /** Its flash before the life that was cut off, and now. */
  before: Facts;
  cut: Facts;
  /** Wi-Fi credentials, and PK with PS, that may be in flash. */
  networks: Set<string>;
  products: Set<string>;
  /** All that the cloud has issued. */
  deviceSecrets: Set<string>;
  /** The cloud's bindingSecrets, one for each PK. */
  cloudSecrets: (string | undefined)[];
  /** Connections that the life that was cut off had made. */
  connections: number;
}

/** What came after. */
export interface Story extends Wreck {
  after: Facts;
  /** The identity's bytes, before the life and at the end. */
  identity: [Uint8Array, Uint8Array];
  /** bindingCodes that somebody knew when the power went, and those of the time after. */
  deadCodes: Set<string>;
  freshCodes: Set<string>;
  /** Passwords of all connections. */
  passwords: string[];
  /** What the device was and had when it had booted again. */
  booted: { state: string; code: unknown };
  /** What the last binding call answered, of which user. */
  bound: number;
  user: string;
  /** The cloud's record of the device at the end. */
  record: DeviceRecord;
}

export const networkOf = (facts: Facts): string =>
  JSON.stringify([facts.KEY_SSID, facts.KEY_PASSWORD, facts.KEY_SERVER]);
export const productOf = (facts: Facts): string => JSON.stringify([facts.KEY_PK, facts.KEY_PS]);

const hexOf = (raw: unknown): unknown => (typeof raw === "string" ? Buffer.from(raw, "latin1").toString("hex") : raw);

/** Whether the credentials are those of another identity. */
const isAnother = (before: Facts, cut: Facts): boolean => before.KEY_IDENTITY !== cut.KEY_IDENTITY;

/** Rules for the flash of a device without power, and for all that follows. */
export const AT_THE_CUT: Record<string, (wreck: Wreck) => boolean> = {
  "the Wi-Fi credentials are the old ones or the new ones, never a mix": ({ cut, networks }) =>
    networks.has(networkOf(cut)),
  "PK and PS are the old ones or the new ones, never a mix": ({ cut, products }) => products.has(productOf(cut)),
  "the DS is one that the cloud has issued, or none": ({ cut, deviceSecrets }) =>
    !cut.KEY_DS || deviceSecrets.has(String(cut.KEY_DS)),
  "the bindingSecret is whole": ({ cut }) =>
    cut.KEY_SECRET === undefined || /^[0-9A-F]{16}$/.test(String(cut.KEY_SECRET)),
  "a bindingSecret that counts as reported is the cloud's": ({ cut, cloudSecrets }) =>
    !cut.KEY_SECRET_REPORTED || cloudSecrets.includes(String(cut.KEY_SECRET)),
  "an update that is under way is the one that was offered": ({ cut }) => {
    const update = (cut.KEY_UPDATE ?? []) as Node[];
    return update.length < 3 || (update.length === 7 && update[3][1] === UPDATE);
  },
  "who has not stored the next random state has said nothing": ({ before, cut, connections }) =>
    before.KEY_RANDOM !== cut.KEY_RANDOM || connections === 0,
  "a reset has forgotten all of it, and another identity what the cloud had made": ({ before, cut }) =>
    !cut.KEY_PURGE ||
    before.KEY_PURGE === true ||
    (isAnother(before, cut)
      ? !cut.KEY_DS && !cut.KEY_AUTH_KEY && !cut.KEY_PK && !cut.KEY_PS && !cut.KEY_SERVER
      : // The server of another product stays as long as that does: a removal leaves both.
        !cut.KEY_SSID && !cut.KEY_PASSWORD && (!cut.KEY_SERVER || !!cut.KEY_PK)),
};

export const IN_THE_END: Record<string, (story: Story) => boolean> = {
  "the identity is untouched": ({ identity }) => Buffer.compare(...identity) === 0,
  "no random state comes twice": ({ before, cut, after }) =>
    after.KEY_RANDOM !== undefined && after.KEY_RANDOM !== cut.KEY_RANDOM && after.KEY_RANDOM !== before.KEY_RANDOM,
  "no connection says what another one said": ({ passwords }) => new Set(passwords).size === passwords.length,
  "a key that the device does not know is kept": ({ before, cut, after }) =>
    cut.FOREIGN === before.FOREIGN && after.FOREIGN === before.FOREIGN,
  "a purge that was cut in half is finished": ({ before, cut, booted, after }) =>
    after.KEY_PURGE === undefined && (!cut.KEY_PURGE || isAnother(before, cut) || booted.state === "provisioning"),
  "no code is there after a boot": ({ booted }) => booted.code === null || booted.code === undefined,
  "no code comes back that anybody knew": ({ deadCodes, freshCodes }) =>
    [...freshCodes].every((code) => !deadCodes.has(code)),
  "the honest flow binds": ({ bound }) => bound === 200,
  "flash and cloud agree in the end": ({ after, record }) =>
    after.KEY_DS === record.ds &&
    after.KEY_SECRET === record.secret &&
    after.KEY_SECRET_REPORTED === true &&
    hexOf(after.KEY_AUTH_KEY) === record.authKey?.toString("hex"),
};

/** The rules that do not hold. */
export function broken<T>(rules: Record<string, (about: T) => boolean>, about: T): string[] {
  return Object.keys(rules).filter((rule) => !rules[rule](about));
}
