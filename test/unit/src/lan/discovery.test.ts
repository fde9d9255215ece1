/** Discovery: who is answered, with what, and how often. */

import { expect } from "chai";

import { CMD_DISCOVER, CMD_PROVISION } from "../../../../src/codec/commands.js";
import { decodeFrame, encodeFrame } from "../../../../src/codec/frame.js";
import { decodeTtlv } from "../../../../src/codec/ttlv.js";
import type { Address, Hal } from "../../../../src/hal/hal.js";
import { discoveryAnswer, serveDiscovery } from "../../../../src/lan/discovery.js";
import { DISCOVERED } from "../../../../tools/factory/names.js";
import { FakeClock, fromHex, toHex } from "../../../support/hal.js";
import { IDENTITY } from "../../../support/lan.js";
import { wireRows } from "../../../support/wire.js";

const REQUEST = encodeFrame(1000, CMD_DISCOVER, "");
const address = (): string => "192.0.2.17";

describe("a discovery", () => {
  it("is answered with PK, DK, address, port and version, and the request's id", () => {
    const frame = decodeFrame(discoveryAnswer(IDENTITY, REQUEST, address))!;
    expect([frame.id, frame.cmd]).to.deep.equal([1000, 0x7031]);
    expect(decodeTtlv(frame.data)).to.deep.equal([
      [3, "p1demo"],
      [4, "DEVICE01"],
      [5, "192.0.2.17"],
      [6, 6607],
      [7, 1],
    ]);
  });

  for (const row of wireRows("discovery").filter(({ what }) => /^(complete answer|DK in )/.test(what))) {
    it(`is answered byte for byte as clients take it: ${row.what}`, () => {
      const [[, pk], [, dk]] = decodeTtlv(fromHex(row.data!))! as [number, string][];
      const answer = discoveryAnswer({ ...IDENTITY, pk, dk }, encodeFrame(row.packageId, 0x7030, ""), address);
      expect(toHex(answer)).to.equal(row.frame);
    });
  }

  it("is answered whatever its content, and not when it is another command or malformed", () => {
    for (const data of ["x", "\x00\x13\xff\xff", "\x00\x09"]) {
      expect(discoveryAnswer(IDENTITY, encodeFrame(1, CMD_DISCOVER, data), address)).not.to.equal("");
    }
    for (const wrong of [
      "",
      "\xaa",
      REQUEST.slice(0, -1),
      encodeFrame(1, CMD_PROVISION, ""),
      encodeFrame(0, CMD_DISCOVER, ""),
    ]) {
      expect(discoveryAnswer(IDENTITY, wrong, address)).to.equal("");
    }
  });

  it("is no amplifier: at most twice the request plus 64 bytes, which keys of 16 characters fit in", () => {
    const device = (length: number) => ({ ...IDENTITY, pk: "p".repeat(length), dk: "D".repeat(length) });
    const farAway = (): string => "255.255.255.255";
    expect(discoveryAnswer(device(16), REQUEST, farAway).length).to.be.within(70, 2 * REQUEST.length + 64);
    expect(discoveryAnswer(device(32), REQUEST, farAway)).to.equal("");
  });

  it("is answered with keys of as many characters as `identity` takes without a warning, and of one more not", () => {
    for (const [more, answered] of [
      [0, true],
      [1, false],
    ] as const) {
      const keys = { ...IDENTITY, pk: "p", dk: "D".repeat(DISCOVERED - 1 + more) };
      expect(discoveryAnswer(keys, REQUEST, () => "255.255.255.255") !== "").to.equal(answered);
    }
  });

  describe("over UDP", () => {
    let clock: FakeClock;
    let ask: (from: string, port?: number) => void;
    let answers: Address[];
    let ip: string;

    beforeEach(() => {
      clock = new FakeClock();
      answers = [];
      ip = "192.0.2.17";
      const wifi = { getIP: () => ({ ip }), getAPIP: () => ({ ip: "192.168.4.1" }) };
      const udp = (port: number, received: (bytes: string, from: Address) => void) => {
        expect(port).to.equal(6606);
        ask = (from, asker = 5000) => received(REQUEST, { address: from, port: asker });
        const send = (bytes: string, to: Address) => {
          expect(decodeTtlv(decodeFrame(bytes)!.data)![2]).to.deep.equal([5, ip === "0.0.0.0" ? "192.168.4.1" : ip]);
          answers.push(to);
        };
        return { send };
      };
      serveDiscovery({ ...clock, wifi: () => wifi, udp } as unknown as Hal, IDENTITY);
    });

    it("is answered to the sender's address and port", () => {
      ask("192.0.2.9", 40123);
      ask("192.0.2.9", 6606);
      expect(answers).to.deep.equal([
        { address: "192.0.2.9", port: 40123 },
        { address: "192.0.2.9", port: 6606 },
      ]);
    });

    it("tells the access point's address while there is no other", () => {
      ip = "0.0.0.0";
      ask("192.168.4.2");
      expect(answers).to.have.length(1);
    });

    it("is answered ten times a second to an address, and to sixteen addresses", () => {
      for (let n = 0; n < 30; n++) ask("192.0.2.1");
      expect(answers).to.have.length(10);
      for (let n = 2; n < 40; n++) ask(`192.0.2.${n}`);
      expect(answers).to.have.length(25);
      clock.advance(1000);
      for (let n = 0; n < 30; n++) ask("192.0.2.39");
      expect(answers).to.have.length(35);
    });
  });
});
