/** 00B4: what the cloud wants otherwise, read out of its nodes. */

import { ZEROS } from "../codec/bytes.js";
import { CONFIG_PK, CONFIG_PS, CONFIG_SERVER, SERVER_DOMAIN, SERVER_IP, SERVER_PORT } from "../codec/commands.js";
import { isKey, isSecret } from "../codec/identity.js";
import { parseServer } from "../codec/server.js";
import { find, findBytes, textOf, findNumber, type Node } from "../codec/ttlv.js";
import { decryptCbc, ivOf, keyOf } from "../crypto/cbc.js";
import type { Hal } from "../hal/hal.js";
import type { Profile } from "./auth.js";

/** Longest DS; longer ones are cut [S]. */
const MAX_DS = 32;
const AUTH_KEY = 16;

/** The DeviceSecret under an id, or "". */
export function secretIn(nodes: Node[], id: number): string {
  return textOf(nodes, id).substr(0, MAX_DS);
}

/** Where the cloud sends the device, and as which product's; undefined when it stays where it is. */
export function movedTo(nodes: Node[], now: Profile): Profile | undefined {
  const place = find(nodes, CONFIG_SERVER);
  const pk = findBytes(nodes, CONFIG_PK);
  const ps = findBytes(nodes, CONFIG_PS);
  const next = Object.assign({}, now);
  const domain =
    typeof place == "object" && findBytes(place as Node[], SERVER_IP) && findBytes(place as Node[], SERVER_DOMAIN);
  if (domain) next.home = parseServer("mqtt://" + domain + ":" + findNumber(place as Node[], SERVER_PORT)) || now.home;
  if (pk && ps && isKey(pk, 1, 32) && isSecret(ps)) {
    next.pk = pk;
    next.ps = ps;
  }
  return JSON.stringify(next) == JSON.stringify(now) ? undefined : next;
}

/** Whether a text is printable ASCII without spaces; `atob` of anything else is not safe. */
function isPrintable(text: string): boolean {
  return /^[!-~]+$/.test(text);
}

/** The bytes in BASE64, or "" where it is none. */
function fromBase64(hal: Hal, text: string): string {
  if (text.length & 3 || !isPrintable(text)) return "";
  const bytes = hal.fromBase64(text);
  return hal.base64(bytes) == text ? bytes : "";
}

/**
 * What id 12 brings, by the forms that are inferred [I]: BASE64(AES-128-CBC), key and iv of the ProductSecret as in
 * passwords, or an iv of zeros, or not encrypted; in it `PK,DK,` and the authKey, or the authKey or a DS alone.
 * @returns the 16 bytes of an authKey, the 32 characters of a DS, or "" for what cannot be read
 */
export function unseal(hal: Hal, profile: Profile, text: string): string {
  const cipher = fromBase64(hal, text);
  const prefix = profile.pk + "," + profile.dk + ",";
  for (const iv of [ivOf(hal.sha256, profile.ps), ZEROS, ""]) {
    let plain: string = (iv ? decryptCbc(hal.aes, keyOf(profile.ps), iv, cipher) : text) || "";
    if (plain.substr(0, prefix.length) == prefix) plain = plain.substr(prefix.length);
    const key = fromBase64(hal, plain);
    if (key.length == AUTH_KEY) return key;
    if (plain.length == MAX_DS && isPrintable(plain)) return plain;
  }
  return "";
}
