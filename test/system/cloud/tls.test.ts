/** The cloud by TLS, and where its certificate comes from. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";

import { expect } from "chai";

import { connectPacket } from "../../../src/cloud/packets.js";
import { startCloud, type Cloud, type CloudEvent } from "../../../sim/cloud/index.js";
import { FailedError, UsageError } from "../../../sim/errors.js";
import { fingerprintOf, ownCertificate, readCertificate } from "../../../sim/tls.js";
import { CERTIFICATE, KEY } from "../../unit/sim/emulator/certificate.js";

const WORLD = { products: [], users: [] };
const portOf = (url: string): number => Number(new URL(url).port);

describe("the cloud by TLS", () => {
  const events: CloudEvent[] = [];
  let cloud: Cloud;
  before(async () => {
    const tls = { cert: CERTIFICATE, key: KEY };
    cloud = await startCloud({ ...WORLD, tls, onEvent: (event) => events.push(event) });
  });
  after(() => cloud.stop());

  function get(headers: Record<string, string> = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: portOf(cloud.http), path: "/openapi.json", headers };
      request({ ...options, rejectUnauthorized: false }, (answer) => {
        let text = "";
        answer.on("data", (piece) => (text += piece)).on("end", () => resolve(text));
      })
        .on("error", reject)
        .end();
    });
  }

  it("has URLs that say so", () => {
    expect(cloud.http).to.match(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(cloud.mqtt).to.match(/^mqtts:\/\/127\.0\.0\.1:\d+$/);
  });

  it("serves HTTPS by any name, which the certificate vouches for", async () => {
    for (const host of ["127.0.0.1", "cloud.example"])
      expect(JSON.parse(await get({ host })).openapi).to.equal("3.0.3");
  });

  it("serves MQTT", async () => {
    const socket = connect({ host: "127.0.0.1", port: portOf(cloud.mqtt), rejectUnauthorized: false });
    await once(socket, "secureConnect");
    socket.write(connectPacket({ clientId: "qdp1x", pass: "0;0000;p1;", alive: 120 }), "latin1");
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer[0]).to.equal(0x20);
    socket.destroy();
  });

  it("tells a client that speaks no TLS, and ends in spite of one that says nothing", async () => {
    const other = await startCloud({
      ...WORLD,
      tls: { cert: CERTIFICATE, key: KEY },
      onEvent: (one) => events.push(one),
    });
    const silent = connectTcp(portOf(other.mqtt), "127.0.0.1");
    const plain = connectTcp(portOf(other.mqtt), "127.0.0.1");
    plain.on("error", () => {}).write(connectPacket({ clientId: "qdp1x", pass: "x", alive: 120 }), "latin1");
    await once(plain, "close");
    expect(
      events
        .filter(({ event }) => event === "malformed")
        .map(({ message }) => message)
        .join(),
    ).to.match(/^no TLS with a client/);
    await other.stop();
    silent.destroy();
  });
});

describe("certificates", () => {
  let folder: string;
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  before(() => (folder = mkdtempSync(join(tmpdir(), "wifi-binding-tls-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("are read from one file or from two", () => {
    const [cert, key] = [file("cert.pem", CERTIFICATE), file("key.pem", KEY)];
    expect(fingerprintOf(readCertificate(cert, key))).to.match(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const both = file("both.pem", `${CERTIFICATE}\n${KEY}\n`);
    expect(fingerprintOf(ownCertificate("127.0.0.1", both))).to.equal(fingerprintOf(readCertificate(cert, key)));
  });

  it("are refused by the name of the file, and nothing of a key is quoted", () => {
    const [cert, key, text] = [file("cert.pem", CERTIFICATE), file("key.pem", KEY), file("text.pem", "hello")];
    expect(() => readCertificate(text, key)).to.throw(UsageError, /text\.pem has no certificate/);
    expect(() => readCertificate(cert, text)).to.throw(UsageError, /text\.pem has no private key/);
    expect(() => readCertificate(cert, cert)).to.throw(UsageError, /cert\.pem has no private key/);
    expect(() => readCertificate(join(folder, "none"), key)).to.throw(UsageError, /there is no file/);
  });

  it("are made by OpenSSL, and kept in a private file that the next start takes", function () {
    this.timeout(20_000);
    const kept = join(folder, "own.pem");
    let made;
    try {
      made = ownCertificate("127.0.0.5", kept);
    } catch (error) {
      expect(error).to.be.instanceOf(FailedError);
      return this.skip();
    }
    expect(statSync(kept).mode & 0o777).to.equal(0o600);
    expect(readFileSync(kept, "utf8") === made.cert + made.key).to.equal(true);
    expect(fingerprintOf(ownCertificate("127.0.0.5", kept))).to.equal(fingerprintOf(made));
    expect(fingerprintOf(ownCertificate("127.0.0.5"))).not.to.equal(fingerprintOf(made));
    expect(() => ownCertificate("127.0.0.5", join(folder, "none", "x.pem"))).to.throw(UsageError, /cannot be written/);
    const second = readCertificate(kept, kept);
    expect(() => readCertificate(kept, file("key.pem", KEY))).to.throw(UsageError, /does not belong/);
    expect(second.cert).to.equal(made.cert);
  });

  it("are not made without OpenSSL, which one sentence says", () => {
    const { PATH } = process.env;
    process.env.PATH = folder;
    try {
      expect(() => ownCertificate("127.0.0.1")).to.throw(
        FailedError,
        /no openssl: install it.*--tls-cert and --tls-key/,
      );
    } finally {
      process.env.PATH = PATH;
    }
  });
});
