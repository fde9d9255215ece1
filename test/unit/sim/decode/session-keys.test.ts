/** What opens sealed frames: the authKey with the random of the capture, the ProductSecret for id 12, and neither. */
import { createCipheriv, createHash } from "node:crypto";

import { expect } from "chai";

import { encodeFrame } from "../../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import { LanChannel } from "../../../../sim/app/lan-channel.js";
import { decode, type DecodedFrame } from "../../../../sim/decode/index.js";
import { SessionKeys, type Secrets } from "../../../../sim/decode/session-keys.js";

const AUTH_KEY = "HfrVOCTfakP9KXKkuC/fYg==";
const OTHER_KEY = "AAAAAAAAAAAAAAAAAAAAAA==";
const PS = "0123456789abcdefXYZ";
const key = Buffer.from(AUTH_KEY, "base64");

const frame = (cmd: number, ...nodes: Node[]): string => encodeFrame(7, cmd, encodeTtlv(nodes));
const sealed = (random: string, cmd: number, ...nodes: Node[]): string =>
  encodeFrame(7, cmd, new LanChannel(key, random).seal(cmd, encodeTtlv(nodes)));
const read = (text: string, secrets: Secrets, showSecrets = false): DecodedFrame[] =>
  decode(Buffer.from(text, "latin1"), { keys: new SessionKeys(secrets), showSecrets }) as DecodedFrame[];

describe("the keys of the decoder", () => {
  const [first, second] = ["random-number-01", "random-number-02"];
  const login = (random: string): string => frame(0x7033, [1, random]) + frame(0x7035, [3, 0]);

  it("open a session by the random that the capture holds, each of several", () => {
    const text = login(first) + sealed(first, 0x0013, [1, true]) + login(second) + sealed(second, 0x0013, [1, false]);
    const writes = read(text, { authKey: AUTH_KEY }).filter(({ cmd }) => cmd === "0013");
    expect(writes.map(({ sealed, nodes }) => [sealed, nodes[0].value])).to.deep.equal([["opened", true], ["opened", false]]); // prettier-ignore
  });

  it("open one frame by a random that is given", () => {
    const [one] = read(sealed(first, 0x7036, [1, 0]), { authKey: AUTH_KEY, random: first });
    expect([one.sealed, one.nodes[0].meaning, one.problems]).to.deep.equal(["opened", "done", []]);
  });

  it("leave closed what another key has sealed, and say so", () => {
    for (const secrets of [{}, { authKey: OTHER_KEY }]) {
      const last = read(login(first) + sealed(first, 0x0013, [1, true]), secrets).at(-1)!;
      expect([last.sealed, last.nodes]).to.deep.equal(["closed", []]);
      expect(last.problems).to.deep.equal(["the data is sealed, and no key that was given opens it"]);
    }
  });

  it("tell clear data on a sealed session, and take empty data and the login for what they are", () => {
    const text = login(first) + frame(0x0013, [1, true]) + frame(0x7037) + frame(0x7032);
    const [, , clear, ping, random] = read(text, { authKey: AUTH_KEY });
    expect(clear.problems).to.deep.equal(["the data is in clear on a sealed session"]);
    expect([...ping.problems, ...random.problems]).to.deep.equal([]);
  });

  it("take a login that was refused for none", () => {
    const text = frame(0x7033, [1, first]) + frame(0x7035, [3, 1]) + frame(0x0013, [1, true]);
    expect(read(text, { authKey: AUTH_KEY }).at(-1)!.problems).to.deep.equal([]);
  });

  const hash = createHash("sha256").update(PS).digest().subarray(0, 16);
  const under = (iv: Buffer, text: string): string => {
    const cipher = createCipheriv("aes-128-cbc", Buffer.from(PS).subarray(0, 16), iv);
    return Buffer.concat([cipher.update(text), cipher.final()]).toString("base64");
  };
  const forms: [name: string, text: string, says: string][] = [
    [
      "the inferred form",
      under(hash, `p1,ABCD12345678,${AUTH_KEY}`),
      "opened by PS, iv from SHA-256 of PS: p1,ABCD12345678,** (authKey)",
    ],
    ["an iv of zeros, the key alone", under(Buffer.alloc(16), AUTH_KEY), "opened by PS, iv of zeros: ** (authKey)"],
    ["a DeviceSecret", under(hash, "d".repeat(32)), "opened by PS, iv from SHA-256 of PS: ** (32 characters)"],
    ["something else", Buffer.alloc(48, 7).toString("base64"), "not sealed under this PS in a form that is tried"],
  ];
  for (const [name, text, says] of forms) {
    it(`read id 12 of 00B4: ${name}`, () => {
      for (const cmd of [0x00b4, 0x00b7]) {
        const [{ nodes }] = read(frame(cmd, [12, text]), { ps: PS });
        expect([nodes[0].meaning, nodes[0].value, nodes[0].secret]).to.deep.equal([says, undefined, true]);
      }
      const [shown] = read(frame(0x00b4, [12, text]), { ps: PS }, true);
      expect(shown.nodes[0].value).to.equal(text);
      if (says.includes("authKey")) expect(shown.nodes[0].meaning).to.contain(AUTH_KEY);
      expect(read(frame(0x00b4, [12, text]), {})[0].nodes[0].meaning).to.equal(undefined);
    });
  }
});
