/** Reads the identity that the factory wrote. */

import {
  IDENTITY_DK,
  IDENTITY_DS,
  IDENTITY_PK,
  IDENTITY_POP,
  IDENTITY_PS,
  IDENTITY_SEED,
  IDENTITY_UPDATE_KEY,
  type Identity,
} from "../codec/identity.js";
import { IDENTITY_BLOCKS } from "../codec/record.js";
import type { Hal } from "../hal/hal.js";
import { findBytes } from "../codec/ttlv.js";
import { changesAt, readArea } from "../storage/journal.js";
import type { Seal } from "../storage/seal.js";

/** Reads the identity from its own flash blocks. All fields are "" where none was written. */
export function readIdentity(hal: Pick<Hal, "flash" | "crc32">, seal?: Seal): Identity {
  const area = readArea(hal.flash, hal.crc32, 0, IDENTITY_BLOCKS, seal);
  const nodes = changesAt(hal.flash, hal.crc32, area.places[IDENTITY_PK], seal);
  const text = (key: number): string => findBytes(nodes, key) || "";
  return {
    locked: area.locked,
    pk: text(IDENTITY_PK),
    ps: text(IDENTITY_PS),
    dk: text(IDENTITY_DK),
    ds: text(IDENTITY_DS),
    seed: text(IDENTITY_SEED),
    pop: text(IDENTITY_POP),
    updateKey: text(IDENTITY_UPDATE_KEY),
  };
}
