/** 00B4: what the cloud changes on a device that is connected, against the known answers of the vendor's SDK. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import * as protocol from "../../../../src/codec/commands.js";
import { decodeFrame, encodeFrame } from "../../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import { encryptCbc, ivOf } from "../../../../src/crypto/cbc.js";
import type { BrokerLink } from "../../../support/broker.js";
import { aes, fromHex, sha256, toHex } from "../../../support/hal.js";
import { DS, REPORT, REPORTED, SERVER, SessionWorld } from "../../../support/session.js";

const vectors = JSON.parse(readFileSync("test/vectors/config.json", "utf8"));
const { payload: payloads } = JSON.parse(readFileSync("test/vectors/passwords.json", "utf8"));

const KEY = fromHex("000102030405060708090a0b0c0d0e0f");
const encrypted = (plain: string): string => encryptCbc(aes, KEY, ivOf(sha256, KEY), plain);
const decrypted = (payload: unknown): string => {
  const plain = aes(false, (payload as Buffer).toString("latin1"), KEY, ivOf(sha256, KEY));
  return plain.slice(0, -plain.charCodeAt(plain.length - 1));
};
const newServer = (host: string): Node[] => [
  [
    protocol.CONFIG_SERVER,
    [
      [protocol.SERVER_DOMAIN, host],
      [protocol.SERVER_IP, "10.0.0.1"],
      [protocol.SERVER_PORT, 1884],
    ],
  ],
];
const serverOf = ({ server: { host, port, secure } }: BrokerLink): string =>
  `mqtt${secure ? "s" : ""}://${host}:${port}`;
const connectOf = (link: BrokerLink) => {
  const { clientId, password } = link.packets[0] as { clientId?: string; password?: Buffer };
  return { clientId, password: String(password) };
};

describe("00B4", () => {
  let w: SessionWorld;

  beforeEach(() => {
    w = new SessionWorld();
  });

  const configure = (link: BrokerLink, nodes: Node[] | string): void => w.down(link, protocol.CMD_CONFIG, nodes);

  for (const { name, payload, disconnects, ds, newServer: server, newPk, newPs } of vectors.cases) {
    it(`known answer: ${name}`, () => {
      const { before } = vectors;
      w.ds = before.ds;
      Object.assign(w.identity, { pk: before.pk, ps: before.ps });
      const [host, port] = before.server.split(":");
      const link = w.start({ ...SERVER, host, port: Number(port) });
      link.accept();
      configure(link, fromHex(payload));
      w.clock.advance(0);
      expect(link.ended).to.equal(disconnects);
      expect(w.ds).to.equal(ds);
      if (!disconnects) return;
      const next = w.broker.last;
      next.accept();
      expect(next).not.to.equal(link);
      expect(serverOf(next)).to.equal(`mqtt://${server || before.server}`);
      expect(connectOf(next).clientId).to.equal(`qd${newPk || before.pk}DEVICE01`);
      expect(connectOf(next).password).to.match(new RegExp(`^0;0000;${newPk || before.pk};`));
      if (newPs && newPs !== before.ps) expect(w.identity.ps, "still on trial").to.equal(before.ps);
    });
  }

  describe("a session key", () => {
    beforeEach(() => {
      w = new SessionWorld({ encrypt: true });
    });

    for (const { name, plainHex, cipherHex } of payloads) {
      it(`known answer: ${name}`, () => expect(toHex(encrypted(fromHex(plainHex)))).to.equal(cipherHex));
    }

    it("is asked for by the flag, with and without a DeviceSecret", () => {
      const link = w.start();
      link.accept();
      expect(connectOf(link).password).to.match(/^1;0001;/);
      w.ds = "";
      w.start().accept();
      expect(connectOf(w.broker.last).password).to.match(/^0;0001;p1demo;/);
    });

    it("encrypts every frame that follows it, in both directions, until the connection ends", () => {
      const link = w.online();
      configure(link, [[protocol.CONFIG_SESSION_KEY, KEY + "more"]]);
      w.report = REPORT;
      w.session.report();
      link.publish(encrypted(encodeFrame(0x55aa, protocol.CMD_INFO_READ, "\x00\x0b")), { id: 11 });
      const [report, answer] = link.publishes.map(({ payload }) => decodeFrame(decrypted(payload))!);
      expect([report.cmd, decodeTtlv(report.data)]).to.deep.equal([protocol.CMD_BINDING, REPORTED]);
      expect([answer.id, answer.cmd]).to.deep.equal([0x55aa, protocol.CMD_INFO_ANSWER]);
      link.events.closed();
      w.clock.advance(1000);
      w.broker.last.accept();
      expect(w.commandsOf(w.broker.last)[0]).to.equal(protocol.CMD_BINDING);
    });

    it("makes it deaf to plain frames, to lengths that are no multiple of 16 and to rubbish", () => {
      const link = w.online();
      configure(link, [[protocol.CONFIG_SESSION_KEY, KEY]]);
      const frame = encodeFrame(1, protocol.CMD_INFO_READ, "");
      for (const payload of [frame, encrypted(frame).slice(1), "", "x".repeat(32)]) link.publish(payload, { qos: 0 });
      expect(link.publishes).to.deep.equal([]);
    });

    it("that is too short is none", () => {
      const link = w.online();
      configure(link, [[protocol.CONFIG_SESSION_KEY, "short"]]);
      w.down(link, protocol.CMD_INFO_READ, "");
      expect(w.commandsOf(link)).to.deep.equal([protocol.CMD_INFO_ANSWER]);
    });
  });

  describe("a new server or product", () => {
    const onTrial = (nodes: Node[]): BrokerLink => {
      configure(w.online(), nodes);
      w.clock.advance(0);
      w.broker.last.accept();
      return w.broker.last;
    };
    const issue = (link: BrokerLink): void => {
      configure(link, [[protocol.CONFIG_DS, "N".repeat(32)]]);
      w.clock.advance(0);
    };

    it("is adopted when it has issued a DeviceSecret, and is the place to come back to", () => {
      const link = onTrial(newServer("new"));
      expect(w.told.filter((event) => Array.isArray(event) && event[0] === "store")).to.deep.equal([]);
      issue(link);
      expect(w.told).to.deep.include(["adopt", "new:1884", "p1demo", "QUJDREVGR0hJSktM", "N".repeat(32)]);
      expect(w.told).to.include("online");
      link.events.closed();
      w.clock.advance(1000);
      expect(serverOf(w.broker.last)).to.equal("mqtt://new:1884");
      w.broker.last.accept();
      expect(connectOf(w.broker.last).password).to.match(/^1;/);
    });

    it("may be both at once", () => {
      const link = onTrial([
        ...newServer("new"),
        [protocol.CONFIG_PK, "p2other"],
        [protocol.CONFIG_PS, "Z".repeat(16)],
      ]);
      expect(connectOf(link).clientId).to.equal("qdp2otherDEVICE01");
      issue(link);
      expect(w.told).to.deep.include(["adopt", "new:1884", "p2other", "Z".repeat(16), "N".repeat(32)]);
    });

    for (const [name, nodes] of [
      [
        "the one that it has",
        [
          ...newServer("cloud").map(([id]): Node => [
            id,
            [
              [2, "cloud"],
              [3, "1"],
              [4, 1883],
            ],
          ]),
        ],
      ],
      [
        "a server without its IP",
        [
          [
            protocol.CONFIG_SERVER,
            [
              [2, "new"],
              [4, 1884],
            ],
          ],
        ],
      ],
      [
        "a port that is none",
        [
          [
            protocol.CONFIG_SERVER,
            [
              [2, "new"],
              [3, "1"],
              [4, 65536],
            ],
          ],
        ],
      ],
      [
        "a server without its domain",
        [
          [
            protocol.CONFIG_SERVER,
            [
              [3, "1"],
              [4, 1884],
            ],
          ],
        ],
      ],
      ["a server that is no structure", [[protocol.CONFIG_SERVER, "new:1884"]]],
      ["a ProductKey without its secret", [[protocol.CONFIG_PK, "p2other"]]],
      [
        "a ProductKey that is none",
        [
          [protocol.CONFIG_PK, "a;b"],
          [protocol.CONFIG_PS, "Z".repeat(16)],
        ],
      ],
      [
        "a ProductSecret that is too short",
        [
          [protocol.CONFIG_PK, "p2other"],
          [protocol.CONFIG_PS, "Z".repeat(15)],
        ],
      ],
    ] as [string, Node[]][]) {
      it(`is not tried: ${name}`, () => {
        const link = w.online();
        configure(link, nodes);
        w.clock.advance(0);
        expect([link.ended, w.broker.links.length]).to.deep.equal([false, 1]);
      });
    }

    for (const { code, delaysMs } of vectors.newProfileDelays) {
      it(`known answer: ${code} four times, then back to the old one at once`, () => {
        // Without a DeviceSecret, 10431 has the retry times of an authentication; 10474 has the same in both.
        const delays = code === 10431 ? [1000, 2000, 3000, 0] : delaysMs.slice(0, 4);
        onTrial(newServer("new"));
        for (const delay of delays) {
          const link = w.broker.last;
          expect(serverOf(link)).to.equal("mqtt://new:1884");
          if (code === 10431) {
            link.accept();
            w.exception(link, code);
          } else link.events.closed();
          w.clock.advance(delay);
          if (delay) expect(w.broker.last).not.to.equal(link);
        }
        w.clock.advance(1);
        expect(serverOf(w.broker.last)).to.equal("mqtt://cloud:1883");
        w.broker.last.accept();
        expect(connectOf(w.broker.last).password, "with its old DeviceSecret").to.match(/^1;/);
        expect(w.ds).to.equal(DS);
        w.broker.last.events.closed();
        w.clock.advance(1000);
        expect(serverOf(w.broker.last)).to.equal("mqtt://cloud:1883");
      });
    }

    it("is forgotten when the device is started anew", () => {
      onTrial(newServer("new"));
      w.start();
      expect(serverOf(w.broker.last)).to.equal("mqtt://cloud:1883");
    });
  });

  it("id 10: a new DeviceSecret is stored, and connected with", () => {
    const link = w.online();
    configure(link, [[protocol.CONFIG_NEW_DS, "N".repeat(40)]]);
    expect(w.told).to.deep.equal([["store", "N".repeat(32)]]);
    w.clock.advance(0);
    w.broker.last.accept();
    expect([link.ended, connectOf(w.broker.last).password.slice(0, 2)]).to.deep.equal([true, "1;"]);
  });

  it("id 9 wins over id 10", () => {
    configure(w.online(), [
      [protocol.CONFIG_NEW_DS, "N".repeat(32)],
      [protocol.CONFIG_REAUTHENTICATE, true],
    ]);
    expect(w.told).to.deep.equal([["store", ""]]);
  });

  it("cut at any byte changes nothing, and is complained about", () => {
    const nodes = encodeTtlv([...newServer("new"), [protocol.CONFIG_DS, DS], [protocol.CONFIG_SESSION_KEY, KEY]]);
    for (let length = 1; length < nodes.length; length++) {
      w = new SessionWorld();
      const link = w.online();
      const whole = decodeTtlv(nodes.slice(0, length));
      configure(link, nodes.slice(0, length));
      w.clock.advance(0);
      // A cut between two nodes leaves a message that is well-formed.
      if (whole) continue;
      expect(w.commandsOf(link)).to.deep.equal([protocol.CMD_EXCEPTION_UP]);
      expect([w.told, link.ended]).to.deep.equal([[], false]);
    }
  });
});
