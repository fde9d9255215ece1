/** SHA-256 (FIPS 180-4), written for an interpreter: few operations, few variables, whole numbers where they fit. */

/** The first 32 bits of the fractions of roots of the first 64 primes: square roots to start from, cube roots to add. */
const start = new Int32Array(8);
const added = new Int32Array(64);
const schedule = new Int32Array(64);

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 0x100000000) | 0;
}

/** By Newton: Espruino's Math.pow is not exact. */
function cubeRoot(n: number): number {
  let root = 2;
  for (let i = 0; i < 12; i++) root = (2 * root + n / (root * root)) / 3;
  return root;
}

for (let n = 2, count = 0; count < 64; n++) {
  let divisor = 2;
  while (divisor * divisor <= n && n % divisor) divisor++;
  if (divisor * divisor <= n) continue;
  if (count < 8) start[count] = fraction(Math.sqrt(n));
  added[count++] = fraction(cubeRoot(n));
}

/** Takes one block of 64 bytes into `state`. */
function compress(state: Int32Array, bytes: DataView, at: number): void {
  const w = schedule;
  const k = added;
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i++) {
    if (i < 16) w[i] = bytes.getInt32(at + 4 * i);
    else {
      const x = w[i - 15];
      const y = w[i - 2];
      w[i] =
        (w[i - 16] +
          w[i - 7] +
          ((x >>> 7) ^ (x >>> 18) ^ (x >>> 3) ^ (x << 25) ^ (x << 14)) +
          ((y >>> 17) ^ (y >>> 19) ^ (y >>> 10) ^ (y << 15) ^ (y << 13))) |
        0;
    }
    const t =
      h + ((e >>> 6) ^ (e >>> 11) ^ (e >>> 25) ^ (e << 26) ^ (e << 21) ^ (e << 7)) + (g ^ (e & (f ^ g))) + k[i] + w[i];
    h = g;
    g = f;
    f = e;
    e = (d + t) | 0;
    d = c;
    c = b;
    b = a;
    a = (t + ((a >>> 2) ^ (a >>> 13) ^ (a >>> 22) ^ (a << 30) ^ (a << 19) ^ (a << 10)) + ((b & d) | (c & (b | d)))) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** @param bytes up to 2^28 - 1 of them @returns 32 bytes */
export function sha256(bytes: string): string {
  const size = (bytes.length + 72) & ~63;
  const view = new DataView(new ArrayBuffer(size));
  const all = new Uint8Array(view.buffer);
  all.set(E.toUint8Array(bytes));
  all[bytes.length] = 128;
  view.setInt32(size - 4, bytes.length * 8);
  const state = new Int32Array(start);
  for (let at = 0; at < size; at += 64) compress(state, view, at);
  for (let i = 0; i < 8; i++) view.setInt32(4 * i, state[i]);
  return E.toString(all).substr(0, 32);
}
