/** Option values: what they mean, and what is refused without being repeated. */
import { expect } from "chai";

import {
  brokerUrl,
  deviceSecret,
  httpUrl,
  mqttUrl,
  networks,
  prefix,
  proofOfPossession,
} from "../../../../tools/command/values.js";

describe("command: values", () => {
  it("--ap: the last colon divides, unless a backslash is before it", () => {
    const cases: [text: string, ssid: string, password?: string, hidden?: boolean][] = [
      ["guests", "guests"],
      ["guests:", "guests"],
      ["home:password1", "home", "password1"],
      ["my:net:password1", "my:net", "password1"],
      ["home:correct\\:horse", "home", "correct:horse"],
      ["my\\:net", "my:net"],
      ["a\\\\b:password1", "a\\b", "password1"],
      ["a\\b:password1", "a\\b", "password1"],
      ["home:password1:hidden", "home", "password1", true],
      ["guests:hidden", "guests", undefined, true],
      ["caf\u00e9:\u65e5\u672c\u8a9e", "caf\u00e9", "\u65e5\u672c\u8a9e"],
    ];
    for (const [text, ssid, password, hidden] of cases) {
      const expected = { ssid, ...(password ? { password } : {}), ...(hidden ? { hidden } : {}) };
      expect(networks(text, undefined), text).to.deep.equal([expected]);
    }
    expect(networks("b", [{ ssid: "a" }])).to.deep.equal([{ ssid: "a" }, { ssid: "b" }]);
    expect(() => networks("home:correct:hunter2", undefined))
      .to.throw(/a colon in it is written \\\\?:/)
      .with.property("message")
      .not.contain("hunter2");
    expect(() => networks(":password1", undefined)).to.throw(/SSID/);
  });

  it("no URL with a password is printed, whichever option has it", () => {
    for (const read of [httpUrl, mqttUrl, brokerUrl]) {
      const scheme = read === httpUrl ? "http" : "mqtt";
      for (const url of [`${scheme}://me:hunter2@host:1`, `${scheme}://me:hunter2@[::1]`, "me:hunter2@host"]) {
        expect(() => read(url))
          .to.throw(/user|URL such as/)
          .with.property("message")
          .not.contain("hunter2");
      }
    }
  });

  it("a proof of possession is the same from a file, the prompt and an option", () => {
    expect(proofOfPossession(" ABCDEFGH23456789\t")).to.equal("ABCDEFGH23456789");
    expect(() => proofOfPossession("ABCDEFGH2345678 ")).to.throw(/16-64 printable ASCII/);
  });

  it("a prefix and a DeviceSecret have one rule for all commands", () => {
    expect(prefix("my lamp")).to.equal("my lamp");
    for (const bad of ["", "x".repeat(28), "\u00e9"]) expect(() => prefix(bad)).to.throw(/A prefix has 1-27 ASCII/);
    expect(deviceSecret("a-device-secret")).to.equal("a-device-secret");
    for (const bad of ["", "secr\u00e9t", "a b", "x".repeat(33)]) expect(() => deviceSecret(bad)).to.throw(/1-32/);
  });
});
