/** The LAN session from the app's side, against a device that knows it from its definition only. */
import { createHash } from "node:crypto";

import { expect } from "chai";
import { CMD_HEARTBEAT, CMD_PING } from "../../../src/codec/commands.js";
import { LanSession, UnreachableError } from "../../../sim/app/index.js";
import { LanChannel, loginHash } from "../../../sim/app/lan-channel.js";
import { FakeDevice, failure } from "../../unit/sim/app/fake-device.js";

const KEY = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
const RANDOM = "AbCdEfGh01234567";

describe("app: LAN session", () => {
  const device = new FakeDevice("127.60.0.1");
  const open = (key = KEY) => LanSession.open(device.address, key.toString("base64"));
  before(() => device.start());
  after(() => device.stop());
  beforeEach(() => {
    device.authKey = KEY;
    device.loginResult = undefined;
    device.frames.length = device.commands.length = 0;
    device.onRequest = () => {};
  });

  it("the hash and the sealing are those of the definition", () => {
    const wanted = createHash("sha256").update("000102030405060708090a0b0c0d0e0f;AbCdEfGh01234567").digest("hex");
    expect(loginHash(KEY, RANDOM)).to.equal(wanted);
    const [one, two] = [new LanChannel(KEY, RANDOM), new LanChannel(KEY, RANDOM)];
    const sealed = one.seal(0x7036, "\x00\x0a\x00\x00");
    expect(sealed).to.have.length(16);
    expect(one.seal(0x7036, "\x00\x0a\x00\x00"), "the IV begins anew").to.equal(sealed);
    expect(two.open(0x7036, sealed)).to.equal("\x00\x0a\x00\x00");
    expect([one.seal(0x0011, ""), one.open(0x7037, ""), one.seal(0x7034, "x")]).to.deep.equal(["", "", "x"]);
    expect(two.open(0x0014, "clear")).to.equal(undefined);
    expect(two.open(0x0014, "x".repeat(16))).to.equal(undefined);
  });

  it("logs in, sends a heartbeat at once, answers a ping and pings", async () => {
    const session = await open();
    expect(await session.ping()).to.equal(true);
    expect(device.commands).to.deep.equal([CMD_HEARTBEAT]);
    device.onRequest = (request) => request.cmd === 0x0011 && request.push(CMD_PING);
    await session.read();
    expect(device.commands.at(-1)).to.equal(0x7038);
    session.close();
  });

  it("reads: plain ids go out, everything that the device tells comes back", async () => {
    let asked = "";
    device.onRequest = (request) => {
      if (request.cmd !== 0x0011) return;
      asked = request.data;
      request.push(0x0014, [[1, true]]);
      request.answer(0x0012, [[300, 5]]);
    };
    const session = await open();
    expect(await session.read([1, 300])).to.deep.equal([[1, true], [300, 5]]); // prettier-ignore
    expect(asked).to.equal("\x00\x01\x01\x2c");
    session.close();
  });

  it("writes: first 7036, then the report; a device that refuses says so", async () => {
    device.onRequest = (request) => {
      if (request.cmd !== 0x0013) return;
      request.answer(0x7036, [[1, 0]]);
      request.push(0x0014, request.nodes);
    };
    const session = await open();
    expect(await session.write([[4, 21]])).to.deep.equal({ result: 0, report: [[4, 21]] });
    device.onRequest = (request) => request.cmd === 0x0013 && request.answer(0x7036, [[1, 1]]);
    expect(await session.write([[4, 21]])).to.deep.equal({ result: 1 });
    session.close();
  });

  it("goes on when the device says that it is logged in already, and nowhere else", async () => {
    device.loginResult = 2;
    const session = await open();
    expect(await session.ping()).to.equal(true);
    session.close();
    device.loginResult = 7;
    expect((await failure(open())).message).to.contain("refuses the login (7)");
  });

  it("is refused with another key, which no message repeats", async () => {
    const wrong = Buffer.alloc(16, 9);
    const error = await failure(open(wrong));
    expect(error.message).to.contain("refuses the login").and.not.contain(wrong.toString("base64"));
  });

  it("says that a device gives no random, or one that is none", async () => {
    device.authKey = undefined;
    expect(await failure(open())).to.be.instanceOf(UnreachableError);
    for (const random of ["short", "x".repeat(17), "\n".repeat(16)]) {
      device.onRequest = (request) => request.answer(0x7033, [[1, random]]);
      expect((await failure(open())).message).to.contain("no random");
    }
  });
});
