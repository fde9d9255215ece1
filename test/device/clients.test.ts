/**
 * An app that shares no code with this project (test/clients, in Python) on the flashed firmware, in every engine; and its
 * codec on the vectors of other clients. Needs python3 with the package cryptography.
 */

import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

import { expect } from "chai";

import { decodeFrame, encodeFrame } from "../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { canRunClient, client, PYTHON } from "../support/client.js";
import { fromHex, toHex } from "../support/hal.js";
import { ENGINES, eventually, hasEngine } from "../unit/sim/emulator/harness.js";
import { DK, NETWORK, World } from "./scenarios/world.js";

type Made = boolean | number | { text: string } | { bytes: string } | [number, Made][];

/** What the client has made of one package id, command and data, and of some nodes. */
interface MadeRow {
  id: number;
  cmd: number;
  data: string;
  frame: string;
  nodes: [number, Made][];
  ttlv: string;
}

function madeNode([id, value]: [number, Made]): Node {
  if (typeof value !== "object") return [id, value];
  if (Array.isArray(value)) return [id, value.map(madeNode)];
  return "text" in value ? [id, fromHex(value.text)] : [id, fromHex(value.bytes), true];
}

const ROWS = 300;
/** Vectors that there are at least. */
const LEAST = 58;

describe("an independent client (python3 with cryptography)", function () {
  this.timeout(60_000);

  before(function () {
    if (!canRunClient) this.skip();
  });

  it("agrees with the vectors of other clients", () => {
    const input = readFileSync("test/vectors/wire.json");
    const { status, stdout, stderr } = spawnSync(PYTHON, ["test/clients/vectors.py"], { input, encoding: "utf8" });
    const [, passed, failed] = /^(\d+) passed, (\d+) failed\n$/.exec(stdout) ?? [];
    expect([status, failed], stderr).to.deep.equal([0, "0"]);
    expect(Number(passed)).to.be.at.least(LEAST);
  });

  it("makes and reads the same bytes as the device's codec, of values at every edge", () => {
    const seed = randomInt(1e9);
    const { stdout, stderr } = spawnSync(PYTHON, ["test/clients/rows.py", String(seed), String(ROWS)], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    const rows = stdout.split("\n").filter(Boolean);
    expect(rows, stderr).to.have.length(ROWS);
    for (const row of rows.map((line) => JSON.parse(line) as MadeRow)) {
      const [raw, data] = [fromHex(row.frame), fromHex(row.data)];
      expect(decodeFrame(raw), `seed ${seed}`).to.deep.equal({ id: row.id, cmd: row.cmd, data });
      // Clients send no 55 behind an AA that ends a frame.
      const own = toHex(encodeFrame(row.id, row.cmd, data));
      expect(own, `seed ${seed}`).to.equal(row.frame + (row.frame.endsWith("aa") ? "55" : ""));
      const nodes = row.nodes.map(madeNode);
      expect(decodeTtlv(fromHex(row.ttlv)), `seed ${seed}`).to.deep.equal(nodes);
      expect(toHex(encodeTtlv(nodes)), `seed ${seed}`).to.equal(row.ttlv);
    }
  });

  for (const name of ENGINES) {
    it(`finds, provisions, and uses a device once the cloud has bound it (${name})`, async function () {
      if (!hasEngine(name)) return this.skip();
      const world = await World.start(name);
      const { host } = world.device;
      const { pk } = world.products.products[0];
      try {
        await world.reaches("provisioning");
        const [device] = (await client(["discover", "--host", host])).told;
        expect(device).to.deep.equal({ event: "device", pk, dk: DK, ip: device.ip, port: 6607, version: 1, id: 1000, from: host }); // prettier-ignore
        expect(device.ip).to.match(/^\d+\.\d+\.\d+\.\d+$/);

        const provision = ["provision", "--host", host, "--ssid", NETWORK.ssid, "--password", NETWORK.password];
        const { status, told, error } = await client([...provision, "--scan", "--wait", "20"]);
        expect(status, error).to.equal(0);
        const [scan, answer, push] = told;
        expect(scan).to.deep.equal({ event: "scan", names: [NETWORK.ssid] });
        const values = answer.values as Record<string, unknown>;
        expect(values).to.deep.equal({ 4: true, 5: 120, 7: pk, 8: DK, 9: values[9] });
        expect(push).to.deep.equal({ event: "in-cloud", id: 0, values: { 6: true } });
        expect((await client(["discover", "--host", host])).told[0]).to.include({ ip: host });

        const authKey = await bind(world, String(values[9]));
        await world.reaches("bound");
        const login = ["login", "--host", host, "--auth-key", authKey];
        const used = await client([...login, "--read", "", "--write", '{"1": true}']);
        expect(used.status, used.error).to.equal(0);
        // Nothing takes a write yet, and there is nothing to read.
        expect(used.told).to.deep.equal([
          { event: "login", result: 0 },
          { event: "pong" },
          { event: "write", result: 1 },
          { event: "read", command: "0012", id: used.told[3].id, values: {} },
          { event: "end", pings: 0 },
        ]);

        const stranger = Buffer.alloc(16, 9).toString("base64");
        const refused = await client(["login", "--host", host, "--auth-key", stranger]);
        expect([refused.status, refused.told]).to.deep.equal([1, [{ event: "login", result: 1 }]]);
        // A device that is bound gives no code.
        const again = await client(provision);
        expect([again.status, again.told]).to.deep.equal([1, [{ event: "provision", values: {} }]]);
        expect(again.error).to.match(/7011 has no bindingCode/);
      } finally {
        await world.stop();
        expect(world.device.uncaught.slice(0, 5)).to.deep.equal([]);
      }
    });
  }
});

/** The cloud's side of an app: asks with the code until the cloud knows it. @returns the authKey, in BASE64 */
async function bind({ cloud, products }: World, bindingCode: string): Promise<string> {
  const body = JSON.stringify({ productKey: products.products[0].pk, deviceKey: DK, bindingCode });
  const headers = { "content-type": "application/json", authorization: products.users[0].token };
  const answer = await eventually(async () => {
    const url = `${cloud.http}/v2/binding/enduserapi/v2/deviceBindingByWifi`;
    const envelope = (await (await fetch(url, { method: "POST", headers, body })).json()) as {
      code: number;
      data: { authKey: string };
    };
    return envelope.code === 200 ? envelope : undefined;
  });
  return answer.data.authKey;
}
