/** Networks of the simulated radio as they are written on the command line. */

import { expect } from "chai";

import { parseNetwork } from "../../../../tools/command/network.js";

const KEY = "0123456789abcdefABCDEF0123456789".repeat(2);

describe("command: --ap", () => {
  const RIGHT: [text: string, network: object][] = [
    ["home", { ssid: "home" }],
    ["home:", { ssid: "home" }],
    ["home:password1", { ssid: "home", password: "password1" }],
    ["my:net:password1", { ssid: "my:net", password: "password1" }],
    ["home:pass\\:word1", { ssid: "home", password: "pass:word1" }],
    ["my\\:net", { ssid: "my:net" }],
    ["a\\\\b:password1", { ssid: "a\\b", password: "password1" }],
    ["a\\b", { ssid: "a\\b" }],
    ["end\\", { ssid: "end\\" }],
    ["home:hidden", { ssid: "home", hidden: true }],
    ["home::hidden", { ssid: "home", hidden: true }],
    ["home:password1:hidden", { ssid: "home", password: "password1", hidden: true }],
    ["home:password1:wpa3", { ssid: "home", password: "password1", authMode: "unknown" }],
    ["home:password1:wpa3:hidden", { ssid: "home", password: "password1", authMode: "unknown", hidden: true }],
    ["hidden", { ssid: "hidden" }],
    ["hidden:password1", { ssid: "hidden", password: "password1" }],
    ["éhome:ééééé", { ssid: "éhome", password: "ééééé" }],
    ["日本語", { ssid: "日本語" }],
    ["📡:📡📡📡", { ssid: "📡", password: "📡📡📡" }],
    ["日".repeat(10), { ssid: "日".repeat(10) }],
    [`home:${KEY}`, { ssid: "home", password: KEY }],
    [" :        ", { ssid: " ", password: "        " }],
    ["constructor:toString", { ssid: "constructor", password: "toString" }],
  ];

  for (const [text, network] of RIGHT) {
    it(`takes ${text}`, () => expect(parseNetwork(text)).to.deep.equal(network));
  }

  const WRONG: [text: string, message: RegExp][] = [
    ["", /1-32 bytes/],
    [":password1", /1-32 bytes/],
    [":hidden", /1-32 bytes/],
    ["日".repeat(11), /1-32 bytes/],
    ["home:short", /8-63 bytes/],
    ["home\\:\\::hidde", /8-63 bytes/],
    [`home:${"a".repeat(64).replace(/^a/, "g")}`, /8-63 bytes/],
    [`home:${"é".repeat(32)}`, /8-63 bytes/],
    [`home:${KEY}0`, /8-63 bytes/],
  ];

  for (const [text, message] of WRONG) {
    it(`refuses ${text}`, () => expect(() => parseNetwork(text)).to.throw(message));
  }

  it("never says what it refuses", () => {
    expect(() => parseNetwork("home:secret7"))
      .to.throw()
      .with.property("message")
      .that.does.not.contain("secret7");
  });
});
