/** From options and flash to what a device works with, or to the reason why it can serve nothing. */

import { identityProblem, LOCKED, type Identity, type Keys } from "../codec/identity.js";
import { IDENTITY_BLOCKS } from "../codec/record.js";
import { ensureSecret, startRandom } from "../credentials/birth.js";
import { readIdentity } from "../credentials/factory-identity.js";
import type { Hal } from "../hal/hal.js";
import { settingsOf, type Options, type Settings } from "../options.js";
import type { Random } from "../random/drbg.js";
import { openJournal, type Journal } from "../storage/journal.js";
import { KEY_PK, KEY_PURGE } from "../storage/keys.js";
import { createSeal, SEAL_IDENTITY, SEAL_JOURNAL } from "../storage/seal.js";
import type { Emitter } from "./emitter.js";

/** Blocks of the journal, behind the identity's. */
const JOURNAL_BLOCKS = 14;

/** What a device works with, from its first start on. */
export interface Basis {
  settings: Settings;
  /** Reads what the factory wrote. */
  factory(): Identity;
  journal: Journal;
  random: Random;
  /** Its PK follows the product. */
  identity: Keys;
  /** Whether the factory has written a seed. */
  seeded: boolean;
  /** Tells that flash has lost a change. */
  fault(): void;
  /** Whether the identity holds a proof. */
  proof: boolean;
}

/**
 * Whatever is wrong with options and flash: the doors are closed.
 * @param ready called unless the device can serve nothing
 * @once
 */
export function prepare(hal: Hal, emitter: Emitter, options: Options, ready: (basis: Basis) => void): void {
  options = options || ({} as Options);
  if (options.debug) hal.log("debug: consoles stay open");
  else hal.closeDoors(options.console || "");
  const settings = settingsOf(options, hal.board, hal.tls);
  if (!hal.crypto) return emitter.problem("crypto", "no crypto: flash the module WifiBindingCrypto");
  if (options.flashStart) hal.flash.start = options.flashStart;
  let key = options.flashKey;
  const seal = key ? createSeal(hal, key, SEAL_IDENTITY) : undefined;
  const journalSeal = key ? createSeal(hal, key, SEAL_JOURNAL) : undefined;
  // The build makes globals of them.
  options = {} as Options;
  key = "";
  const factory = (): Identity => readIdentity(hal, seal);
  const made = factory();
  const wrong = identityProblem(made);
  if (wrong) return emitter.problem("identity", wrong);
  const fault = (): void =>
    emitter.problem("flash", journal.worn() ? "worn out: changes are lost with the power" : "a change is lost");
  const journal = openJournal(hal.flash, hal.crc32, IDENTITY_BLOCKS, JOURNAL_BLOCKS, fault, journalSeal, hal.after);
  if (journal.locked) return emitter.problem("flash", LOCKED);
  const random = startRandom(hal, made, journal);
  ensureSecret(hal, made, journal, random);
  if (journal.get(KEY_PURGE)) journal.purge([]);
  ready({
    settings: settings,
    factory: factory,
    journal: journal,
    random: random,
    identity: { pk: journal.text(KEY_PK) || made.pk, dk: made.dk },
    fault: fault,
    seeded: made.seed != "",
    proof: made.pop != "",
  });
}
