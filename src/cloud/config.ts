/** 00B4: what the cloud wants otherwise: a DS, an authKey, a session key, another server or product. */

import { first16, ZEROS } from "../codec/bytes.js";
import {
  CMD_CONFIG_ECHO,
  CONFIG_DS,
  CONFIG_NEW_DS,
  CONFIG_PK,
  CONFIG_PS,
  CONFIG_REAUTHENTICATE,
  CONFIG_SEALED,
  CONFIG_SERVER,
  CONFIG_SESSION_KEY,
  SERVER_DOMAIN,
  SERVER_IP,
  SERVER_PORT,
  UNPACK_CONTENT,
} from "../codec/commands.js";
import { isKey, isSecret } from "../codec/identity.js";
import { parseServer } from "../codec/server.js";
import { find, findBytes, textOf, findNumber, type Node } from "../codec/ttlv.js";
import { decryptCbc, ivOf, keyOf } from "../crypto/cbc.js";
import type { Hal } from "../hal/hal.js";
import type { Profile } from "./auth.js";
import type { Handler } from "./router.js";
import type { Target } from "./target.js";
import { CLASS_SYS, type Uplink } from "./uplink.js";

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

export interface ConfigEvents {
  /** The cloud has given an authKey of 16 bytes; "": it has given something that cannot be read. As durable. */
  authKey(key: string): void;
}

/**
 * @param issued a DS was issued, and is stored
 * @param renew connects anew
 * @returns the handler of 00B4; only its id 12 is answered
 * @once
 */
export function createConfig(
  hal: Hal,
  uplink: Uplink,
  target: Target,
  events: ConfigEvents,
  issued: () => void,
  renew: () => void,
): Handler {
  return (id, nodes): number | void => {
    if (!nodes) return UNPACK_CONTENT;
    const sealed = findBytes(nodes, CONFIG_SEALED);
    const brought = sealed === undefined ? "" : unseal(hal, target.profile(), sealed);
    const key = textOf(nodes, CONFIG_SESSION_KEY);
    const ds = secretIn(nodes, CONFIG_DS) || (brought.length == MAX_DS && brought);
    const newDs = secretIn(nodes, CONFIG_NEW_DS);
    const again = find(nodes, CONFIG_REAUTHENTICATE) === true;
    if (key.length >= 16) uplink.useKey(first16(key));
    if (ds) {
      target.store(ds, target.proven());
      issued();
    }
    if (sealed !== undefined) {
      // An authKey of a profile on trial is worth nothing before that has proved itself.
      if (brought.length != MAX_DS) events.authKey(target.onTrial() ? "" : brought);
      uplink.send(CLASS_SYS, CMD_CONFIG_ECHO, [[CONFIG_SEALED, sealed]], id);
    }
    if (again || newDs) target.store(again ? "" : newDs);
    const next = movedTo(nodes, target.profile());
    if (next) target.move(next);
    if (next || again || newDs) renew();
  };
}
