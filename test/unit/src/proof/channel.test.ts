/** The channel of the proof on both sides against known answers, and against each other; the lock-out. */

import { readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";

import { accessPointPassword, keyOfPop, Level1 } from "../../../../sim/app/level1.js";
import { hex } from "../../../../src/codec/bytes.js";
import { LABEL_AP } from "../../../../src/codec/commands.js";
import { createChannel, deviceProof, provesApp } from "../../../../src/proof/channel.js";
import { createLockout } from "../../../../src/proof/lockout.js";
import { aes, FakeClock, fromHex, hasher, latin1, sha256, toHex } from "../../../support/hal.js";

interface Sealed {
  direction: "app" | "device";
  counter: number;
  cmd: string;
  plainHex: string;
  dataHex: string;
}
const vectors = JSON.parse(readFileSync("test/vectors/level1.json", "utf8"));
const hal = { ...hasher, aes };
const key = fromHex(vectors.keyHex);
const randoms = fromHex(vectors.appRandomHex + vectors.deviceRandomHex);
const app = () =>
  new Level1(latin1(key), Buffer.from(vectors.appRandomHex, "hex"), Buffer.from(vectors.deviceRandomHex, "hex"));
const device = () => createChannel(hal, key, randoms);

describe("the channel of a proof", () => {
  it("known answer: K, and the password of the access point", () => {
    expect(keyOfPop(vectors.pop).toString("hex")).to.equal(vectors.keyHex);
    expect(toHex(sha256(vectors.pop))).to.equal(vectors.keyHex);
    expect(accessPointPassword(vectors.pop)).to.equal(vectors.accessPointPassword);
    expect(hex(hasher.hmac(key, LABEL_AP)).slice(0, 16)).to.equal(vectors.accessPointPassword);
  });

  it("known answer: both proofs, made and checked on both sides", () => {
    expect(app().proof(vectors.dk).toString("hex")).to.equal(vectors.appProofHex);
    expect(toHex(deviceProof(hal, key, randoms, vectors.dk))).to.equal(vectors.deviceProofHex);
    expect(provesApp(hal, key, randoms, vectors.dk, fromHex(vectors.appProofHex))).to.equal(true);
    expect(app().isProven(vectors.dk, Buffer.from(vectors.deviceProofHex, "hex"))).to.equal(true);
    for (const wrong of ["", vectors.deviceProofHex, vectors.appProofHex.slice(2), vectors.appProofHex + "00"]) {
      expect(provesApp(hal, key, randoms, vectors.dk, fromHex(wrong))).to.equal(false);
    }
    expect(provesApp(hal, key, randoms, "OTHER", fromHex(vectors.appProofHex))).to.equal(false);
  });

  it("known answer: frames in both directions", () => {
    const [one, two] = [app(), device()];
    for (const { direction, counter, cmd, plainHex, dataHex } of vectors.frames as Sealed[]) {
      const command = parseInt(cmd, 16);
      const [sealer, opener] = direction === "app" ? [one, two] : [two, one];
      // The counters are private; the last frame's comes from a time far away.
      if (counter < 1000) expect(toHex(sealer.seal(command, fromHex(plainHex)))).to.equal(dataHex);
      expect(toHex(opener.open(command, fromHex(dataHex))!)).to.equal(plainHex);
      expect(opener.open(command, fromHex(dataHex)), "a second time").to.equal(undefined);
    }
  });

  it("opens nothing that was changed by a bit, sent as another command, or in the other direction", () => {
    const [{ cmd, dataHex }] = vectors.frames as Sealed[];
    const command = parseInt(cmd, 16);
    const data = latin1(fromHex(dataHex));
    for (let bit = 0; bit < data.length * 8; bit++) {
      const changed = Buffer.from(data);
      changed[bit >> 3] ^= 1 << (bit & 7);
      expect(device().open(command, changed.toString("latin1"))).to.equal(undefined);
    }
    for (let length = 0; length < data.length; length++) {
      expect(device().open(command, data.toString("latin1", 0, length))).to.equal(undefined);
    }
    expect(device().open(command + 1, data.toString("latin1"))).to.equal(undefined);
    expect(app().open(command, data.toString("latin1"))).to.equal(undefined);
    expect(device().open(command, data.toString("latin1"))).not.to.equal(undefined);
  });

  it("carries anything, and drops what is older than what it has opened", () => {
    const bytes = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 0xfffe }), bytes), { minLength: 2 }), (messages) => {
        const [from, to, back] = [app(), device(), app()];
        const sealed = messages.map(([cmd, data]) => from.seal(cmd, data));
        messages.slice(1).forEach(([cmd, data], at) => expect(to.open(cmd, sealed[at + 1])).to.equal(data));
        expect(to.open(messages[0][0], sealed[0])).to.equal(undefined);
        for (const [cmd, data] of messages) expect(back.open(cmd, to.seal(cmd, data))).to.equal(data);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the lock-out", () => {
  let clock: FakeClock;
  let stored: number;
  let writes: number;
  const open = () =>
    createLockout(clock.now, (value) => {
      if (value === undefined) return stored;
      writes++;
      return (stored = value);
    });

  beforeEach(() => {
    clock = new FakeClock();
    stored = writes = 0;
  });

  it("begins at the fifth wrong proof with 30 s, doubles up to an hour, and counts down", () => {
    const lockout = open();
    for (let n = 1; n <= 4; n++) lockout.failed();
    expect(lockout.wait()).to.equal(0);
    for (const seconds of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
      lockout.failed();
      expect(lockout.wait()).to.equal(seconds);
      clock.advance(1000);
      expect(lockout.wait()).to.equal(seconds - 1);
      clock.advance(seconds * 1000);
      expect(lockout.wait()).to.equal(0);
    }
  });

  it("survives a reboot, and ends with a proof that is right", () => {
    let lockout = open();
    for (let n = 1; n <= 6; n++) lockout.failed();
    clock.advance(59_000);
    lockout = open();
    expect(lockout.wait(), "nobody knows how much of it was over").to.equal(60);
    clock.advance(60_000);
    lockout.passed();
    lockout = open();
    expect(lockout.wait()).to.equal(0);
    for (let n = 1; n <= 4; n++) lockout.failed();
    expect(lockout.wait()).to.equal(0);
  });

  it("writes to flash for a wrong proof, and not for one that is right after another", () => {
    const lockout = open();
    lockout.failed();
    lockout.passed();
    expect([stored, writes]).to.deep.equal([0, 2]);
    lockout.passed();
    expect(writes).to.equal(2);
  });
});
