/** The two passwords by which a device proves itself to the cloud over MQTT. [S+] */

import { encryptCbc, ivOf, keyOf } from "../crypto/cbc.js";
import type { Server } from "../codec/server.js";
import type { Hal } from "../hal/hal.js";

/** Where a device connects, and as which product's. */
export interface Profile {
  home: Server;
  pk: string;
  ps: string;
  dk: string;
}

/** Four digits of the password. */
function flag(encrypt: boolean | undefined): string {
  return encrypt ? "0001" : "0000";
}

function sign(hal: Hal, text: string): string {
  return hal.base64(hal.sha256(text));
}

export function clientId(profile: Profile): string {
  return "qd" + profile.pk + profile.dk;
}

/**
 * Password of a device that has no DS yet: `0;flag;PK;` and the encrypted `DK;rand;sign`.
 * @param rand 16 characters 0-9A-Za-z
 * @param encrypt whether the device asks for a session key
 */
export function authenticationPassword(hal: Hal, profile: Profile, rand: string, encrypt: boolean | undefined): string {
  const body = profile.dk + ";" + rand + ";" + sign(hal, profile.dk + ";" + profile.ps + ";" + rand);
  const cipher = encryptCbc(hal.aes, keyOf(profile.ps), ivOf(hal.sha256, profile.ps), body);
  return "0;" + flag(encrypt) + ";" + profile.pk + ";" + hal.base64(cipher);
}

/** Password of a device that has a DS: `1;flag;rand;` and a hash over DS, PS and rand. */
export function connectionPassword(
  hal: Hal,
  profile: Profile,
  ds: string,
  rand: string,
  encrypt: boolean | undefined,
): string {
  return "1;" + flag(encrypt) + ";" + rand + ";" + sign(hal, ds + ";" + profile.ps + ";" + rand);
}

/** @param ds "" to ask for one @param rand 16 characters 0-9A-Za-z */
export function passwordOf(hal: Hal, profile: Profile, ds: string, rand: string, encrypt: boolean | undefined): string {
  return ds ? connectionPassword(hal, profile, ds, rand, encrypt) : authenticationPassword(hal, profile, rand, encrypt);
}
