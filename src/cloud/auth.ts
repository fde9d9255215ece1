/** The two passwords by which a device proves itself to the platform over MQTT. [S+] */

import { encryptCbc, ivOf, keyOf } from "../crypto/cbc.js";
import type { Server } from "../codec/server.js";
import type { Platform } from "../platform.js";

/** Where a device connects, and as which product's. */
export interface Profile {
  server: Server;
  pk: string;
  ps: string;
  dk: string;
}

/** Four digits of the password. */
function flag(encrypt: boolean): string {
  return encrypt ? "0001" : "0000";
}

function sign(platform: Platform, text: string): string {
  return platform.base64(platform.sha256(text));
}

export function clientId(profile: Profile): string {
  return "qd" + profile.pk + profile.dk;
}

/**
 * Password of a device that has no DS yet: `0;flag;PK;` and the encrypted `DK;rand;sign`.
 * @param rand 16 characters 0-9A-Za-z
 * @param encrypt whether the device asks for a session key
 */
export function authenticationPassword(platform: Platform, profile: Profile, rand: string, encrypt: boolean): string {
  const body = profile.dk + ";" + rand + ";" + sign(platform, profile.dk + ";" + profile.ps + ";" + rand);
  const cipher = encryptCbc(platform.aes, keyOf(profile.ps), ivOf(platform.sha256, profile.ps), body);
  return "0;" + flag(encrypt) + ";" + profile.pk + ";" + platform.base64(cipher);
}

/** Password of a device that has a DS: `1;flag;rand;` and a hash over DS, PS and rand. */
export function connectionPassword(
  platform: Platform,
  profile: Profile,
  ds: string,
  rand: string,
  encrypt: boolean,
): string {
  return "1;" + flag(encrypt) + ";" + rand + ";" + sign(platform, ds + ";" + profile.ps + ";" + rand);
}
