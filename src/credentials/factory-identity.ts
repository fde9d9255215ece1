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
import { textOf, type Node } from "../codec/ttlv.js";
import { readArea } from "../storage/area.js";
import type { Seal } from "../storage/seal.js";

/** Reads the identity from its own flash blocks, which happens often: no closure here keeps it in RAM. All fields are "" where none was written. */
export function readIdentity(hal: Pick<Hal, "flash" | "crc32">, seal?: Seal): Identity {
  // One record has it all.
  let nodes: Node[] = [];
  const area = readArea(hal.flash, hal.crc32, 0, IDENTITY_BLOCKS, (changes) => (nodes = changes), seal);
  return {
    locked: area.locked,
    pk: textOf(nodes, IDENTITY_PK),
    ps: textOf(nodes, IDENTITY_PS),
    dk: textOf(nodes, IDENTITY_DK),
    ds: textOf(nodes, IDENTITY_DS),
    seed: textOf(nodes, IDENTITY_SEED),
    pop: textOf(nodes, IDENTITY_POP),
    updateKey: textOf(nodes, IDENTITY_UPDATE_KEY),
  };
}
