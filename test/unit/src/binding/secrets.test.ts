/** DS, bindingSecret, authKey and product: what changes with what, and what a power cut leaves. */

import { expect } from "chai";

import { createSecrets, type Secrets } from "../../../../src/binding/secrets.js";
import type { Profile } from "../../../../src/cloud/auth.js";
import type { Identity } from "../../../../src/codec/identity.js";
import { ensureSecret } from "../../../../src/credentials/birth.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { createRandom } from "../../../../src/random/drbg.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import * as keys from "../../../../src/storage/keys.js";
import { checksum, hasher, MemoryFlash, PowerCut } from "../../../support/hal.js";

const FACTORY = { pk: "p1demo", ps: "QUJDREVGR0hJSktM", dk: "DEVICE01", ds: "", seed: "", pop: "", updateKey: "" };
const DS = "D".repeat(32);
const KEY = "k".repeat(16);
const MOVED: Profile = {
  home: { host: "new", port: 1884, secure: false },
  pk: "p2other",
  ps: "Z".repeat(16),
  dk: "DEVICE01",
};

describe("what cloud and device share", () => {
  let flash: MemoryFlash;
  let journal: Journal;
  let identity: Identity;
  let secrets: Secrets;

  /** A boot on that flash. */
  const boot = (): void => {
    identity = { ...FACTORY };
    journal = openJournal(flash, checksum, 2, 14);
    const random = createRandom(hasher, String(flash.bytes.length) + "x".repeat(32));
    ensureSecret(hasher as unknown as Hal, identity, journal, random);
    identity.pk = journal.text(keys.KEY_PK) || FACTORY.pk;
    secrets = createSecrets(identity, () => FACTORY, journal, random);
  };

  beforeEach(() => {
    flash = new MemoryFlash();
    boot();
  });

  it("a bindingSecret is 16 characters 0-9A-F, and unknown to the cloud at first", () => {
    expect(secrets.bindingSecret()).to.match(/^[0-9A-F]{16}$/);
    expect(secrets.known()).to.equal(false);
  });

  it("the acknowledgement of a secret that was replaced while its report was under way counts for nothing", () => {
    secrets.renew(DS);
    const sent = secrets.bindingSecret();
    secrets.renew("N".repeat(32));
    expect(secrets.bindingSecret()).not.to.equal(sent);
    secrets.acknowledged(sent);
    expect(secrets.known()).to.equal(false);
    secrets.acknowledged(secrets.bindingSecret());
    expect(secrets.known()).to.equal(true);
    const before = Buffer.from(flash.bytes);
    secrets.acknowledged(secrets.bindingSecret());
    expect(flash.bytes.equals(before), "nothing is written twice").to.equal(true);
  });

  it("the first DS leaves the bindingSecret, another one or none replaces it", () => {
    const first = secrets.bindingSecret();
    secrets.renew(DS);
    secrets.renew(DS);
    expect([secrets.deviceSecret(), secrets.bindingSecret()]).to.deep.equal([DS, first]);
    secrets.renew("");
    expect(secrets.deviceSecret()).to.equal("");
    expect(secrets.bindingSecret()).not.to.equal(first);
  });

  it("an authKey is written once, however often it comes", () => {
    expect(secrets.setAuthKey(KEY)).to.equal(true);
    const before = Buffer.from(flash.bytes);
    expect(secrets.setAuthKey(KEY)).to.equal(false);
    expect(flash.bytes.equals(before)).to.equal(true);
    expect([secrets.authKey(), secrets.setAuthKey(""), secrets.authKey()]).to.deep.equal([KEY, true, ""]);
    expect(secrets.setAuthKey("")).to.equal(false);
  });

  it("moved to another server and product: all of it at once, without the old authKey, also after a boot", () => {
    secrets.renew(DS);
    secrets.setAuthKey(KEY);
    const secret = secrets.bindingSecret();
    secrets.renew("N".repeat(32), MOVED);
    for (let n = 0; n < 2; n++) {
      expect([
        identity.pk,
        secrets.profileAt(MOVED.home).ps,
        secrets.deviceSecret(),
        secrets.authKey(),
        secrets.movedTo(),
      ]).to.deep.equal(["p2other", "Z".repeat(16), "N".repeat(32), "", "mqtt://new:1884"]);
      expect(secrets.bindingSecret()).not.to.equal(secret);
      boot();
    }
  });

  it("moved to another server and product, then reset: server, PK, PS, DS and authKey are dropped together", () => {
    secrets.renew("N".repeat(32), MOVED);
    secrets.setAuthKey(KEY);
    const secret = secrets.bindingSecret();
    journal.put(secrets.reset());
    boot();
    expect([
      identity.pk,
      secrets.profileAt(MOVED.home).ps,
      secrets.deviceSecret(),
      secrets.authKey(),
      secrets.movedTo(),
    ]).to.deep.equal([FACTORY.pk, FACTORY.ps, "", "", ""]);
    expect(journal.get(keys.KEY_SERVER)).to.equal(undefined);
    expect([secrets.bindingSecret() === secret, secrets.known()]).to.deep.equal([false, false]);
  });

  it("moved to another server only: the product and the authKey stay", () => {
    secrets.renew(DS);
    secrets.setAuthKey(KEY);
    secrets.renew("N".repeat(32), { ...MOVED, pk: FACTORY.pk, ps: FACTORY.ps });
    expect([identity.pk, secrets.authKey(), secrets.movedTo()]).to.deep.equal([FACTORY.pk, KEY, ""]);
    expect(journal.text(keys.KEY_SERVER)).to.equal("mqtt://new:1884");
  });

  const steps: Record<string, () => void> = {
    "a DS that is issued": () => secrets.renew(DS),
    "another DS": () => secrets.renew("N".repeat(32)),
    "a DS that is refused": () => secrets.renew(""),
    "an authKey": () => void secrets.setAuthKey("K".repeat(16)),
    "another server and product": () => secrets.renew("M".repeat(32), MOVED),
    "a reset": () => journal.put(secrets.reset()),
    "an acknowledged secret": () => secrets.acknowledged(secrets.bindingSecret()),
  };

  /** What is there as one text. */
  const facts = (): string =>
    [
      identity.pk,
      secrets.profileAt(MOVED.home).ps,
      secrets.deviceSecret(),
      secrets.authKey(),
      secrets.bindingSecret(),
      secrets.known(),
      journal.text(keys.KEY_SERVER),
    ].join();

  for (const [name, step] of Object.entries(steps)) {
    it(`a power cut at any byte of ${name} leaves all of it or nothing`, () => {
      secrets.renew(DS);
      secrets.setAuthKey(KEY);
      secrets.acknowledged(secrets.bindingSecret());
      if (name === "an acknowledged secret") secrets.renew("");
      const start = Buffer.from(flash.bytes);
      boot();
      const before = facts();
      step();
      boot();
      const wanted = facts();
      let cuts = 0;
      for (let budget = 0, whole = false; !whole; budget++) {
        flash = new MemoryFlash();
        flash.bytes = Buffer.from(start);
        boot();
        flash.budget = budget;
        try {
          step();
          whole = true;
        } catch (error) {
          expect(error).to.be.instanceOf(PowerCut);
          cuts++;
        }
        flash.budget = Infinity;
        boot();
        expect(whole ? [wanted] : [before, wanted]).to.include(facts());
      }
      expect(cuts).to.be.above(5);
    });
  }
});
