/**
 * WifiBindingSlh: SLH-DSA-SHA2-128s (FIPS 205), verification only. A module of its own, which WifiBindingOta has in RAM
 * while it verifies: one step at a time, so that a device goes on serving, and with the signature read where it is
 * stored, 16 bytes at a time.
 */

import { at16, at32, chars, u32, ZEROS } from "../codec/bytes.js";

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

/**
 * Prepares the verification of a signature of the pure variant.
 * @param sha256 32 bytes
 * @param read 16 bytes of the signature from an offset on
 * @param key the public key, 32 bytes
 * @param message M' of FIPS 205: a zero, the length of the context, the context, the message
 * @returns does one step, of at most one hash; undefined until the last one, whose result is whether the signature holds
 */
export function verification(
  sha256: (bytes: string) => string,
  read: (offset: number) => string,
  key: string,
  message: string,
): () => boolean | undefined {
  const seed = key.substr(0, NODE);
  const random = read(0);
  // MGF1 of 30 bytes: one block is more than that.
  const digest = sha256(random + seed + sha256(random + key + message) + "\0\0\0\0");
  // 54 bits of the tree's number.
  let high = at32(digest, 20) & 0x3fffff;
  let low = at32(digest, 24);
  let leaf = at16(digest, 28) & 511;
  let at = 0;
  let layer = 0;
  let items = TREES; // FORS trees, or chains of the layer
  let item = -1; // the one that is under way; beyond the last: the path of the layer
  let sum = 0; // checksum of the digits
  let node = ""; // that the layer signs
  let nodes = "";
  let bytes = "";
  let place = "";
  // What is under way, a chain or a path: its address, and how many of its hashes are left.
  let type = WOTS_HASH;
  let word = 0;
  let last = 0;
  let left = 0;
  let index = 0;

  function next(): string {
    at += NODE;
    return read(at);
  }

  /** What is hashed first: the seed, filled up to a block, and layer and tree of the address. */
  function placeOf(): string {
    return seed + ZEROS + ZEROS + ZEROS + chars(layer) + u32(high) + u32(low);
  }

  function nextLayer(): void {
    if (items == CHAINS) {
      leaf = low & 511;
      low = (low >>> LAYER_LEVELS) | (high << 23);
      high >>= LAYER_LEVELS;
      layer++;
    }
    place = placeOf();
    items = CHAINS;
    item = -1;
    sum = 0;
    node = bytes;
    bytes = nodes = "";
  }

  /** The rest of the address are a type and three words, of which none is longer than two bytes here. */
  function hash(second: number, third: number, bytes: string): string {
    const address = chars(type, 0, 0, word >> 8, word & 255, 0, 0, 0, second, 0, 0, third >> 8, third & 255);
    return sha256(place + address + bytes).substr(0, NODE);
  }

  place = placeOf();
  // Not split: where the code is in RAM, a function that is made in each step is copied each time.
  return () => {
    if (left) {
      left--;
      if (type == WOTS_HASH) bytes = hash(item, last - left, bytes);
      else {
        const pair = index & 1 ? next() + bytes : bytes + next();
        index >>= 1;
        bytes = hash(last - left, index, pair);
      }
      return undefined;
    }
    nodes += bytes;
    word = leaf;
    if (++item < items) {
      bytes = next();
      if (items == CHAINS) {
        // A digit of the node, or of the checksum.
        let digit = sum >> (4 * (CHAINS - 1 - item));
        if (item < DIGITS) digit = node.charCodeAt(item >> 1) >> (item & 1 ? 0 : 4);
        type = WOTS_HASH;
        last = LAST - 1;
        left = LAST - (digit & 15);
        if (item < DIGITS) sum += left;
      } else {
        const bits = at16(digest, (item * 3) >> 1);
        type = FORS_TREE;
        index = (item << TREE_LEVELS) | (item & 1 ? bits & 0xfff : bits >> 4);
        last = left = TREE_LEVELS;
        bytes = hash(0, index, bytes);
      }
    } else if (item == items) {
      // One hash of them all, then the path of the layer.
      type = items == CHAINS ? WOTS_PK : FORS_ROOTS;
      bytes = hash(0, 0, nodes);
      type = TREE;
      word = 0;
      index = leaf;
      last = left = items == CHAINS ? LAYER_LEVELS : 0;
    } else nextLayer();
    return layer < LAYERS ? undefined : node == key.substr(NODE);
  };
}
