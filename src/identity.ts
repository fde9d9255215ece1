/** Reads the identity that the factory wrote. */

import {
  IDENTITY_DK,
  IDENTITY_DS,
  IDENTITY_PK,
  IDENTITY_POP,
  IDENTITY_PS,
  IDENTITY_SEED,
  type Identity,
} from "./codec/identity.js";
import { IDENTITY_BLOCKS } from "./codec/record.js";
import type { Platform } from "./platform.js";
import { openJournal } from "./storage/journal.js";
import type { Seal } from "./storage/seal.js";

/** Reads the identity from its own flash blocks. All fields are "" where none was written. */
export function readIdentity(platform: Pick<Platform, "flash" | "crc32">, seal?: Seal): Identity {
  const journal = openJournal(platform.flash, platform.crc32, 0, IDENTITY_BLOCKS, undefined, seal);
  return {
    locked: journal.locked,
    pk: journal.text(IDENTITY_PK),
    ps: journal.text(IDENTITY_PS),
    dk: journal.text(IDENTITY_DK),
    ds: journal.text(IDENTITY_DS),
    seed: journal.text(IDENTITY_SEED),
    pop: journal.text(IDENTITY_POP),
  };
}
