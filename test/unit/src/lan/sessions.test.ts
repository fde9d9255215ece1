/** Connections of apps: what they may send, how they log in, and how long they last. */

import { expect } from "chai";

import * as protocol from "../../../../src/codec/commands.js";
import { encodeFrame } from "../../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, findBytes, findNumber, type Node } from "../../../../src/codec/ttlv.js";
import { loginCipher, loginHash } from "../../../../src/lan/requests/login.js";
import type { App } from "../../../../src/lan/app.js";
import { aes, fromHex, hasher, toHex } from "../../../support/hal.js";
import { FakeApp, FakeLan } from "../../../support/lan.js";
import { wireRows } from "../../../support/wire.js";

const { CMD_PING, CMD_PONG, CMD_READ, CMD_READ_ANSWER, CMD_WRITE, CMD_WRITE_ANSWER, CMD_HEARTBEAT } = protocol;
const keyOf = (authKey: string): string => Buffer.from(authKey, "base64").toString("latin1");

describe("a connection", () => {
  let lan: FakeLan;
  const ping = encodeFrame(1, CMD_PING, "");

  beforeEach(() => {
    lan = new FakeLan();
  });

  it("has 10 s for its first frame, and 60 s for each later one", () => {
    const [mute, polite] = [lan.connect(), lan.connect()];
    polite.events.received(ping);
    lan.clock.advance(9_999);
    expect(mute.ended).to.equal(false);
    lan.clock.advance(1);
    expect([mute.ended, polite.ended]).to.deep.equal([true, false]);
    lan.clock.advance(49_999);
    expect(polite.ended).to.equal(false);
    lan.clock.advance(1);
    expect(polite.ended).to.equal(true);
  });

  it("gains no time by bytes that are no frame", () => {
    const slow = lan.connect();
    for (let i = 0; i < 10; i++) {
      slow.events.received("\xaa");
      lan.clock.advance(1_000);
    }
    expect(slow.ended).to.equal(true);
  });

  it("gains no time by what the device sends", () => {
    const app = lan.connect();
    app.send(protocol.CMD_PROVISION, [[protocol.WIFI_SSID, "home"]]);
    lan.clock.advance(30_000);
    lan.provision.finish(true);
    expect(app.answers().map(({ cmd }) => cmd)).to.deep.equal([protocol.CMD_PROVISION_ANSWER, protocol.CMD_IN_CLOUD]);
    lan.clock.advance(29_999);
    expect(app.ended).to.equal(false);
    lan.clock.advance(1);
    expect(app.ended).to.equal(true);
  });

  it("is one of four; the fifth is closed, and a place becomes free again", () => {
    const apps = Array.from({ length: 5 }, () => lan.connect());
    expect(apps.map(({ ended }) => ended)).to.deep.equal([false, false, false, false, true]);
    apps[4].events.received(ping);
    expect(apps[4].answers()).to.deep.equal([]);
    apps[0].events.closed();
    expect(lan.connect().ended).to.equal(false);
    expect(lan.connect().ended).to.equal(true);
  });

  it("is closed when it announces a frame over 1 KiB, and nothing more of it is heard", () => {
    const big = lan.connect();
    big.events.received(encodeFrame(1, protocol.CMD_PROVISION, "x".repeat(2000)).slice(0, 10));
    expect(big.ended).to.equal(true);
    big.events.received(ping);
    expect(big.answers()).to.deep.equal([]);
  });

  it("is closed when its network takes no more, and the others are not", () => {
    const [deaf, other] = [lan.connect(), lan.connect()];
    deaf.full = true;
    for (const app of [deaf, other]) app.events.received(ping);
    lan.clock.advance(1);
    expect([deaf.ended, other.ended]).to.deep.equal([true, false]);
    expect(other.answers()).to.have.length(1);
  });

  it("is closed when it asks for more than 16 answers before it hears the first", () => {
    const [hasty, patient] = [lan.connect(), lan.connect()];
    hasty.events.received(ping.repeat(17));
    patient.events.received(ping.repeat(16));
    expect([hasty.ended, patient.ended]).to.deep.equal([true, false]);
    expect([hasty.answers().length, patient.answers().length]).to.deep.equal([0, 16]);
    patient.events.received(ping.repeat(16));
    expect(patient.answers()).to.have.length(16);
  });

  it("is served across any cut: fragments, glued frames, pieces that end in AA and begin with 55", () => {
    const frame = encodeFrame(0x10aa, CMD_PING, "");
    const three = frame + encodeFrame(7, CMD_PING, encodeTtlv([[1, "\xaa\x55\xaa\xaa"]])) + frame;
    for (let cut = 1; cut < three.length; cut++) {
      const app = lan.connect();
      app.events.received(three.slice(0, cut));
      app.events.received(three.slice(cut));
      expect(
        app.answers().map(({ id, cmd }) => [id, cmd]),
        `cut at ${cut}`,
      ).to.deep.equal([
        [0x10aa, CMD_PONG],
        [7, CMD_PONG],
        [0x10aa, CMD_PONG],
      ]);
      app.events.closed();
    }
  });

  it("is told nothing about frames that are dropped, and only debug counts them in the log", () => {
    for (const debug of [true, false]) {
      lan = new FakeLan({ debug });
      const app = lan.connect();
      const dropped: [number, string][] = [
        [CMD_READ, ""],
        [CMD_READ, "\x00\x01"],
        [CMD_WRITE, encodeTtlv([[1, true]])],
        [CMD_HEARTBEAT, encodeTtlv([[1, 30]])],
        [0x7000, ""],
        [0x7001, ""],
        [protocol.CMD_HELLO, ""],
        [0xfffe, ""],
        [protocol.CMD_PROVISION, "\x00\x13\xff\xff"],
        [protocol.CMD_LOGIN, "x"],
      ];
      for (const [cmd, data] of dropped) app.write(cmd, data);
      app.write(CMD_PING, "", 0);
      expect([app.answers(), app.ended]).to.deep.equal([[], false]);
      // A frame with package id 0 is none for the decoder.
      expect(lan.dropped()).to.equal(debug ? dropped.length : 0);
    }
    expect(lan.log).to.deep.equal([]);
  });

  it("answers 7037 by 7038 with its id, before a login too", () => {
    const app = lan.connect();
    expect(app.ask(CMD_PING, CMD_PONG)).to.deep.equal([]);
    app.send(CMD_PONG);
    expect([app.answers(), lan.dropped()]).to.deep.equal([[], 0]);
  });

  it("lets a module serve a command, which is not dropped then", () => {
    const seen: unknown[] = [];
    lan.handlers[CMD_READ] = (app: App, id: number, nodes: Node[], data: string) => {
      seen.push([id, nodes, toHex(data)]);
      app.send(0, protocol.CMD_REPORT, [[1, 5]]);
    };
    const app = lan.connect();
    app.send(CMD_READ, "\x00\x01\x00\x02");
    expect(seen).to.deep.equal([]);
    app.login();
    app.send(CMD_READ, "\x00\x01\x00\x02");
    expect(app.answers()).to.deep.equal([{ id: 0, cmd: protocol.CMD_REPORT, data: encodeTtlv([[1, 5]]) }]);
    expect(seen).to.deep.equal([[1003, [], "00010002"]]);
  });
});

describe("a login", () => {
  let lan: FakeLan;
  let app: FakeApp;

  beforeEach(() => {
    lan = new FakeLan();
    app = lan.connect();
  });

  for (const row of wireRows("token")) {
    it(`${row.id} is proved as clients do: ${row.what}`, () => {
      expect(loginHash(hasher, keyOf(row.authKey!), row.random!)).to.equal(row.token);
      expect(findBytes(decodeTtlv(fromHex(row.data!))!, protocol.LOGIN_HASH)).to.equal(row.token);
    });
  }

  for (const row of wireRows("random")) {
    it(`${row.id} has a random that clients read: ${row.what}`, () => {
      expect(findBytes(decodeTtlv(fromHex(row.data!))!, protocol.LOGIN_RANDOM)).to.equal(row.random);
    });
  }

  for (const row of wireRows("login-result")) {
    it(`${row.id} has a result that clients read: ${row.what}`, () => {
      expect(findNumber(decodeTtlv(fromHex(row.data!))!, protocol.LOGIN_RESULT) === 0).to.equal(row.success);
    });
  }

  it("begins with 16 printable characters, new each time, into which the generator stirs the moment", () => {
    const randoms = [app.challenge(), app.challenge(), lan.connect().challenge()];
    for (const random of randoms) expect(random).to.match(/^[\x21-\x7e]{16}$/);
    expect(new Set(randoms).size).to.equal(3);
    expect(lan.stirred).to.deep.equal(["", "", ""]);
  });

  it("succeeds with the right hash, in clear, and once", () => {
    expect(app.login()).to.equal(protocol.LOGIN_OK);
    expect(app.ask(CMD_READ, CMD_READ_ANSWER)).to.deep.equal([]);
    expect(app.login()).to.equal(protocol.LOGIN_ALREADY);
  });

  it("that is repeated goes on under the random that was proved last, and a wrong one changes nothing", () => {
    app.login();
    const random = app.challenge();
    expect(app.answerChallenge(random, "another key, 16b")).to.equal(protocol.LOGIN_ALREADY);
    expect(app.ask(CMD_PING, CMD_PONG)).to.deep.equal([]);
    const next = app.challenge();
    expect(app.answerChallenge(next)).to.equal(protocol.LOGIN_ALREADY);
    app.iv = next;
    expect(app.ask(CMD_WRITE, CMD_WRITE_ANSWER, [[43, true]])).to.deep.equal([[1, 1]]);
  });

  it("is refused without a 7032, with another random, and with one that was tried", () => {
    const other = lan.connect().challenge();
    expect(app.answerChallenge("0123456789abcdef")).to.equal(protocol.LOGIN_REFUSED);
    const random = app.challenge();
    expect(app.answerChallenge(other)).to.equal(protocol.LOGIN_REFUSED);
    expect(app.answerChallenge(random)).to.equal(protocol.LOGIN_REFUSED);
    const old = app.challenge();
    app.challenge();
    expect(app.answerChallenge(old)).to.equal(protocol.LOGIN_REFUSED);
    expect(app.login()).to.equal(protocol.LOGIN_OK);
  });

  it("is refused with another key, with a hash in capitals, cut, or none, and while the device is not bound", () => {
    expect(app.login("another key, 16b")).to.equal(protocol.LOGIN_REFUSED);
    for (const damage of [(hash: string) => hash.toUpperCase(), (hash: string) => hash.slice(0, 63), () => ""]) {
      app = lan.connect();
      const hash = damage(loginHash(hasher, lan.authKey, app.challenge()));
      const nodes: Node[] = hash ? [[protocol.LOGIN_HASH, hash]] : [];
      expect(app.ask(protocol.CMD_LOGIN, protocol.CMD_LOGIN_ANSWER, nodes)).to.deep.equal([[3, 1]]);
      app.events.closed();
    }
    lan.authKey = "";
    expect(lan.connect().login("")).to.equal(protocol.LOGIN_REFUSED);
  });

  it("with a share code is refused, although the hash is right, with one line in the log", () => {
    for (const id of [protocol.LOGIN_SHARE_CODE, protocol.LOGIN_PERMISSION]) {
      lan.log.length = 0;
      const nodes: Node[] = [
        [protocol.LOGIN_HASH, loginHash(hasher, lan.authKey, app.challenge())],
        [id, "0123456789abcdef"],
      ];
      expect(app.ask(protocol.CMD_LOGIN, protocol.CMD_LOGIN_ANSWER, nodes)).to.deep.equal([[3, 1]]);
      expect(lan.log).to.deep.equal(["lan share code refused"]);
    }
  });

  it("that is wrong five times ends the connection, behind the answer", () => {
    for (let n = 1; n <= 4; n++) expect(app.login("another key, 16b")).to.equal(protocol.LOGIN_REFUSED);
    expect(app.ended).to.equal(false);
    expect(app.login("another key, 16b")).to.equal(protocol.LOGIN_REFUSED);
    expect(app.ended).to.equal(true);
    expect(lan.connect().login()).to.equal(protocol.LOGIN_OK);
  });

  it("under an old authKey ends with the new one", () => {
    const stranger = lan.connect();
    app.login();
    lan.sessions.rekeyed(lan.authKey);
    expect(app.ended).to.equal(false);
    lan.authKey = "another key, 16b";
    lan.sessions.rekeyed(lan.authKey);
    expect([app.ended, stranger.ended]).to.deep.equal([true, false]);
    const next = lan.connect();
    next.login();
    lan.authKey = "";
    lan.sessions.rekeyed("");
    expect(next.ended).to.equal(true);
  });
});

describe("a session", () => {
  let lan: FakeLan;
  let app: FakeApp;

  beforeEach(() => {
    lan = new FakeLan();
    app = lan.connect();
    app.login();
  });

  for (const row of wireRows("encrypted").filter(({ use }) => use !== "refuse")) {
    it(`${row.id} is sealed as clients do: ${row.what}`, () => {
      const cipher = loginCipher(aes, keyOf(row.authKey!), row.random!);
      const [plain, data] = [fromHex(row.plain ?? ""), fromHex(row.data!)];
      expect(toHex(cipher.open(0, data)!)).to.equal(row.plain ?? "");
      // Empty data is accepted sealed, and sent empty.
      expect(toHex(cipher.seal(0, plain))).to.equal(plain ? row.data : "");
    });
  }

  for (const row of wireRows("encrypted").filter(({ use }) => use === "refuse")) {
    it(`${row.id}: ${row.what}`, () => {
      expect(loginCipher(aes, keyOf(row.authKey!), row.random!).open(0, fromHex(row.data!))).to.equal(undefined);
      app.write(CMD_WRITE, fromHex(row.data!));
      expect([app.answers(), lan.dropped(), app.ended]).to.deep.equal([[], 1, false]);
    });
  }

  for (const row of wireRows("session").filter(({ plain }) => plain !== undefined)) {
    it(`${row.id} is as clients have it: ${row.what}`, () => {
      const isClear = /^703[2-5]$/.test(row.cmd!);
      const cipher = loginCipher(aes, keyOf(row.authKey!), row.random!);
      const data = isClear ? fromHex(row.plain!) : cipher.seal(0, fromHex(row.plain!));
      expect(toHex(encodeFrame(row.packageId, parseInt(row.cmd!, 16), data))).to.equal(row.frame);
    });
  }

  it("seals everything but 7032 to 7035, each frame from the same iv", () => {
    const frames: string[] = [];
    for (let n = 0; n < 2; n++) {
      app.send(CMD_WRITE, [[43, true]]);
      lan.clock.advance(0);
      frames.push(app.sent.splice(0)[0]);
    }
    expect(frames[0].slice(9)).to.equal(frames[1].slice(9));
    expect(frames[0].slice(9)).to.have.length(16);
  });

  it("answers a read of an empty model by 0012 without data, and a write that nothing takes by 7036 1", () => {
    expect(app.ask(CMD_READ, CMD_READ_ANSWER)).to.deep.equal([]);
    app.send(CMD_READ, "\x00\x01\x00\x02\x01\x2c");
    expect(app.answers().map(({ cmd, data }) => [cmd, data])).to.deep.equal([[CMD_READ_ANSWER, ""]]);
    expect(app.ask(CMD_WRITE, CMD_WRITE_ANSWER, [[43, true]])).to.deep.equal([[1, 1]]);
  });

  it("takes a ping that is sealed although it is empty, and a heartbeat without an answer", () => {
    const sealed = aes(true, "\x10".repeat(16), lan.authKey, app.iv);
    app.write(CMD_PING, sealed);
    expect(app.answers().map(({ cmd, data }) => [cmd, data])).to.deep.equal([[CMD_PONG, ""]]);
    app.send(CMD_HEARTBEAT, [[1, 30], [2, 1]]); // prettier-ignore
    expect([app.answers(), lan.dropped()]).to.deep.equal([[], 0]);
  });

  it("drops what is in clear, cut, badly padded, or changed, and stays", () => {
    const good = encodeTtlv([[43, true]]);
    const seal = (padded: string): string => aes(true, padded, lan.authKey, app.iv);
    const wrong = [
      good,
      encodeTtlv([[1, "x".repeat(12)]]),
      seal(good + "\x0e".repeat(14)).slice(1),
      seal(good + "\x00".repeat(14)),
      seal(good + "\x0d" + "\x0e".repeat(13)),
      seal(good + "\x00".repeat(13) + "\x11"),
      seal("\x10".repeat(15) + "\x11"),
      seal(good + "\x0e".repeat(14)) + "\x00",
      seal("\x00\x13\xff\xff" + "\x0c".repeat(12)),
    ];
    for (const data of wrong) app.write(CMD_WRITE, data);
    expect([app.answers(), lan.dropped(), app.ended]).to.deep.equal([[], wrong.length, false]);
    app.write(CMD_WRITE, seal(good + "\x0e".repeat(14)));
    expect(app.answers()).to.have.length(1);
  });

  it("that falls silent is pinged after 15 s with an id of the device's own, and closed 10 s later", () => {
    lan.clock.advance(14_999);
    expect(app.answers()).to.deep.equal([]);
    lan.clock.advance(1);
    expect(app.answers()).to.deep.equal([{ id: 1, cmd: CMD_PING, data: "" }]);
    app.send(CMD_PONG);
    lan.clock.advance(15_000);
    expect(app.answers()).to.deep.equal([{ id: 2, cmd: CMD_PING, data: "" }]);
    lan.clock.advance(9_999);
    expect(app.ended).to.equal(false);
    lan.clock.advance(1);
    expect([app.ended, lan.dropped()]).to.deep.equal([true, 0]);
  });

  it("with a heartbeat every 12 s lasts, and is never pinged", () => {
    for (let n = 0; n < 20; n++) {
      lan.clock.advance(12_000);
      app.send(CMD_HEARTBEAT, [[1, 30]]);
    }
    expect([app.answers(), app.ended]).to.deep.equal([[], false]);
  });

  it("that dies leaves no timer that speaks", () => {
    app.events.closed();
    lan.clock.advance(120_000);
    expect([app.answers(), app.ended]).to.deep.equal([[], false]);
  });
});
