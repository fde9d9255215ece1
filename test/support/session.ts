/** A session of the device on a fake clock, with a broker and a cloud that the test plays. */

import type { Report } from "../../src/cloud/reporter.js";
import { createSession, type Session } from "../../src/cloud/session.js";
import type { Profile } from "../../src/cloud/auth.js";
import * as protocol from "../../src/codec/commands.js";
import { u16 } from "../../src/codec/bytes.js";
import { decodeFrame, encodeFrame, type Frame } from "../../src/codec/frame.js";
import type { Identity } from "../../src/codec/identity.js";
import { encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { settingsOf, type Options } from "../../src/options.js";
import type { Hal } from "../../src/hal/hal.js";
import { createRandom } from "../../src/random/drbg.js";
import { FakeBroker, type BrokerLink } from "./broker.js";
import { aes, FakeClock, hasher, latin1, sha256 } from "./hal.js";

export const SERVER = { host: "cloud", port: 1883, secure: false };
export const DS = "D".repeat(32);
export const REPORT: Report = { secret: "FEDCBA9876543210", code: "0123456789ABCDEF" };
/** The nodes of its 00B5. */
export const REPORTED: Node[] = [
  [protocol.BINDING_SECRET, REPORT.secret],
  [protocol.BINDING_CODE, REPORT.code],
];

export class SessionWorld {
  readonly clock = new FakeClock();
  readonly broker = new FakeBroker();
  readonly identity: Identity = {
    pk: "p1demo",
    ps: "QUJDREVGR0hJSktM",
    dk: "DEVICE01",
    ds: "",
    seed: "",
    pop: "",
    updateKey: "",
  };
  readonly session: Session;
  /** Everything that the session has told, in order. */
  told: unknown[] = [];
  ds = DS;
  report: Report | undefined;
  /** What all jitter is made of. 500 makes a delay of the table exactly its base. */
  jitter = 500;

  constructor(options: Partial<Options> = {}) {
    const hal = {
      ...this.clock,
      sha256,
      aes,
      base64: (bytes: string) => latin1(bytes).toString("base64"),
      fromBase64: (text: string) => Buffer.from(text, "base64").toString("latin1"),
      connect: this.broker.connect,
      wifi: () => ({ getDetails: () => ({ rssi: "-47" }) }),
      version: "2v29",
    } as unknown as Hal;
    const settings = settingsOf({ server: "mqtt://cloud", ...options }, "ESP32", true);
    const drbg = createRandom(hasher, "x".repeat(32));
    // The jitter is the one number of two bytes.
    const random = (count: number): string => (count === 2 ? u16(this.jitter) : drbg(count));
    this.session = createSession(hal, random, settings, {
      deviceSecret: () => this.ds,
      profileAt: (home) => ({ home, pk: this.identity.pk, ps: this.identity.ps, dk: this.identity.dk }),
      storeDeviceSecret: (secret, profile) => this.store(secret, profile),
      authKey: (key) => this.told.push(["authKey", key]),
      online: () => this.told.push("online"),
      nextReport: () => this.report,
      reported: (sent, acknowledged) => {
        this.told.push(["reported", sent.code, acknowledged]);
        if (acknowledged) this.report = undefined;
      },
      result: (nodes) => this.told.push(["result", nodes]),
      failed: (reason, code, delay) => this.told.push(["failed", reason, code, delay]),
    });
  }

  start(server = SERVER): BrokerLink {
    this.session.start(server);
    return this.broker.last;
  }

  framesOf(link: BrokerLink): Frame[] {
    return link.publishes.map(({ payload }) => decodeFrame((payload as Buffer).toString("latin1"))!);
  }

  commandsOf(link: BrokerLink): number[] {
    return this.framesOf(link).map(({ cmd }) => cmd);
  }

  /** A frame from the cloud. */
  down(link: BrokerLink, cmd: number, nodes: Node[] | string, id = 9): void {
    link.publish(encodeFrame(id, cmd, typeof nodes === "string" ? nodes : encodeTtlv(nodes)), { id });
  }

  exception(link: BrokerLink, code: number): void {
    this.down(link, protocol.CMD_EXCEPTION, [[protocol.EXCEPTION_CODE, code]]);
  }

  failures(): unknown[] {
    return this.told.filter((event) => Array.isArray(event) && event[0] === "failed");
  }

  /** A connection with a DS whose publishes are all acknowledged; nothing told yet. */
  online(): BrokerLink {
    const link = this.start();
    link.accept();
    this.acknowledgeAll(link);
    link.packets.length = 0;
    this.told = [];
    return link;
  }

  acknowledgeAll(link: BrokerLink): void {
    link.acknowledgeAll();
  }

  private store(secret: string, profile?: Profile): void {
    this.ds = secret;
    if (!profile) return void this.told.push(["store", secret]);
    const { home: server, pk, ps } = profile;
    this.told.push(["adopt", `${server.host}:${server.port}`, pk, ps, secret]);
    this.identity.pk = pk;
    this.identity.ps = ps;
  }
}
