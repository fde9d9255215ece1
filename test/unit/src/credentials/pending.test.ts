/** What the cloud has yet to be told: each report, and what its acknowledgement settles. */

import { expect } from "chai";

import {
  BINDING_CODE,
  BINDING_OLD_SECRET,
  BINDING_RANDOM,
  BINDING_RESET,
  BINDING_SECRET,
  BINDING_WINDOW,
} from "../../../../src/codec/commands.js";
import type { Identity } from "../../../../src/codec/identity.js";
import { findBytes, type Node } from "../../../../src/codec/ttlv.js";
import { createPending, type Pending } from "../../../../src/credentials/pending.js";
import { createWindow, type BindingWindow } from "../../../../src/credentials/window.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { createRandom } from "../../../../src/random/drbg.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import { KEY_OLD_SECRET, KEY_RESET, KEY_SECRET, KEY_SECRET_REPORTED } from "../../../../src/storage/keys.js";
import { aes, checksum, FakeClock, hasher, latin1, MemoryFlash, sha256 } from "../../../support/hal.js";

const identity: Identity = { pk: "p1demo", ps: "QUJDREVGR0hJSktM", dk: "DEVICE01", ds: "", seed: "", pop: "" };
const SECRET = "0123456789ABCDEF".repeat(2);
const A = "0123456789ABCDEF";
const B = "FEDCBA9876543210";

describe("what is pending", () => {
  let clock: FakeClock;
  let journal: Journal;
  let window: BindingWindow;
  let pending: Pending;

  beforeEach(() => {
    clock = new FakeClock();
    const hal = {
      ...clock,
      sha256,
      aes,
      base64: (bytes: string) => latin1(bytes).toString("base64"),
    } as unknown as Hal;
    journal = openJournal(new MemoryFlash(), checksum, 2, 14);
    journal.put([
      [KEY_SECRET, SECRET],
      [KEY_SECRET_REPORTED, true],
    ]);
    window = createWindow(hal, () => {});
    pending = createPending(hal, identity, createRandom(hasher, "x".repeat(32)), journal, window);
  });

  const ids = (nodes: Node[] | undefined): number[] => nodes!.map(([id]) => id);

  /** The cloud has heard of the boot. */
  const settle = (): void => {
    pending.next();
    pending.acknowledged();
  };

  /** The bindingSecret in a report, decrypted as the cloud does. */
  function secretIn(nodes: Node[], id: number): string {
    const cipher = Buffer.from(findBytes(nodes, id)!, "base64").toString("latin1");
    const plain = aes(false, cipher, identity.ps.slice(0, 16), findBytes(nodes, BINDING_RANDOM)!);
    return plain.slice(0, -plain.charCodeAt(plain.length - 1));
  }

  it("is at boot the end of the window that may have been open before, unless there is another", () => {
    expect(pending.next()).to.deep.equal([[BINDING_WINDOW, 0]]);
    window.open(A, 60);
    expect(ids(pending.next())).to.deep.equal([BINDING_CODE, BINDING_WINDOW]);
    expect(pending.acknowledged()).to.equal(true);
    expect(pending.next()).to.equal(undefined);
  });

  it("is nothing when the cloud knows everything", () => {
    settle();
    expect(pending.next()).to.equal(undefined);
  });

  it("is the code with the seconds that are left, until it is acknowledged", () => {
    window.open(A, 120);
    clock.advance(500);
    const wanted = (seconds: number): Node[] => [
      [BINDING_CODE, A],
      [BINDING_WINDOW, seconds],
    ];
    expect(pending.next()).to.deep.equal(wanted(119));
    clock.advance(30_000);
    expect(pending.next()).to.deep.equal(wanted(89));
    expect(pending.acknowledged()).to.equal(true);
    expect(window.reported).to.equal(true);
    expect(pending.next()).to.equal(undefined);
  });

  it("never tells 0 seconds of a code that lives: that would withdraw it", () => {
    window.open(A, 1);
    clock.advance(999);
    expect(pending.next()).to.deep.equal([
      [BINDING_CODE, A],
      [BINDING_WINDOW, 1],
    ]);
  });

  it("is the secret until it is acknowledged, encrypted for the cloud with a new random each time", () => {
    settle();
    journal.put([[KEY_SECRET_REPORTED, false]]);
    const first = pending.next()!;
    const second = pending.next()!;
    expect(ids(first)).to.deep.equal([BINDING_SECRET, BINDING_RANDOM]);
    for (const nodes of [first, second]) {
      expect(secretIn(nodes, BINDING_SECRET)).to.equal(`p1demo,DEVICE01,${SECRET}`);
      expect(findBytes(nodes, BINDING_RANDOM)).to.match(/^[0-9A-Za-z]{16}$/);
    }
    expect(findBytes(first, BINDING_RANDOM)).not.to.equal(findBytes(second, BINDING_RANDOM));
    expect(pending.acknowledged()).to.equal(false);
    expect(journal.get(KEY_SECRET_REPORTED)).to.equal(true);
    expect(pending.next()).to.equal(undefined);
  });

  it("is the old secret beside the new one, and no longer than that", () => {
    journal.put([
      [KEY_SECRET_REPORTED, false],
      [KEY_OLD_SECRET, "F".repeat(32)],
    ]);
    const nodes = pending.next()!;
    expect(secretIn(nodes, BINDING_OLD_SECRET)).to.equal(`p1demo,DEVICE01,${"F".repeat(32)}`);
    pending.acknowledged();
    expect(journal.get(KEY_OLD_SECRET)).to.equal(undefined);
  });

  it("is all of it in one report, reset first and the secret before the code", () => {
    journal.put([
      [KEY_SECRET_REPORTED, false],
      [KEY_RESET, true],
    ]);
    window.open(A, 60);
    expect(ids(pending.next())).to.deep.equal([
      BINDING_RESET,
      BINDING_SECRET,
      BINDING_RANDOM,
      BINDING_CODE,
      BINDING_WINDOW,
    ]);
    expect(pending.acknowledged()).to.equal(true);
    expect(journal.get(KEY_RESET)).to.equal(undefined);
    expect(pending.next()).to.equal(undefined);
  });

  it("is the new code, when another window was opened while the report was under way", () => {
    window.open(A, 60);
    pending.next();
    window.open(B, 60);
    expect(pending.acknowledged()).to.equal(false);
    expect(window.reported).to.equal(false);
    expect(findBytes(pending.next()!, BINDING_CODE)).to.equal(B);
    expect(pending.acknowledged()).to.equal(true);
    expect(pending.next()).to.equal(undefined);
  });

  it("is the withdrawal of a code whose window was closed while the report was under way", () => {
    window.open(A, 60);
    pending.next();
    window.close();
    expect(pending.acknowledged()).to.equal(false);
    expect(pending.next()).to.deep.equal([[BINDING_WINDOW, 0]]);
    pending.acknowledged();
    expect(pending.next()).to.equal(undefined);
  });

  it("is a withdrawal when asked for, unless it is taken back or a new code replaces it", () => {
    pending.cancel(true);
    expect(pending.next()).to.deep.equal([[BINDING_WINDOW, 0]]);
    pending.cancel(false);
    expect(pending.next()).to.equal(undefined);
    pending.cancel(true);
    window.open(B, 60);
    expect(ids(pending.next())).to.deep.equal([BINDING_CODE, BINDING_WINDOW]);
    pending.acknowledged();
    expect(pending.next()).to.equal(undefined);
  });

  it("stays what it is while nothing is acknowledged", () => {
    settle();
    journal.put([[KEY_RESET, true]]);
    for (let n = 0; n < 3; n++) expect(pending.next()).to.deep.equal([[BINDING_RESET, true]]);
    expect(journal.get(KEY_RESET)).to.equal(true);
  });

  it("writes nothing to flash when only a code was reported", () => {
    const flash = new MemoryFlash();
    const spared = openJournal(flash, checksum, 2, 14);
    spared.put([[KEY_SECRET_REPORTED, true]]);
    const before = Buffer.from(flash.bytes);
    const lean = createPending({ ...clock } as unknown as Hal, identity, () => "", spared, window);
    window.open(A, 60);
    lean.next();
    expect(lean.acknowledged()).to.equal(true);
    expect(flash.bytes.equals(before)).to.equal(true);
  });
});
