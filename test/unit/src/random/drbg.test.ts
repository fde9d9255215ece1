/** The generator: against an implementation of its own in node:crypto, and as a source of bindingCodes. */

import { createHmac } from "node:crypto";

import { expect } from "chai";

import { hex } from "../../../../src/codec/bytes.js";
import { createRandom } from "../../../../src/random/drbg.js";
import { patience, rounds } from "../../../support/endurance.js";
import { fromHex, hasher, latin1, sha256, toHex } from "../../../support/hal.js";

/** SP 800-90A Rev. 1, 10.1.2, without reseeding, written from the standard. */
class Reference {
  private key = Buffer.alloc(32, 0);
  private value = Buffer.alloc(32, 1);

  constructor(seed: Buffer) {
    this.update(seed);
  }

  generate(count: number, input: Buffer = Buffer.alloc(0)): string {
    if (input.length) this.update(input);
    const blocks: Buffer[] = [];
    while (blocks.length * 32 < count) blocks.push((this.value = this.mac(this.value)));
    this.update(input);
    return Buffer.concat(blocks).subarray(0, count).toString("latin1");
  }

  private mac(...data: Buffer[]): Buffer<ArrayBuffer> {
    return Buffer.from(createHmac("sha256", this.key).update(Buffer.concat(data)).digest());
  }

  private update(data: Buffer): void {
    for (const round of data.length ? [0, 1] : [0]) {
      this.key = this.mac(this.value, Buffer.from([round]), data);
      this.value = this.mac(this.value);
    }
  }
}

const CODES = rounds(100_000, 1_000_000);
/** 15 degrees of freedom: beyond it once in a thousand, and the seed is fixed. */
const BOUND = 37.7;

/** How far the 16 characters are from being equally frequent. */
function chiSquare(counts: Map<string, number>, total: number): number {
  const expected = total / 16;
  expect(counts.size).to.equal(16);
  return [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("HMAC-DRBG", function () {
  this.timeout(patience(CODES, 0.1));

  it("gives the known answer of NIST CAVP (HMAC_DRBG, SHA-256, no reseeding, count 0)", () => {
    const entropy = "ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488";
    const random = createRandom(hasher, fromHex(entropy + "659ba96c601dc69fc902940805ec0ca8"));
    random(128);
    expect(toHex(random(128))).to.equal(
      "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89" +
        "d54fbb978a15b5c443c9ec21036d2460b6f73ebad0dc2aba6e624abf07745bc1" +
        "07694bb7547bb0995f70de25d6b29e2d3011bb19d27676c07162c8b5ccde0668" +
        "961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8",
    );
  });

  it("agrees with the standard, for outputs of any length", () => {
    const seed = "entropy of thirty-two bytes, more";
    const random = createRandom(hasher, seed);
    const reference = new Reference(latin1(seed));
    for (const count of [1, 8, 16, 31, 32, 33, 64, 100, 1024])
      expect(random(count)).to.equal(reference.generate(count));
  });

  it("takes what is stirred in as the standard's additional input, once", () => {
    const seed = "entropy of thirty-two bytes, more";
    const random = createRandom({ ...hasher, noise: () => "noise" }, seed);
    const reference = new Reference(latin1(seed));
    const pool = sha256(sha256("first" + "noise") + "second" + "noise");
    expect(random(0, "first")).to.equal("");
    expect(random(16, "second")).to.equal(reference.generate(16, latin1(pool)));
    expect(random(40)).to.equal(reference.generate(40));
  });

  it(`endurance: gives ${CODES.toLocaleString("en")} codes without a repeat, evenly spread at each of their 16 places`, () => {
    const random = createRandom(hasher, "x".repeat(32));
    const seen = new Set<string>();
    const counts = Array.from({ length: 16 }, () => new Map<string, number>());
    for (let n = 0; n < CODES; n++) {
      const code = hex(random(8));
      seen.add(code);
      counts.forEach((count, place) => count.set(code[place], (count.get(code[place]) ?? 0) + 1));
    }
    expect(CODES - seen.size, "repeats").to.equal(0);
    const worst = Math.max(...counts.map((count) => chiSquare(count, CODES)));
    console.log(
      `      ${CODES} codes, no repeat; chi-square of the worst place ${worst.toFixed(1)}, expected below ${BOUND}`,
    );
    expect(worst).to.be.below(BOUND);
  });
});
