/** What the cloud and the device share: DeviceSecret, bindingSecret and authKey, and the product that they belong to. */

import type { Profile } from "../cloud/auth.js";
import type { Identity, Keys } from "../codec/identity.js";
import { serverUrl, type Server } from "../codec/server.js";
import { newSecret, ofTheCloud } from "../credentials/birth.js";
import type { Random } from "../random/drbg.js";
import type { Changes } from "../storage/area.js";
import type { Journal } from "../storage/journal.js";
import { KEY_AUTH_KEY, KEY_DS, KEY_PK, KEY_PS, KEY_SECRET, KEY_SECRET_REPORTED, KEY_SERVER } from "../storage/keys.js";

export interface Secrets {
  /** The DS to connect with, or "" to ask for one. */
  deviceSecret(): string;
  /**
   * Another DS, or none: a bindingSecret that was made for the old one, or for another product, changes with it.
   * @param profile where it is good, if that has changed
   */
  renew(ds: string, profile?: Profile): void;
  /** The present product at a server. */
  profileAt(server: Server): Profile;
  bindingSecret(): string;
  /** Whether the cloud has the bindingSecret. */
  known(): boolean;
  /** The cloud has this bindingSecret; it may be the present one no more. */
  acknowledged(secret: string): void;
  /** 16 bytes while the device is bound, else "". */
  authKey(): string;
  /** Stores the authKey, or forgets it ("") @returns whether it is another one than before */
  setAuthKey(key: string): boolean;
  /** The server to which the cloud has moved the device together with its product, or "". */
  movedTo(): string;
  /** The changes that forget all of it: what the cloud gave goes as a whole, and the bindingSecret is a new one. */
  reset(): Changes;
}

/**
 * What is secret is read from flash each time: a console shows all that is in RAM.
 * @param identity its PK follows the product
 * @param factory reads what the factory wrote
 * @once
 */
export function createSecrets(identity: Keys, factory: () => Identity, journal: Journal, random: Random): Secrets {
  function productSecret(): string {
    return journal.text(KEY_PS) || factory().ps;
  }

  function deviceSecret(): string {
    return journal.get(KEY_DS) === undefined ? factory().ds : journal.text(KEY_DS);
  }

  function authKey(): string {
    return journal.text(KEY_AUTH_KEY);
  }

  return {
    deviceSecret: deviceSecret,
    renew(ds, profile) {
      const old = deviceSecret();
      const product = profile && (profile.pk != identity.pk || profile.ps != productSecret()) ? profile : undefined;
      let changes: Changes = [[KEY_DS, ds]];
      if (profile) changes.push([KEY_SERVER, serverUrl(profile.home)]);
      if (product) changes.push([KEY_PK, product.pk], [KEY_PS, product.ps], [KEY_AUTH_KEY, false]);
      if (product || (old != "" && old != ds)) changes = changes.concat(newSecret(journal, random));
      journal.put(changes);
      if (product) identity.pk = product.pk;
    },
    profileAt: (server) => ({ home: server, pk: identity.pk, ps: productSecret(), dk: identity.dk }),
    bindingSecret: () => journal.text(KEY_SECRET),
    known: () => journal.get(KEY_SECRET_REPORTED) === true,
    acknowledged(secret) {
      if (secret == journal.text(KEY_SECRET) && !journal.get(KEY_SECRET_REPORTED)) {
        journal.put([[KEY_SECRET_REPORTED, true]]);
      }
    },
    authKey: authKey,
    setAuthKey(key) {
      const changed = key != authKey();
      if (changed) journal.put([[KEY_AUTH_KEY, key || false]]);
      return changed;
    },
    movedTo: () => (journal.get(KEY_PK) ? journal.text(KEY_SERVER) : ""),
    reset: () => newSecret(journal, random).concat(ofTheCloud()),
  };
}
