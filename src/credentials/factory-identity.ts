/** Reads the identity that the factory wrote. */

import {
  IDENTITY_DK,
  IDENTITY_DS,
  IDENTITY_PK,
  IDENTITY_POP,
  IDENTITY_PS,
  IDENTITY_SEED,
  type Identity,
} from "../codec/identity.js";
import { IDENTITY_BLOCKS } from "../codec/record.js";
import type { Hal } from "../hal/hal.js";
import { readArea, textOf } from "../storage/journal.js";
import type { Seal } from "../storage/seal.js";

/** Reads the identity from its own flash blocks. All fields are "" where none was written. */
export function readIdentity(hal: Pick<Hal, "flash" | "crc32">, seal?: Seal): Identity {
  const area = readArea(hal.flash, hal.crc32, 0, IDENTITY_BLOCKS, seal);
  return {
    locked: area.locked,
    pk: textOf(area.nodes, IDENTITY_PK),
    ps: textOf(area.nodes, IDENTITY_PS),
    dk: textOf(area.nodes, IDENTITY_DK),
    ds: textOf(area.nodes, IDENTITY_DS),
    seed: textOf(area.nodes, IDENTITY_SEED),
    pop: textOf(area.nodes, IDENTITY_POP),
  };
}
