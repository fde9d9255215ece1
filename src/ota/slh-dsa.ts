/**
 * SLH-DSA-SHA2-128s (FIPS 205), verification only: one step at a time, so that a device goes on serving, and with the
 * signature read where it is stored, 16 bytes at a time.
 */

import { at16, chars, u32, ZEROS } from "../codec/bytes.js";

/** Bytes of a node: n. */
const NODE = 16;
/** FORS: k trees of a levels. */
const TREES = 14;
const TREE_LEVELS = 12;
/** The hypertree: d layers of h' levels, each with one WOTS+ signature of len chains. */
const LAYERS = 7;
const LAYER_LEVELS = 9;
const CHAINS = 35;
/** Chains that sign the node itself; the others sign its checksum. */
const DIGITS = 32;
/** Steps to the last hash of a chain: w - 1. */
const LAST = 15;

// Types of an address.
const WOTS_HASH = 0;
const WOTS_PK = 1;
const TREE = 2;
const FORS_TREE = 3;
const FORS_ROOTS = 4;

export const SIGNATURE_SIZE = NODE * (1 + TREES * (1 + TREE_LEVELS) + LAYERS * (CHAINS + LAYER_LEVELS));

/**
 * Prepares the verification of a signature of the pure variant.
 * @param sha256 32 bytes
 * @param read `length` bytes of the signature from `offset` on
 * @param key the public key, 32 bytes
 * @param context the context string, up to 255 bytes
 * @returns does one step, of at most 18 hashes; undefined until the last one, whose result is whether the signature holds
 */
export function verification(
  sha256: (bytes: string) => string,
  read: (offset: number, length: number) => string,
  key: string,
  context: string,
  message: string,
): () => boolean | undefined {
  const seed = key.substr(0, NODE);
  const prefix = seed + ZEROS + ZEROS + ZEROS;
  const random = read(0, NODE);
  const inner = sha256(random + key + "\0" + chars(context.length) + context + message);
  // MGF1 of 30 bytes: one block is more than that.
  const digest = sha256(random + seed + inner + "\0\0\0\0");
  // 54 bits of the tree's number in two halves: three layers use up one.
  let high = (at32(digest, 21) >>> 3) & 0x7ffffff;
  let low = at32(digest, 24) & 0x7ffffff;
  let leaf = at16(digest, 28) & 511;
  let at = NODE;
  let layer = 0;
  let count = 0; // of FORS trees, then of the layer's chains
  let fors = true;
  let sum = 0; // checksum of the digits
  let node = "";
  let nodes = "";

  function hash(address: string, bytes: string): string {
    return sha256(prefix + address + bytes).substr(0, NODE);
  }

  function next(): string {
    at += NODE;
    return read(at - NODE, NODE);
  }

  /** An address up to its type and first word. */
  function head(type: number, word: number): string {
    return chars(layer) + u32(high >> 5) + u32((high << 27) | low) + chars(type) + u32(word);
  }

  /** The root above a node, by the path in the signature. */
  function climb(address: string, bytes: string, index: number, levels: number): string {
    for (let level = 1; level <= levels; level++) {
      const near = next();
      const pair = index & 1 ? near + bytes : bytes + near;
      index >>= 1;
      bytes = hash(address + u32(level) + u32(index), pair);
    }
    return bytes;
  }

  function forsTree(): void {
    const bits = at16(digest, (count * 3) >> 1);
    const index = (count << TREE_LEVELS) | (count & 1 ? bits & 0xfff : bits >> 4);
    const address = head(FORS_TREE, leaf);
    nodes += climb(address, hash(address + u32(0) + u32(index), next()), index, TREE_LEVELS);
    if (++count < TREES) return;
    node = hash(head(FORS_ROOTS, leaf) + u32(0) + u32(0), nodes);
    fors = false;
    nodes = "";
    count = 0;
  }

  /** The digit of the node, or of the checksum, that a chain signs. */
  function digit(): number {
    if (count >= DIGITS) return (sum >> (4 * (CHAINS - 1 - count))) & 15;
    const byte = node.charCodeAt(count >> 1);
    const value = count & 1 ? byte & 15 : byte >> 4;
    sum += LAST - value;
    return value;
  }

  function chain(): void {
    // Nine of ten hashes are made here: all of their text that stays is put together once.
    const start = prefix + head(WOTS_HASH, leaf) + u32(count) + "\0\0\0";
    let from = digit();
    let bytes = next();
    for (; from < LAST; from++) bytes = sha256(start + chars(from) + bytes).substr(0, NODE);
    nodes += bytes;
    count++;
  }

  function endLayer(): void {
    const top = hash(head(WOTS_PK, leaf) + u32(0) + u32(0), nodes);
    node = climb(head(TREE, 0), top, leaf, LAYER_LEVELS);
    leaf = low & 511;
    low = (low >> LAYER_LEVELS) | ((high & 511) << 18);
    high >>= LAYER_LEVELS;
    layer++;
    nodes = "";
    count = sum = 0;
  }

  return () => {
    if (fors) forsTree();
    else if (count < CHAINS) chain();
    else endLayer();
    return layer < LAYERS ? undefined : node == key.substr(NODE);
  };
}

function at32(bytes: string, offset: number): number {
  return (at16(bytes, offset) << 16) | at16(bytes, offset + 2);
}
