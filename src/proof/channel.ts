/** Both sides prove that they know K, and every frame after that is sealed with a counter and a tag. [C] */

import { u16, u32 } from "../codec/bytes.js";
import {
  FROM_APP,
  FROM_DEVICE,
  LABEL_APP,
  LABEL_DEVICE,
  LABEL_ENCRYPT,
  LABEL_IV,
  LABEL_MAC,
} from "../codec/commands.js";
import { decryptCbc, encryptCbc } from "../crypto/cbc.js";
import { equal } from "../crypto/equal.js";
import type { Hal } from "../hal/hal.js";
import type { Cipher } from "../lan/peer.js";

/** Bytes of each side's random. */
export const RANDOM = 16;
/** Bytes of a sealed frame beside its ciphertext: counter and tag. */
const COUNTER = 4;
const TAG = 16;
const MOST = 0xffffffff;

/** What the machine does. */
export type Crypto = Pick<Hal, "hmac" | "aes">;

/** Whether an app has proved that it knows K. @param randoms the app's and the device's */
export function provesApp(hal: Crypto, key: string, randoms: string, dk: string, said: string): boolean {
  return equal(hal.hmac(key, LABEL_APP + randoms + dk), said);
}

/** What proves to the app that the device knows K. */
export function deviceProof(hal: Crypto, key: string, randoms: string, dk: string): string {
  return hal.hmac(key, LABEL_DEVICE + randoms.substr(RANDOM) + randoms.substr(0, RANDOM) + dk);
}

/**
 * The sealed frames of one connection. Counters start at 1 and only rise, in each direction by itself.
 * @param randoms the app's and the device's, 16 bytes each
 */
export function createChannel(hal: Crypto, key: string, randoms: string): Cipher {
  const encrypt = hal.hmac(key, LABEL_ENCRYPT + randoms).substr(0, 16);
  const mac = hal.hmac(key, LABEL_MAC + randoms);
  let sent = 0;
  let heard = 0;

  function ivFor(head: string): string {
    return hal.hmac(mac, LABEL_IV + head).substr(0, 16);
  }

  function tagOf(head: string, cmd: number, cipher: string): string {
    return hal.hmac(mac, head + u16(cmd) + cipher).substr(0, TAG);
  }

  return {
    seal(cmd, data) {
      const head = FROM_DEVICE + u32(++sent);
      const cipher = encryptCbc(hal.aes, encrypt, ivFor(head), data);
      return head.substr(1) + cipher + tagOf(head, cmd, cipher);
    },
    open(cmd, data) {
      const head = FROM_APP + data.substr(0, COUNTER);
      const cipher = data.substr(COUNTER, data.length - COUNTER - TAG);
      if (data.length <= COUNTER + TAG || !equal(tagOf(head, cmd, cipher), data.substr(-TAG))) return undefined;
      let counter = 0;
      for (let i = 0; i < COUNTER; i++) counter = counter * 256 + data.charCodeAt(i);
      if (counter <= heard || sent == MOST) return undefined;
      heard = counter;
      return decryptCbc(hal.aes, encrypt, ivFor(head), cipher);
    },
  };
}
