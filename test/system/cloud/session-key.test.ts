/** The cloud's side of session keys: who gets one, and what counts as encrypted. */

import { createCipheriv } from "node:crypto";

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, find } from "../../../src/codec/ttlv.js";
import { Bench, CODE, credentials, DK, OTHER, PS, request, window } from "../../support/cloud-bench.js";
import { authentication, connection, ivOf, sealed, type TestDevice } from "../../support/cloud-device.js";

const NEW = authentication("multi", PS, DK, "0001");
const report = (code: string): Buffer =>
  Buffer.from(encodeFrame(7, protocol.CMD_BINDING, encodeTtlv(window(code))), "latin1");

/** A report in clear that could be ciphertext by its length. */
function wholeBlocks(): Buffer {
  for (let filling = ""; ; filling += "x") {
    const data = encodeTtlv([...window(CODE), [99, filling]]);
    const frame = encodeFrame(7, protocol.CMD_BINDING, data);
    if (frame.length % 16 === 0) return Buffer.from(frame, "latin1");
  }
}

describe("a session key of the cloud", () => {
  let bench: Bench;
  let device: TestDevice;
  let key: Buffer;

  beforeEach(async () => {
    bench = await Bench.start();
    device = await bench.device({ password: NEW, sdk: protocol.SDK_NAME });
    key = Buffer.from(await device.configuration(protocol.CONFIG_SESSION_KEY), "latin1");
  });
  afterEach(() => bench.stop());

  /** Publishes a payload as it is, and waits until the cloud has judged it. @returns whether it was taken */
  const taken = async (payload: Buffer): Promise<boolean> => {
    const before = bench.count("reported") + bench.count("malformed");
    const reports = bench.count("reported");
    device.publish(payload.toString("latin1"));
    await device.until(() => bench.count("reported") + bench.count("malformed") > before);
    return bench.count("reported") > reports;
  };

  /** From now on the device uses the key. */
  const begin = async (): Promise<void> => {
    device.useKey(key.toString("latin1"));
    expect(await taken(sealed(key, report(CODE)))).to.equal(true);
  };

  it("of 16 bytes comes with the DS, in the same frame and in clear", () => {
    expect(device.downlinks.length).to.equal(1);
    const [{ nodes }] = device.downlinks;
    expect(nodes.map(([id]) => id)).to.deep.equal([protocol.CONFIG_DS, protocol.CONFIG_SESSION_KEY]);
    expect(key.length).to.equal(16);
  });

  it("comes alone to a device that connects with its DS, another one for each connection", async () => {
    const password = connection(PS, await device.ds(), "0001");
    const again = await bench.device({ password });
    const other = await again.configuration(protocol.CONFIG_SESSION_KEY);
    expect(again.downlinks[0].nodes.length).to.equal(1);
    expect(Buffer.from(other, "latin1").equals(key)).to.equal(false);
  });

  it("comes to nobody who has not asked, and to nobody who asks otherwise", async () => {
    const ds = await device.ds();
    const plain = await bench.device({ password: connection(PS, ds), report: window(CODE) });
    await plain.until(() => plain.acknowledged.size === 1);
    expect(plain.downlinks).to.deep.equal([]);
    for (const password of [authentication("multi", PS, DK, "0002"), connection(PS, ds, "1")]) {
      expect(await (await bench.device({ password })).refusal()).to.equal(10433);
    }
  });

  it("encrypts what comes after it, both ways", async () => {
    device.useKey(key.toString("latin1"));
    await device.report(credentials(CODE));
    expect(await bench.code(request())).to.equal(200);
    expect(find(await device.downlink(protocol.CMD_BINDING_RESULT), protocol.RESULT_BOUND)).to.equal(true);
    expect(bench.count("malformed")).to.equal(0);
  });

  it("lets plain frames pass that were on their way, of any length, until the device has used it", async () => {
    expect(await taken(report(CODE))).to.equal(true);
    expect(await taken(wholeBlocks())).to.equal(true);
    await begin();
    expect(await taken(report(OTHER))).to.equal(false);
  });

  it("has no patience with other keys, other padding and cut blocks", async () => {
    await begin();
    const zeros = createCipheriv("aes-128-cbc", key, ivOf(key)).setAutoPadding(false);
    const frame = report(OTHER);
    const unpadded = Buffer.concat([frame, Buffer.alloc(16 - (frame.length % 16))]);
    const wrong = [
      sealed(Buffer.alloc(16, 1), frame),
      Buffer.concat([zeros.update(unpadded), zeros.final()]),
      sealed(key, frame).subarray(1),
      Buffer.alloc(0),
    ];
    for (const payload of wrong) expect(await taken(payload)).to.equal(false);
    expect(await taken(sealed(key, frame))).to.equal(true);
  });

  it("dies with the connection", async () => {
    await begin();
    const ds = await device.ds();
    device.stop();
    await device.until(() => bench.count("disconnected") > 0);
    device = await bench.device({ password: connection(PS, ds) });
    expect(await taken(report(OTHER))).to.equal(true);
    expect(await taken(sealed(key, report(CODE)))).to.equal(false);
  });

  it("stands in no event", () => {
    const told = JSON.stringify(bench.events);
    for (const form of ["latin1", "hex", "base64"] as const) expect(told).not.to.include(key.toString(form));
  });
});
