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
 * @returns does one step, of at most one hash; undefined until the last one, whose result is whether the signature holds
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
  let fors = true;
  let count = 0; // FORS trees, or chains of the layer, that have begun; one more: the path of the layer
  let sum = 0; // checksum of the digits
  let node = "";
  let nodes = "";
  // What is under way: a chain, or a path.
  let bytes = "";
  let address = ""; // for a chain with all else that stays
  let from = LAST; // hashes of the chain so far
  let level = 0;
  let levels = 0;
  let index = 0;

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

  /** One level of the path in the signature. */
  function climb(): void {
    const near = next();
    const pair = index & 1 ? near + bytes : bytes + near;
    index >>= 1;
    bytes = hash(address + u32(++level) + u32(index), pair);
  }

  function startPath(under: string, first: number, height: number): void {
    address = under;
    index = first;
    level = 0;
    levels = height;
  }

  /** The last FORS tree is done: begins the next. */
  function nextTree(): void {
    if (count == TREES) {
      node = hash(head(FORS_ROOTS, leaf) + u32(0) + u32(0), nodes);
      fors = false;
      nodes = "";
      count = 0;
      return;
    }
    const bits = at16(digest, (count * 3) >> 1);
    const first = (count << TREE_LEVELS) | (count & 1 ? bits & 0xfff : bits >> 4);
    const under = head(FORS_TREE, leaf);
    bytes = hash(under + u32(0) + u32(first), next());
    startPath(under, first, TREE_LEVELS);
    count++;
  }

  /** The digit of the node, or of the checksum, that a chain signs. */
  function digit(): number {
    if (count >= DIGITS) return (sum >> (4 * (CHAINS - 1 - count))) & 15;
    const byte = node.charCodeAt(count >> 1);
    const value = count & 1 ? byte & 15 : byte >> 4;
    sum += LAST - value;
    return value;
  }

  /** The last chain, or the path, of a layer is done: begins what follows. */
  function nextChain(): void {
    if (count < CHAINS) {
      address = prefix + head(WOTS_HASH, leaf) + u32(count) + "\0\0\0";
      from = digit();
      bytes = next();
      count++;
    } else if (count++ == CHAINS) {
      bytes = hash(head(WOTS_PK, leaf) + u32(0) + u32(0), nodes);
      startPath(head(TREE, 0), leaf, LAYER_LEVELS);
    } else {
      node = bytes;
      leaf = low & 511;
      low = (low >> LAYER_LEVELS) | ((high & 511) << 18);
      high >>= LAYER_LEVELS;
      layer++;
      nodes = "";
      count = sum = 0;
    }
  }

  return () => {
    if (level < levels) climb();
    else if (from < LAST) bytes = sha256(address + chars(from++) + bytes).substr(0, NODE);
    else {
      if (count && count <= CHAINS) nodes += bytes;
      if (fors) nextTree();
      else nextChain();
    }
    return layer < LAYERS ? undefined : node == key.substr(NODE);
  };
}

function at32(bytes: string, offset: number): number {
  return (at16(bytes, offset) << 16) | at16(bytes, offset + 2);
}
