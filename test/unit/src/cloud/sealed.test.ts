/** 00B4 id 12: what counts as an authKey or a DS, what does not, and the echo (00B7). */

import { expect } from "chai";
import fc from "fast-check";

import * as protocol from "../../../../src/codec/commands.js";
import { decodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import { encryptCbc, ivOf } from "../../../../src/crypto/cbc.js";
import type { BrokerLink } from "../../../support/broker.js";
import { aes, latin1, sha256 } from "../../../support/hal.js";
import { DS, SessionWorld } from "../../../support/session.js";

const PS = "QUJDREVGR0hJSktM";
const KEY = "\x00\x01\x02\x03\x04\x05\x06\x07\xf8\xf9\xfa\xfb\xfc\xfd\xfe\xff";
const base64 = (bytes: string): string => latin1(bytes).toString("base64");
const IV = ivOf(sha256, PS);
const ZEROS = "\0".repeat(16);
const sealed = (plain: string, iv = IV, ps = PS): string => base64(encryptCbc(aes, ps.slice(0, 16), iv, plain));

describe("00B4 id 12", () => {
  let w: SessionWorld;
  let link: BrokerLink;

  beforeEach(() => {
    w = new SessionWorld();
    link = w.online();
  });

  const send = (text: string, more: Node[] = []): void =>
    w.down(link, protocol.CMD_CONFIG, [...more, [protocol.CONFIG_SEALED, text]], 0x1234);

  const echoes = (): unknown[] =>
    w
      .framesOf(link)
      .filter(({ cmd }) => cmd === protocol.CMD_CONFIG_ECHO)
      .map(({ id, data }) => [id, decodeTtlv(data)]);

  const keys: Record<string, string> = {
    "PK,DK,authKey under the ProductSecret": sealed(`p1demo,DEVICE01,${base64(KEY)}`),
    "the same with an iv of zeros": sealed(`p1demo,DEVICE01,${base64(KEY)}`, ZEROS),
    "the authKey alone under the ProductSecret": sealed(base64(KEY)),
    "the authKey alone with an iv of zeros": sealed(base64(KEY), ZEROS),
    "PK,DK,authKey in clear": `p1demo,DEVICE01,${base64(KEY)}`,
    "the authKey alone in clear": base64(KEY),
  };
  for (const [name, text] of Object.entries(keys)) {
    it(`is an authKey: ${name}`, () => {
      send(text);
      expect(w.told).to.deep.equal([["authKey", KEY]]);
      expect(echoes()).to.deep.equal([[0x1234, [[protocol.CONFIG_SEALED, text]]]]);
      expect(link.ended).to.equal(false);
    });
  }

  it("is what was captured by its length: BASE64 of 48 bytes", () => {
    expect(keys["PK,DK,authKey under the ProductSecret"]).to.have.length(64);
  });

  for (const [name, text] of Object.entries({
    "under the ProductSecret": sealed("N".repeat(32)),
    "with an iv of zeros": sealed("N".repeat(32), ZEROS),
    "behind PK and DK": sealed(`p1demo,DEVICE01,${"N".repeat(32)}`),
    "in clear": "N".repeat(32),
  })) {
    it(`is a DS of 32 characters: ${name}`, () => {
      send(text);
      expect(w.told).to.deep.equal([["store", "N".repeat(32)]]);
      expect(echoes()).to.deep.equal([[0x1234, [[protocol.CONFIG_SEALED, text]]]]);
    });
  }

  it("is the DS that a device without one waits for", () => {
    w = new SessionWorld();
    w.ds = "";
    link = w.start();
    link.accept();
    send(sealed(DS));
    w.clock.advance(0);
    expect(w.told).to.include("online");
  });

  for (const [name, text] of Object.entries({
    "another device's": sealed(`p1demo,DEVICE02,${base64(KEY)}`),
    "another product's": sealed(`p2,DEVICE01,${base64(KEY)}`),
    "another ProductSecret's": sealed(`p1demo,DEVICE01,${base64(KEY)}`, ivOf(sha256, "Z".repeat(16)), "Z".repeat(16)),
    "a key of 15 bytes": sealed(`p1demo,DEVICE01,${base64(KEY.slice(1))}`),
    "a key of 17 bytes": sealed(`p1demo,DEVICE01,${base64(KEY + "x")}`),
    "BASE64 with bits over": sealed(`p1demo,DEVICE01,${base64(KEY).slice(0, -3)}P==`),
    "BASE64 without padding": sealed(`p1demo,DEVICE01,${base64(KEY).slice(0, -2)}`),
    "a DS of 31": sealed("N".repeat(31)),
    "a DS with a space": sealed("N".repeat(31) + " "),
    "a DS that is no ASCII": sealed("N".repeat(31) + "\xff"),
    "no whole block": base64("x".repeat(47)),
    "no BASE64": "?".repeat(64),
    "spaces, and what would be a padding": "   =",
    "one padding": "=",
    nothing: "",
    "more than is looked at": base64("x".repeat(960)),
  })) {
    it(`cannot be read: ${name}; it is echoed all the same, and nothing changes`, () => {
      send(text);
      expect(w.told).to.deep.equal([["authKey", ""]]);
      expect(echoes()).to.deep.equal([[0x1234, [[protocol.CONFIG_SEALED, text]]]]);
      expect(w.ds).to.equal(DS);
    });
  }

  it("never is more than it proves, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        w.told = [];
        link.packets.length = 0;
        const text = Buffer.from(bytes).toString("latin1");
        send(text);
        if (text.length === 32 && /^[!-~]*$/.test(text)) return;
        expect(w.told).to.deep.equal([["authKey", ""]]);
        expect(echoes()).to.have.length(1);
      }),
      { numRuns: 500 },
    );
  });

  it("of another type is none, and is not echoed", () => {
    w.down(link, protocol.CMD_CONFIG, [[protocol.CONFIG_SEALED, 7]]);
    expect([w.told, echoes()]).to.deep.equal([[], []]);
  });

  it("is stored before it is echoed", () => {
    const order: string[] = [];
    link.send = () => order.push("sent") > 0;
    const push = w.told.push.bind(w.told);
    w.told.push = (...items) => (order.push(...items.map((item) => String((item as string[])[0]))), push(...items));
    send(keys["PK,DK,authKey under the ProductSecret"]);
    // The PUBACK of 00B4, the key, the echo.
    expect(order).to.deep.equal(["sent", "authKey", "sent"]);
  });

  describe("of a server or product on trial", () => {
    beforeEach(() => {
      w.down(link, protocol.CMD_CONFIG, [
        [protocol.CONFIG_PK, "p2other"],
        [protocol.CONFIG_PS, "Z".repeat(16)],
      ]);
      w.clock.advance(0);
      link = w.broker.last;
      link.accept();
      w.told = [];
    });
    const ofTrial = (plain: string): string => sealed(plain, ivOf(sha256, "Z".repeat(16)), "Z".repeat(16));

    it("is no authKey before a DS has proved it", () => {
      send(ofTrial(`p2other,DEVICE01,${base64(KEY)}`));
      expect(w.told).to.deep.equal([["authKey", ""]]);
    });

    it("is one beside the DS, in the same frame", () => {
      send(ofTrial(`p2other,DEVICE01,${base64(KEY)}`), [[protocol.CONFIG_DS, DS]]);
      expect(w.told).to.deep.equal([
        ["adopt", "cloud:1883", "p2other", "Z".repeat(16), DS],
        ["authKey", KEY],
      ]);
    });

    it("may be the DS itself", () => {
      send(ofTrial("N".repeat(32)));
      expect(w.told).to.deep.equal([["adopt", "cloud:1883", "p2other", "Z".repeat(16), "N".repeat(32)]]);
    });
  });
});
