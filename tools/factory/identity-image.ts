/** The factory's side of the identity: checks it and makes the bytes that stand in the device's flash. */

import { randomBytes, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

import {
  BLOCK_SIZE,
  BLOCK_START,
  encodeBlockHeader,
  encodeRecord,
  IDENTITY_BLOCKS,
  placeOf,
  SEALED,
} from "../../src/codec/record.js";
import { encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import {
  IDENTITY_DK,
  IDENTITY_DS,
  IDENTITY_PK,
  IDENTITY_POP,
  IDENTITY_PS,
  IDENTITY_SEED,
  IDENTITY_UPDATE_KEY,
  identityProblem,
  isKey,
  isSecret,
  isSeed,
  type Identity,
} from "../../src/codec/identity.js";
import { isPop, POP_RULE } from "./names.js";
import { UsageError } from "../../sim/errors.js";
import { sealOf } from "./seal.js";

/** What the factory writes into one device. */
export interface FactoryIdentity {
  /** ProductKey, 1-32 letters and digits. */
  pk: string;
  /** ProductSecret, 16-32 characters. */
  ps: string;
  /** DeviceKey, 4-32 letters and digits. */
  dk: string;
  /** DeviceSecret, when it is issued at the factory and not by the cloud. */
  ds?: string;
  /** 32 random bytes; drawn from the host's generator when absent. */
  seed?: Uint8Array;
  /** Proof of possession, as on the label; 16-64 printable ASCII characters. The device demands it of apps. */
  pop?: string;
  /** The public key that updates are signed with: 64 hexadecimal digits. The device takes none over the cloud without. */
  updateKey?: string;
  /** Seals it: the option of that name of the device. */
  flashKey?: string;
}

/** What a field must be when it is not what a device takes, in the order in which they are named. */
const FIELDS: [good: (identity: Identity) => boolean, must: string][] = [
  [({ pk }) => isKey(pk, 1, 32), "ProductKey must be 1-32 letters and digits"],
  [({ ps }) => isSecret(ps), "ProductSecret must be 16-32 characters"],
  [({ dk }) => isKey(dk, 4, 32), "DeviceKey must be 4-32 letters and digits"],
  [({ ds }) => ds.length <= 32, "DeviceSecret must be at most 32 characters"],
  [({ pop }) => !pop || isPop(pop), `the proof of possession must be ${POP_RULE}`],
  [({ updateKey }) => !updateKey || updateKey.length === 32, "the update key must be 64 hexadecimal digits"],
  [({ seed }) => seed.length === 32, "the seed must be 32 bytes"],
  [({ seed }) => isSeed(seed), "the seed must be random: it is 32 times the same byte"],
];

const checksum = (bytes: string): number => crc32(Buffer.from(bytes, "latin1"));

/**
 * The identity blocks: one block with one record, twice.
 * @returns the bytes that stand at offset 0 of the binding's flash area
 * @throws UsageError that names the malformed field
 */
export function encodeIdentity(identity: FactoryIdentity): Uint8Array {
  const seed = Buffer.from(identity.seed ?? randomBytes(32)).toString("latin1");
  const fields = {
    pk: identity.pk,
    ps: identity.ps,
    dk: identity.dk,
    ds: identity.ds ?? "",
    seed,
    pop: identity.pop ?? "",
    updateKey: Buffer.from(identity.updateKey ?? "", "hex").toString("latin1"),
  };
  const problem = FIELDS.find(([good]) => !good(fields))?.[1] ?? identityProblem(fields);
  if (problem) throw new UsageError(problem);
  const nodes: Node[] = [
    [IDENTITY_PK, fields.pk],
    [IDENTITY_PS, fields.ps],
    [IDENTITY_DK, fields.dk],
    [IDENTITY_SEED, fields.seed],
  ];
  if (fields.pop) nodes.push([IDENTITY_POP, fields.pop]);
  if (fields.updateKey) nodes.push([IDENTITY_UPDATE_KEY, fields.updateKey]);
  if (fields.ds) nodes.push([IDENTITY_DS, fields.ds]);
  const seal = sealOf(identity.flashKey);
  const area = Buffer.alloc(IDENTITY_BLOCKS * BLOCK_SIZE, 0xff);
  for (let block = 0; block < IDENTITY_BLOCKS; block++) {
    const sequence = block + 1;
    const at = block * BLOCK_SIZE + BLOCK_START;
    const plain = encodeTtlv(nodes);
    const content = seal ? encodeTtlv([[SEALED, seal.close(plain, placeOf(at, sequence))]]) : plain;
    area.write(encodeBlockHeader(sequence, checksum), block * BLOCK_SIZE, "latin1");
    area.write(encodeRecord(content, checksum), at, "latin1");
  }
  return area;
}

/** Letters and digits that are not mistaken for one another: without 0, O, 1, I and L. */
const POP_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/** A new proof of possession: 17 characters of 31, which is more than 80 bits. */
export function newPop(): string {
  return Array.from({ length: 17 }, () => POP_LETTERS[randomInt(POP_LETTERS.length)]).join("");
}
