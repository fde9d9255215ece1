/**
 * WifiBindingSlh: SLH-DSA-SHA2-128s (FIPS 205), verification only. A module of its own, which WifiBindingOta has in RAM
 * while it verifies: one step at a time, so that a device goes on serving, and with the signature read where it is
 * stored, 16 bytes at a time. Its state is the module's own: a function that is made in each step would be copied each
 * time where the code is in RAM. One verification at a time.
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

let sha256: (bytes: string) => string;
let read: (offset: number) => string;
let key: string;
let seed: string; // the key's first half
let digest: string; // of the message
let at: number; // in the signature

// Where: the layer, 54 bits of its tree's number, and the leaf. `place` is what each hash begins with.
let layer: number;
let high: number;
let low: number;
let leaf: number;
let place: string;

// Of the layer.
let items: number; // FORS trees, or chains
let item: number; // the one that is under way; beyond the last: the path of the layer
let sum: number; // checksum of the digits
let node: string; // that it signs
let nodes: string;

// What is under way, a chain or a path: its address, and how many of its hashes are left.
let type: number;
let word: number;
let last: number;
let left: number;
let index: number;
let bytes: string;

function next(): string {
  at += NODE;
  return read(at);
}

/** What is hashed first: the seed, filled up to a block, and layer and tree of the address. */
function enter(): void {
  place = seed + ZEROS + ZEROS + ZEROS + chars(layer) + u32(high) + u32(low);
  item = -1;
  sum = 0;
  bytes = nodes = "";
}

/** The rest of the address are a type and three words, of which none is longer than two bytes here. */
function hash(second: number, third: number, bytes: string): string {
  const address = chars(type, 0, 0, word >> 8, word & 255, 0, 0, 0, second, 0, 0, third >> 8, third & 255);
  return sha256(place + address + bytes).substr(0, NODE);
}

/** One hash of a chain or of a path. */
function climb(): void {
  left--;
  if (type == WOTS_HASH) bytes = hash(item, last - left, bytes);
  else {
    const pair = index & 1 ? next() + bytes : bytes + next();
    index >>= 1;
    bytes = hash(last - left, index, pair);
  }
}

/** The chain of a digit of the node, or of the checksum: what it has left is the digit's complement. */
function beginChain(): void {
  type = WOTS_HASH;
  last = LAST - 1;
  if (item < DIGITS) {
    left = ~(node.charCodeAt(item >> 1) >> (item & 1 ? 0 : 4)) & LAST;
    sum += left;
  } else left = ~(sum >> (4 * (CHAINS - 1 - item))) & LAST;
}

/** The path of a FORS tree. */
function beginTree(): void {
  const bits = at16(digest, (item * 3) >> 1);
  type = FORS_TREE;
  index = (item << TREE_LEVELS) | (item & 1 ? bits & 0xfff : bits >> 4);
  last = left = TREE_LEVELS;
  bytes = hash(0, index, bytes);
}

/** One hash of all items, then the path of the layer. */
function beginPath(): void {
  type = items > TREES ? WOTS_PK : FORS_ROOTS;
  bytes = hash(0, 0, nodes);
  type = TREE;
  word = 0;
  index = leaf;
  last = left = items > TREES ? LAYER_LEVELS : 0;
}

function nextLayer(): void {
  if (items > TREES) {
    leaf = low & 511;
    low = (low >>> LAYER_LEVELS) | (high << 23);
    high >>= LAYER_LEVELS;
    layer++;
  }
  items = CHAINS;
  node = bytes;
  enter();
}

function begin(): void {
  nodes += bytes;
  word = leaf;
  if (++item < items) {
    bytes = next();
    if (items > TREES) beginChain();
    else beginTree();
  } else if (item == items) beginPath();
  else nextLayer();
}

function step(): boolean | undefined {
  if (left) {
    climb();
    return undefined;
  }
  begin();
  return layer < LAYERS ? undefined : node == key.substr(NODE);
}

/**
 * Prepares the verification of a signature of the pure variant: one at a time, in place of one that is not over.
 * @param sha 32 bytes
 * @param source 16 bytes of the signature from an offset on
 * @param publicKey 32 bytes
 * @param message M' of FIPS 205: a zero, the length of the context, the context, the message
 * @returns does one step, of at most one hash; undefined until the last one, whose result is whether the signature holds
 */
export function verification(
  sha: (bytes: string) => string,
  source: (offset: number) => string,
  publicKey: string,
  message: string,
): () => boolean | undefined {
  sha256 = sha;
  read = source;
  key = publicKey;
  seed = key.substr(0, NODE);
  at = layer = left = 0;
  items = TREES;
  const random = read(0);
  // MGF1 of 30 bytes: one block is more than that.
  digest = sha256(random + seed + sha256(random + key + message) + "\0\0\0\0");
  high = at32(digest, 20) & 0x3fffff;
  low = at32(digest, 24);
  leaf = at16(digest, 28) & 511;
  enter();
  return step;
}
