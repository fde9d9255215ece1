/** 7032 to 7035: an app logs in with the authKey, and what follows is sealed under it. [R5, X] */

import { hex } from "../../codec/bytes.js";
import {
  CMD_LOGIN_ANSWER,
  CMD_RANDOM_ANSWER,
  LOGIN_ALREADY,
  LOGIN_HASH,
  LOGIN_OK,
  LOGIN_PERMISSION,
  LOGIN_RANDOM,
  LOGIN_REFUSED,
  LOGIN_RESULT,
  LOGIN_SHARE_CODE,
} from "../../codec/commands.js";
import { find, textOf, type Node } from "../../codec/ttlv.js";
import { decryptCbc, encryptCbc } from "../../crypto/cbc.js";
import { equal } from "../../crypto/equal.js";
import type { Hal } from "../../hal/hal.js";
import type { Random } from "../../random/drbg.js";
import type { Cipher } from "../peer.js";
import { FRESH, LOGGED_IN, type App } from "../app.js";

/** Random bytes that make the 16 characters of 7033. */
const RANDOM = 12;

/** What an app shows that it knows the authKey: both hashes in small letters. */
export function loginHash(hal: Pick<Hal, "sha256">, authKey: string, random: string): string {
  return hex(hal.sha256(hex(authKey).toLowerCase() + ";" + random)).toLowerCase();
}

/** AES-128-CBC whose iv is the random of the login, for each frame again; no data stays no data. */
export function loginCipher(aes: Hal["aes"], authKey: string, random: string): Cipher {
  return {
    seal: (_, data) => data && encryptCbc(aes, authKey, random, data),
    open: (_, data) => data && decryptCbc(aes, authKey, random, data),
  };
}

export interface Login {
  /** 7032 */
  challenge(app: App, id: number): void;
  /** 7034 */
  login(app: App, id: number, nodes: Node[]): void;
}

/**
 * @param authKey gives the 16 bytes, or "" while the device is not bound
 * @once
 */
export function createLogin(hal: Hal, random: Random, authKey: () => string): Login {
  /** Whether the hash is right. Each random is good for one try. */
  function proves(app: App, nodes: Node[]): boolean {
    const key = authKey();
    const challenge = app.challenge;
    app.challenge = undefined;
    if (find(nodes, LOGIN_SHARE_CODE) !== undefined || find(nodes, LOGIN_PERMISSION) !== undefined) {
      hal.log("lan share code refused");
      return false;
    }
    if (!key || !challenge) return false;
    if (!equal(loginHash(hal, key, challenge), textOf(nodes, LOGIN_HASH))) return false;
    app.authKey = key;
    app.cipher = loginCipher(hal.aes, key, challenge);
    return true;
  }

  return {
    challenge(app, id) {
      app.challenge = hal.base64(random(RANDOM, ""));
      app.send(id, CMD_RANDOM_ANSWER, [[LOGIN_RANDOM, app.challenge]]);
    },
    login(app, id, nodes) {
      const before = app.phase;
      // An app on a channel of its proof stays there.
      const good = (before == LOGGED_IN || !app.cipher) && proves(app, nodes);
      const result = before == LOGGED_IN ? LOGIN_ALREADY : good ? LOGIN_OK : LOGIN_REFUSED;
      app.send(id, CMD_LOGIN_ANSWER, [[LOGIN_RESULT, result]]);
      if (good) app.phase = LOGGED_IN;
      else if (before == FRESH) app.misses++;
    },
  };
}
