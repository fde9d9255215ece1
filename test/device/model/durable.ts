/** What a device still knows after its power has gone, as its flash says it. */

import { readFacts } from "../lives/facts.js";

export interface Durable {
  hasNetwork: boolean;
  /** BASE64, "" while nobody has bound it. */
  authKey: string;
  /** The bindingSecret. */
  secret: string;
  wrongProofs: number;
  /** Which server it goes to, the configured one first. */
  at: number;
}

/** @param servers URLs, the configured one first */
export function durableOf(flash: Uint8Array, servers: string[]): Durable {
  const facts = readFacts(flash);
  return {
    hasNetwork: Boolean(facts.KEY_SSID),
    authKey: Buffer.from(String(facts.KEY_AUTH_KEY ?? ""), "latin1").toString("base64"),
    secret: String(facts.KEY_SECRET ?? ""),
    wrongProofs: Number(facts.KEY_WRONG_PROOFS ?? 0),
    at: facts.KEY_SERVER ? servers.indexOf(String(facts.KEY_SERVER)) : 0,
  };
}
