/** 7010 and 7012: what is taken, and what is answered. */

import { expect } from "chai";

import * as protocol from "../../../../src/codec/commands.js";
import type { Node } from "../../../../src/codec/ttlv.js";
import { CODE, FakeLan, HOME, type FakeApp } from "../../../support/lan.js";

const { CMD_IN_CLOUD, CMD_PROVISION, CMD_PROVISION_ANSWER, CMD_SCAN, CMD_SCAN_ANSWER } = protocol;
const ACCEPTED: Node[] = [[4, true], [5, 120], [7, "p1demo"], [8, "DEVICE01"], [9, CODE]]; // prettier-ignore
const REFUSED: Node[] = [[4, false]];
const HEX_KEY = "0123456789abcdefABCDEF0123456789".repeat(2);

describe("7010", () => {
  let lan: FakeLan;
  let app: FakeApp;
  const ask = (...nodes: Node[]): Node[] => app.ask(CMD_PROVISION, CMD_PROVISION_ANSWER, nodes);

  beforeEach(() => {
    lan = new FakeLan();
    app = lan.connect();
  });

  it("is answered once, at once, with the code and the seconds of its window", () => {
    expect(ask([1, "home"], [2, "password"])).to.deep.equal(ACCEPTED);
    expect(lan.joined).to.deep.equal([[{ ssid: "home", pass: "password", url: "" }, undefined]]);
    lan.clock.advance(5000);
    expect(app.answers()).to.deep.equal([]);
  });

  it("is taken as captured: seconds, a number that is ignored, and a server", () => {
    lan.window = { code: CODE, seconds: 30 };
    const answer = ask([1, "home"], [2, "password"], [11, 30], [13, "mqtts://host:8886"], [12, 255]);
    expect(answer[1]).to.deep.equal([5, 30]);
    expect(lan.joined).to.deep.equal([[{ ssid: "home", pass: "password", url: "mqtts://host:8886" }, 30]]);
  });

  for (const [what, ...nodes] of [
    ["no password", [1, "x".repeat(32)]],
    ["an empty password", [1, "home"], [2, ""]],
    ["a password of 8 bytes", [1, "home"], [2, "x".repeat(8)]],
    ["a password of 63 bytes", [1, "home"], [2, "x".repeat(63)]],
    ["a key of 64 digits", [1, "home"], [2, HEX_KEY]],
    ["a name that is bytes", [1, "\xff\x00\xaa", true]],
    ["an empty server", [1, "home"], [13, ""]],
  ] as [string, ...Node[]][]) {
    it(`takes ${what}`, () => expect(ask(...nodes)).to.deep.equal(ACCEPTED));
  }

  for (const [what, ...nodes] of [
    ["nothing"],
    ["an empty name", [1, ""]],
    ["a name of 33 bytes", [1, "x".repeat(33)]],
    ["a number for a name", [1, 5]],
    ["a password of 7 bytes", [1, "home"], [2, "x".repeat(7)]],
    ["a password of 64 bytes that is no key", [1, "home"], [2, "x".repeat(64)]],
    ["a password of 65 bytes", [1, "home"], [2, "0".repeat(65)]],
    ["another scheme", [1, "home"], [13, "http://host"]],
    ["another port", [1, "home"], [13, "mqtt://host:99999"]],
    ["an array", [1, [[0, "home"]]]],
    ["a number for a password", [1, "home"], [2, 12345678]],
    ["a boolean for a password", [1, "home"], [2, true]],
    ["an array for a password", [1, "home"], [2, Array.from("password", (letter) => [0, letter] as Node)]],
    ["a number for a server", [1, "home"], [13, 8883]],
  ] as [string, ...Node[]][]) {
    it(`refuses ${what}, and nothing happens`, () => {
      expect(ask(...nodes)).to.deep.equal(REFUSED);
      expect(lan.joined).to.deep.equal([]);
      lan.pairing = false;
      expect(ask(...nodes)).to.deep.equal([]);
    });
  }

  it("is refused when the device cannot open a window, or not reach such a server", () => {
    lan.window = undefined;
    expect(ask([1, "home"])).to.deep.equal(REFUSED);
  });

  it("is answered empty when the device is not in pairing mode", () => {
    lan.pairing = false;
    expect(ask([1, "home"], [2, "password"])).to.deep.equal([]);
    expect(lan.joined).to.deep.equal([]);
  });

  it("that names the network that the device is on or tries is answered with the open window, and joins nothing", () => {
    lan.pairing = false;
    lan.isKnown = true;
    lan.window = { code: CODE, seconds: 77 };
    expect(ask([1, "home"], [2, "password"])[1]).to.deep.equal([5, 77]);
    expect(lan.joined).to.deep.equal([]);
    lan.window = undefined;
    expect(ask([1, "home"], [2, "password"])).to.deep.equal([]);
  });

  describe("ends with 7014", () => {
    const pushes = (one: FakeApp): unknown[] => one.answers().filter(({ cmd }) => cmd === CMD_IN_CLOUD);
    const PUSH = { id: 0, cmd: CMD_IN_CLOUD, data: "\x00\x31" };

    it("for the app that provisioned, once, with package id 0", () => {
      const other = lan.connect();
      other.login();
      ask([1, "home"]);
      lan.provision.finish(true);
      lan.provision.finish(true);
      expect([pushes(app), pushes(other)]).to.deep.equal([[PUSH], []]);
    });

    it("for the app that asked last, if two are at it", () => {
      const second = lan.connect();
      ask([1, "home"]);
      lan.pairing = false;
      lan.isKnown = true;
      second.ask(CMD_PROVISION, CMD_PROVISION_ANSWER, [[1, "home"]]);
      // One that is refused changes nothing.
      lan.isKnown = false;
      ask([1, "other"]);
      lan.provision.finish(true);
      expect([pushes(app), pushes(second)]).to.deep.equal([[], [PUSH]]);
    });

    it("for none when it fails, and none when the app is gone", () => {
      ask([1, "home"]);
      lan.provision.finish(false);
      lan.provision.finish(true);
      expect(pushes(app)).to.deep.equal([]);
      ask([1, "home"]);
      app.events.closed();
      lan.provision.finish(true);
      expect(pushes(app)).to.deep.equal([]);
    });
  });
});

describe("7012", () => {
  let lan: FakeLan;
  let app: FakeApp;
  const ask = (): Node[] => app.ask(CMD_SCAN, CMD_SCAN_ANSWER);

  beforeEach(() => {
    lan = new FakeLan();
    app = lan.connect();
  });

  it("is answered with the names of the networks in pairing mode, and empty outside", () => {
    lan.radio.networks!.push({ ...HOME, ssid: "near", rssi: -20 });
    expect(ask()).to.deep.equal([[51, [[0, "near"], [0, "home"]]]]); // prettier-ignore
    lan.radio.networks = [];
    expect(ask()).to.deep.equal([[51, []]]);
    lan.pairing = false;
    expect(ask()).to.deep.equal([]);
  });

  it("is answered to the app that asked, and to none that has gone meanwhile", () => {
    let finish = (): void => {};
    lan.radio.wifi.scan = (done) => (finish = () => done([HOME]));
    app.send(CMD_SCAN);
    const second = lan.connect();
    second.send(CMD_SCAN);
    app.events.closed();
    finish();
    expect([app.answers().length, second.answers().length]).to.deep.equal([0, 1]);
  });
});

describe("a device that demands a proof", () => {
  let lan: FakeLan;
  let app: FakeApp;

  beforeEach(() => {
    lan = new FakeLan({ guarded: true });
    app = lan.connect();
  });

  /** The answers to 7010 and 7012. */
  const ask = (one: FakeApp): Node[][] => [
    one.ask(CMD_PROVISION, CMD_PROVISION_ANSWER, [[1, "home"]]),
    one.ask(CMD_SCAN, CMD_SCAN_ANSWER),
  ];

  it("answers 7010 and 7012 in clear by 4 false and by nothing, in pairing mode or not", () => {
    for (const pairing of [true, false]) {
      lan.pairing = pairing;
      lan.isKnown = true;
      expect(ask(app)).to.deep.equal([REFUSED, []]);
    }
    expect(lan.joined).to.deep.equal([]);
  });

  it("does not take a login for a proof: it has no tags and no counters", () => {
    app.login();
    expect(ask(app)).to.deep.equal([REFUSED, []]);
  });

  it("serves an app on the channel of its proof, and lets it log in on another connection only", () => {
    lan.handlers[protocol.CMD_PROVE] = (one) => {
      one.cipher = { seal: (_, data) => data, open: (_, data) => data };
    };
    app.send(protocol.CMD_PROVE);
    expect(ask(app)).to.deep.equal([ACCEPTED, [[51, [[0, "home"]]]]]);
    expect(app.login()).to.equal(protocol.LOGIN_REFUSED);
    expect(ask(app)[0]).to.deep.equal(ACCEPTED);
    expect(lan.connect().login()).to.equal(protocol.LOGIN_OK);
  });
});
