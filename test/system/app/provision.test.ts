/** The app's provisioning against a device that behaves in every way a device can. */
import { expect } from "chai";
import {
  CMD_PROVISION,
  CMD_PROVISION_ANSWER,
  CMD_SCAN,
  CMD_SCAN_ANSWER,
  WIFI_PASSWORD,
} from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { provision, ProvisioningError, scan, UnreachableError } from "../../../sim/app/index.js";
import type { ProvisionOptions } from "../../../sim/app/index.js";
import { accepted, CODE, DK, FakeDevice, failure, PK, type Request } from "../../unit/sim/app/fake-device.js";

const BINDING = { pk: PK, dk: DK, bindingCode: CODE, seconds: 120 };

describe("app: provisioning", () => {
  const device = new FakeDevice("127.61.0.1");
  const go = (more: Partial<ProvisionOptions> = {}) =>
    provision({ address: device.address, ssid: "home", password: "correct horse", timeout: 5000, ...more });
  /** Answers 7010, by how often it has come. */
  const script = (on: (request: Request, count: number) => void) => {
    let count = 0;
    device.onRequest = (request) => {
      expect(request.cmd).to.equal(CMD_PROVISION);
      on(request, ++count);
    };
  };

  before(() => device.start());
  after(() => device.stop());
  beforeEach(() => {
    device.commands.length = device.frames.length = 0;
    device.links = 0;
  });

  it("sends the credentials in the order of the captured frame and takes PK, DK and code from 7011", async () => {
    let sent: Node[] = [];
    script((request) => {
      sent = request.nodes;
      request.accept();
    });
    expect(await go({ ssid: "Café", password: "pässword", server: "mqtts://127.0.0.1:1" })).to.deep.equal(BINDING);
    expect(sent).to.deep.equal([
      [1, "Caf\xc3\xa9"],
      [2, "p\xc3\xa4ssword"],
      [11, 120],
      [13, "mqtts://127.0.0.1:1"],
      [12, 255],
    ]);
    expect(device.frames.map(({ id, cmd }) => [id, cmd])).to.deep.equal([[1000, CMD_PROVISION]]);
  });

  it("leaves the server away unless it is given, and says how long it will wait", async () => {
    let sent: Node[] = [];
    script((request) => {
      sent = request.nodes;
      request.accept();
    });
    await go({ password: undefined, seconds: 60 });
    expect(sent).to.deep.equal([[1, "home"], [2, ""], [11, 60], [12, 255]]); // prettier-ignore
  });

  it("takes the older answer too: 6 in the place of 4 and 5", async () => {
    script((request) => request.answer(CMD_PROVISION_ANSWER, [[6, true], ...accepted().slice(2)]));
    expect(await go()).to.deep.equal({ pk: PK, dk: DK, bindingCode: CODE });
  });

  it("an empty 7011: the device is not in pairing mode, and the error says how to get there", async () => {
    script((request) => request.answer(CMD_PROVISION_ANSWER));
    const error = await failure<ProvisioningError>(go());
    expect(error).to.be.instanceOf(ProvisioningError).and.include({ code: 8, state: 304 });
    expect(error.message).to.contain("not in pairing mode").and.contain("button for 5 s");
  });

  it("7011 with 4 false: bad parameters", async () => {
    script((request) => request.answer(CMD_PROVISION_ANSWER, [[4, false]]));
    const error = await failure<ProvisioningError>(go());
    expect(error).to.include({ code: 7, reason: "bad parameters", state: 313 });
    expect(error.message).to.not.contain("correct horse");
  });

  it("refuses credentials that no access point takes, before it connects", async () => {
    const wrong = [{ ssid: "" }, { ssid: "x".repeat(33) }, { password: "1234567" }, { password: "é".repeat(32) }];
    for (const bad of [...wrong, { password: "g".repeat(64) }]) {
      expect(await failure(go(bad)), JSON.stringify(bad)).to.include({ code: 7 });
    }
    expect(device.links).to.equal(0);
    script((request) => request.accept());
    await go({ password: "0123456789abcdef".repeat(4) });
    expect(device.frames[0].data).to.contain("0123456789abcdef".repeat(4));
  });

  it("says that no device is there", async () => {
    const error = await failure(go({ address: "127.61.0.99" }));
    expect(error).to.be.instanceOf(UnreachableError).and.include({ state: 304 });
    expect(error.message).to.contain("127.61.0.99:6607").and.contain("ECONNREFUSED");
  });

  it("gives up with code 6 and state 304 when no code comes in time", async () => {
    script(() => {});
    expect(await failure(go({ timeout: 200 }))).to.include({ code: 6, state: 304 });
    script((request) => request.answer(CMD_PROVISION_ANSWER, [[4, true]]));
    expect(await failure(go({ timeout: 200 }))).to.include({ code: 6, state: 304 });
  });

  it("stops when it is told to", async () => {
    script(() => {});
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 50);
    expect((await failure(go({ signal: controller.signal }))).message).to.equal("enough");
  });

  it("sends the credentials again where the link was lost before the answer", async () => {
    script((request, count) => (count === 1 ? request.cut() : request.accept()));
    expect(await go()).to.deep.equal(BINDING);
    expect(device.links).to.equal(2);
  });

  it("finds a device that is away for a while", async () => {
    script((request, count) => {
      if (count > 1) return request.accept();
      void device.deafen();
      setTimeout(() => void device.listen(), 700);
    });
    expect(await go()).to.deep.equal(BINDING);
  });

  it("takes no code of another device than the one that is meant", async () => {
    script((request) => request.answer(CMD_PROVISION_ANSWER, accepted("0000000000FF")));
    expect((await failure(go({ dk: DK }))).message).to.contain(`0000000000FF, not ${DK}`);
    script((request) => request.accept());
    expect(await go({ dk: DK.toLowerCase() })).to.deep.equal(BINDING);
  });

  it("passes over garbage, damaged frames, foreign commands, what is no TTLV and codes that are none", async () => {
    script((request) => {
      request.raw("HTTP/1.1 400\r\n\r\n\xaa\xaa\x00\x06\xff\x00\x01\x70\x11\x00");
      request.raw(encodeFrame(9, CMD_PROVISION_ANSWER, "\x00"));
      request.raw(encodeFrame(9, 0x7777, ""));
      request.answer(CMD_PROVISION_ANSWER, [...accepted().slice(0, 4), [9, "0123456789abcdef"]]);
      request.push(0x7014, [[6, true]]);
      request.accept();
    });
    expect(await go()).to.deep.equal(BINDING);
  });

  it("reads answers that arrive one byte at a time", async () => {
    script((request) => {
      const bytes = encodeFrame(1, CMD_PROVISION_ANSWER, encodeTtlv(accepted()));
      [...bytes].forEach((byte, i) => setTimeout(() => request.raw(byte), i));
    });
    expect(await go()).to.deep.equal(BINDING);
  });

  it("gives a device up that announces frames too large for any answer", async () => {
    script((request) => request.raw("\xaa\xaa\xff\xf0\x00"));
    expect(await failure(go({ timeout: 800 }))).to.include({ code: 6 });
    expect(device.links).to.be.greaterThan(1);
  });

  it("scan: the names of the networks, without hidden ones; nothing where it is not in pairing mode", async () => {
    const names = (...list: string[]): Node => [51, list.map((name): Node => [0, name])];
    device.onRequest = ({ cmd, nodes, answer }) => {
      expect([cmd, nodes]).to.deep.equal([CMD_SCAN, []]);
      answer(CMD_SCAN_ANSWER, [names("Caf\xc3\xa9", "", "far")]);
    };
    expect(await scan(device.address)).to.deep.equal(["Café", "far"]);
    device.onRequest = ({ answer }) => answer(CMD_SCAN_ANSWER, [names()]);
    expect(await scan(device.address)).to.deep.equal([]);
    device.onRequest = ({ answer }) => answer(CMD_SCAN_ANSWER);
    expect(await scan(device.address)).to.equal(undefined);
    device.onRequest = (request) => request.cut();
    expect(await failure(scan(device.address))).to.be.instanceOf(UnreachableError);
  });

  it("sends nothing that a device of this platform does not know", async () => {
    script((request, count) => (count === 1 ? request.cut() : request.accept()));
    await go();
    expect(new Set(device.frames.map(({ cmd }) => cmd))).to.deep.equal(new Set([CMD_PROVISION]));
    expect(device.frames[0].data.length, "with a password").to.be.greaterThan(WIFI_PASSWORD);
  });
});
