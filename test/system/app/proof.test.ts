/** The proof of possession from the app's side, against a device that knows it from its definition only. */
import { readFileSync } from "node:fs";

import { expect } from "chai";

import {
  CMD_HELLO,
  CMD_PING,
  CMD_PROVISION,
  CMD_PROVISION_ANSWER,
  CMD_SCAN_ANSWER,
  CMD_WINDOW_ANSWER,
} from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv } from "../../../src/codec/ttlv.js";
import {
  bindingWindow,
  demandsProof,
  PossessionError,
  possessionOf,
  provision,
  scan,
  UnreachableError,
  type ProvisionOptions,
} from "../../../sim/app/index.js";
import { Level1 } from "../../../sim/app/level1.js";
import { accepted, CODE, DK, FakeDevice, failure, PK } from "../../unit/sim/app/fake-device.js";
import { FakeLevel1, keyOf } from "../../unit/sim/app/fake-level1.js";

const POP = "7KQ2MZ4XPRT9WHB3E";
const BINDING = { pk: PK, dk: DK, bindingCode: CODE, seconds: 120 };

describe("app: proof of possession", () => {
  const device = new FakeDevice("127.67.0.1");
  const possession = possessionOf({ pop: POP }, DK)!;
  const go = (more: Partial<ProvisionOptions> = {}) =>
    provision({ address: device.address, ssid: "home", password: "correct horse", timeout: 5000, possession, ...more });

  before(() => device.start());
  after(() => device.stop());
  beforeEach(() => {
    device.key = keyOf(POP);
    device.ownKey = undefined;
    device.pongs = true;
    device.slowHello = false;
    device.wait = 0;
    device.glued = "";
    device.commands.length = device.frames.length = 0;
    device.onRequest = (request) => {
      expect(request.sealed).to.equal(device.key !== undefined);
      request.accept();
    };
  });

  it("known answers: the definition read a second time gives the same bytes", () => {
    const vectors = JSON.parse(readFileSync("test/vectors/level1.json", "utf8"));
    const bytes = (name: string) => Buffer.from(vectors[name], "hex");
    const level1 = new FakeLevel1(keyOf(vectors.pop), bytes("appRandomHex"), bytes("deviceRandomHex"));
    expect(level1.appProof(vectors.dk).toString("hex")).to.equal(vectors.appProofHex);
    expect(level1.deviceProof(vectors.dk).toString("hex")).to.equal(vectors.deviceProofHex);
    expect(level1.encKey.toString("hex")).to.equal(vectors.encKeyHex);
    expect(level1.macKey.toString("hex")).to.equal(vectors.macKeyHex);
    for (const { direction, counter, cmd, plainHex, ivHex, dataHex } of vectors.frames) {
      const way = direction === "app" ? 0 : 1;
      expect(level1.iv(way, counter).toString("hex")).to.equal(ivHex);
      const data = level1.data(way, counter, parseInt(cmd, 16), Buffer.from(plainHex, "hex"));
      expect(data.toString("hex")).to.equal(dataHex);
    }
  });

  it("provisions, asks for the window and for the networks over a sealed link", async () => {
    expect(await go()).to.deep.equal(BINDING);
    device.onRequest = (request) => {
      expect(request.sealed).to.equal(true);
      request.answer(CMD_WINDOW_ANSWER, [[6, true], [7, PK], [8, DK], [9, CODE], [14, 90], [3, 6]]); // prettier-ignore
    };
    const window = await bindingWindow(device.address, { possession });
    expect(window).to.deep.equal({ pk: PK, dk: DK, bindingCode: CODE, seconds: 90, capabilitiesBitmask: 6 });
    device.onRequest = (request) => request.answer(CMD_WINDOW_ANSWER, [[6, false]]);
    expect(await bindingWindow(device.address, { possession })).to.equal(undefined);
    device.onRequest = (request) => request.answer(CMD_SCAN_ANSWER, [[51, []]]);
    expect(await scan(device.address, { possession })).to.deep.equal([]);
  });

  it("proves the authKey in the label's place when the device is bound", async () => {
    const key = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
    device.key = key;
    expect(await failure(go())).to.be.instanceOf(PossessionError);
    expect(await go({ possession: possessionOf({ pop: POP, authKey: key.toString("base64") }, DK) })).to.deep.equal(
      BINDING,
    );
  });

  it("learns whether a device demands a proof, also when the ping overtakes the answer", async () => {
    expect(await demandsProof(device.address)).to.equal(true);
    device.slowHello = true;
    expect(await demandsProof(device.address)).to.equal(true);
    device.key = undefined;
    expect(await demandsProof(device.address)).to.equal(false);
    device.pongs = false;
    expect(await failure(demandsProof(device.address))).to.be.instanceOf(UnreachableError);
  }).timeout(10_000);

  it("says that a proof is needed where a device refuses for want of one", async () => {
    device.onRequest = (request) => request.answer(CMD_PROVISION_ANSWER, [[4, false]]);
    const error = await failure(go({ possession: undefined }));
    expect(error).to.be.instanceOf(PossessionError);
    expect(error.message).to.contain("proof of possession needed");
    expect(device.frames.map(({ cmd }) => cmd)).to.deep.equal([CMD_PROVISION, CMD_HELLO, CMD_PING]);
  });

  it("sends no credentials to a device that wants none where a proof is due", async () => {
    device.key = undefined;
    expect((await failure(go())).message).to.contain("asks for no proof of possession");
    expect(device.commands).to.deep.equal([]);
  });

  it("says that the proof is wrong, and how long to wait once the device has stopped listening", async () => {
    const wrong = { possession: possessionOf({ pop: "WRONG-WRONG-WRONG" }, DK) };
    const error = await failure<PossessionError>(go(wrong));
    expect(error.message).to.contain("another proof of possession").and.not.contain("WRONG");
    expect(error.wait).to.equal(0);
    device.wait = 30;
    const locked = await failure<PossessionError>(go());
    expect(locked.message).to.contain("listens again in 30 s");
    expect(locked.wait).to.equal(30);
    expect(device.commands).to.deep.equal([]);
  });

  it("tells the lock-out that its own wrong proof has set off", async () => {
    const requests: string[] = [];
    let wait = 0;
    Object.defineProperty(device, "wait", { get: () => (requests.push("7004"), wait++ && 30), configurable: true });
    const error = await failure<PossessionError>(go({ possession: possessionOf({ pop: "WRONG-WRONG-WRONG" }, DK) }));
    Object.defineProperty(device, "wait", { value: 0, writable: true, configurable: true });
    expect(error.message).to.contain("another proof").and.contain("again in 30 s");
    expect(requests).to.have.length(2);
  });

  it("does not trust a device that cannot prove itself", async () => {
    device.ownKey = keyOf("some other label");
    expect((await failure(go())).message).to.contain("cannot prove");
    expect(device.commands).to.deep.equal([]);
  });

  it("passes over what a stranger sends in clear behind the proof, or later", async () => {
    const forged = encodeFrame(3, CMD_PROVISION_ANSWER, encodeTtlv([...accepted().slice(0, 4), [9, "F".repeat(16)]]));
    device.glued = forged;
    device.onRequest = (request) => {
      request.raw(forged);
      request.accept();
    };
    expect(await go()).to.deep.equal(BINDING);
  });

  it("survives a device that knows the keys and seals badly", () => {
    const key = keyOf(POP);
    const [app, other] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
    const bad = new FakeLevel1(key, app, other);
    const level1 = new Level1(key, app, other);
    const cmd = 0x7011;
    // No ciphertext, half a block, one without padding; a good one goes on afterwards.
    [0, 8, 16].forEach((length, at) => {
      const data = bad.wrap(1, at + 1, cmd, Buffer.alloc(length, 99)).toString("latin1");
      expect(level1.open(cmd, data)).to.equal(undefined);
    });
    expect(level1.open(cmd, bad.data(1, 4, cmd, Buffer.from("fine")).toString("latin1"))).to.equal("fine");
  });
});
