/**
 * HMAC-DRBG with SHA-256 (NIST SP 800-90A Rev. 1, 10.1.2). Espruino's own generators repeat at every boot, so
 * everything secret comes from this one, which starts from a state that no other boot and no other device has.
 */

import { hmac, type Sha256 } from "../crypto/hmac.js";

function repeat(character: string): string {
  let out = character;
  while (out.length < 32) out += out;
  return out;
}

export class Drbg {
  private _key = repeat("\x00");
  private _value = repeat("\x01");

  /** @param seed entropy input, nonce and personalisation string, one after the other; at least 32 bytes of entropy */
  constructor(
    private _sha256: Sha256,
    seed: string,
  ) {
    this.stir(seed);
  }

  /** Mixes in more input (reseed). It can only help: the state stays secret whatever the input is. */
  stir(input: string): void {
    this._rekey("\x00" + input);
    if (input) this._rekey("\x01" + input);
  }

  /** The next `count` random bytes, 1 to 1,024. */
  bytes(count: number): string {
    let out = "";
    while (out.length < count) {
      this._value = hmac(this._sha256, this._key, this._value);
      out += this._value;
    }
    this.stir("");
    return out.substr(0, count);
  }

  private _rekey(input: string): void {
    this._key = hmac(this._sha256, this._key, this._value + input);
    this._value = hmac(this._sha256, this._key, this._value);
  }
}
