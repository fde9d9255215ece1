/** The two passwords by which a device proves itself to the platform over MQTT. [S+] */

import { encryptCbc, ivOf, keyOf } from "../crypto/cbc.js";
import type { Identity } from "../codec/identity.js";
import type { Platform } from "../platform.js";

/** Four digits of the password: 0001 asks for payload encryption. */
const NO_SESSION_KEY = "0000";

function sign(platform: Platform, text: string): string {
  return platform.base64(platform.sha256(text));
}

export function clientId(identity: Identity): string {
  return "qd" + identity.pk + identity.dk;
}

/**
 * Password of a device that has no DS yet: `0;flag;PK;` and the encrypted `DK;rand;sign`.
 * @param rand 16 characters 0-9A-Za-z
 */
export function authenticationPassword(platform: Platform, identity: Identity, rand: string): string {
  const body = identity.dk + ";" + rand + ";" + sign(platform, identity.dk + ";" + identity.ps + ";" + rand);
  const cipher = encryptCbc(platform.aes, keyOf(identity.ps), ivOf(platform.sha256, identity.ps), body);
  return "0;" + NO_SESSION_KEY + ";" + identity.pk + ";" + platform.base64(cipher);
}

/** Password of a device that has a DS: `1;flag;rand;` and a hash over DS, PS and rand. */
export function connectionPassword(platform: Platform, identity: Identity, ds: string, rand: string): string {
  return "1;" + NO_SESSION_KEY + ";" + rand + ";" + sign(platform, ds + ";" + identity.ps + ";" + rand);
}
