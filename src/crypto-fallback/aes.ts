/** AES-128-CBC without padding (FIPS 197, SP 800-38A), by a table of 256 words in each direction. */

const box = new Uint8Array(256);
const inverse = new Uint8Array(256);
/** What a byte in the first row of a column gives to the column: the other rows are rotations of it. */
const forth = new Int32Array(256);
const back = new Int32Array(256);

/** Twice a byte, in the field. */
function twice(byte: number): number {
  return ((byte << 1) ^ (byte & 128 ? 0x1b : 0)) & 255;
}

// Powers of 3 run through all bytes but 0, so the inverse of 3^i is 3^(255-i).
const powers = new Uint8Array(256);
for (let i = 0, power = 1; i < 256; i++) {
  powers[i] = power;
  power ^= twice(power);
}
for (let i = 0; i < 256; i++) {
  const byte = i < 255 ? powers[i] : 0;
  const q = i < 255 ? powers[255 - i] : 0;
  const spread = q ^ (q << 1) ^ (q << 2) ^ (q << 3) ^ (q << 4);
  const value = (spread ^ (spread >> 8) ^ 0x63) & 255;
  box[byte] = value;
  inverse[value] = byte;
}
for (let i = 0; i < 256; i++) {
  const s = box[i];
  const d = inverse[i];
  const d2 = twice(d);
  const d4 = twice(d2);
  const d8 = twice(d4);
  forth[i] = (twice(s) << 24) | (s << 16) | (s << 8) | (twice(s) ^ s);
  back[i] = ((d8 ^ d4 ^ d2) << 24) | ((d8 ^ d) << 16) | ((d8 ^ d4 ^ d) << 8) | (d8 ^ d2 ^ d);
}

/** A round key for the way back. */
function mixed(word: number): number {
  const b = back[box[(word >>> 16) & 255]];
  const c = back[box[(word >>> 8) & 255]];
  const d = back[box[word & 255]];
  return back[box[word >>> 24]] ^ ((b >>> 8) | (b << 24)) ^ ((c >>> 16) | (c << 16)) ^ ((d >>> 24) | (d << 8));
}

let lastKey = "";
const keys = new Int32Array(44);
const keysBack = new Int32Array(44);

/** The round keys in both directions; they stay until another key comes. */
function expand(key: string): void {
  if (key == lastKey) return;
  const view = new DataView(E.toUint8Array(key).buffer);
  let constant = 1;
  for (let i = 0; i < 44; i++) {
    if (i < 4) {
      keys[i] = view.getInt32(4 * i);
      continue;
    }
    let word = keys[i - 1];
    if (!(i & 3)) {
      word =
        ((box[(word >>> 16) & 255] ^ constant) << 24) |
        (box[(word >>> 8) & 255] << 16) |
        (box[word & 255] << 8) |
        box[word >>> 24];
      constant = twice(constant);
    }
    keys[i] = keys[i - 4] ^ word;
  }
  for (let i = 0; i < 44; i++) {
    const word = keys[40 - (i & ~3) + (i & 3)];
    keysBack[i] = i < 4 || i > 39 ? word : mixed(word);
  }
  lastKey = key;
}

/**
 * One block, four words, in place.
 * @param step where the bytes of the second row come from: the next column, or the one before (3)
 */
function cipher(block: Int32Array, round: Int32Array, table: Int32Array, last: Uint8Array, step: number): void {
  const s = new Int32Array(4);
  for (let i = 0; i < 4; i++) block[i] ^= round[i];
  for (let at = 4; at < 44; at += 4) {
    s.set(block);
    for (let i = 0; i < 4; i++) {
      const a = s[i] >>> 24;
      const b = (s[(i + step) & 3] >>> 16) & 255;
      const c = (s[(i + 2) & 3] >>> 8) & 255;
      const d = s[(i - step) & 3] & 255;
      if (at == 40) block[i] = round[at + i] ^ ((last[a] << 24) | (last[b] << 16) | (last[c] << 8) | last[d]);
      else {
        const x = table[b];
        const y = table[c];
        const z = table[d];
        block[i] =
          round[at + i] ^ table[a] ^ ((x >>> 8) | (x << 24)) ^ ((y >>> 16) | (y << 16)) ^ ((z >>> 24) | (z << 8));
      }
    }
  }
}

/**
 * @param bytes a multiple of 16 of them
 * @param key 16 bytes
 * @param iv 16 bytes
 */
export function aesCbc(encrypt: boolean, bytes: string, key: string, iv: string): string {
  expand(key);
  const view = new DataView(E.toUint8Array(bytes).buffer);
  const chain = new DataView(E.toUint8Array(iv).buffer);
  const block = new Int32Array(4);
  const before = new Int32Array(4);
  for (let i = 0; i < 4; i++) before[i] = chain.getInt32(4 * i);
  for (let at = 0; at < bytes.length; at += 16) {
    const given = new Int32Array(4);
    for (let i = 0; i < 4; i++) given[i] = view.getInt32(at + 4 * i);
    for (let i = 0; i < 4; i++) block[i] = encrypt ? given[i] ^ before[i] : given[i];
    if (encrypt) cipher(block, keys, forth, box, 1);
    else cipher(block, keysBack, back, inverse, 3);
    for (let i = 0; i < 4; i++) view.setInt32(at + 4 * i, encrypt ? block[i] : block[i] ^ before[i]);
    before.set(encrypt ? block : given);
  }
  return E.toString(view.buffer);
}
