/** What stands before the broker: repeated and foreign CONNECTs, packets that are too large, clients that send none. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { expect } from "chai";

import * as protocol from "../../../../src/codec/commands.js";
import { encodeFrame } from "../../../../src/codec/frame.js";
import { encodeTtlv } from "../../../../src/codec/ttlv.js";
import { authentication } from "../../../support/cloud-device.js";
import { Bench, CODE, DK, PS, request, window } from "../../../support/cloud-bench.js";

/** A PUBLISH of QoS 0 whose body has that size. */
function publish(topic: string, size: number): Buffer {
  const body = Buffer.alloc(size, "x");
  body.writeUInt16BE(topic.length, 0);
  body.write(topic, 2);
  const length = [];
  for (let rest = size; rest > 0; rest >>= 7) length.push((rest & 127) | (rest > 127 ? 128 : 0));
  return Buffer.concat([Buffer.of(0x30, ...length), body]);
}

describe("before the cloud's broker", () => {
  let bench: Bench;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    bench = await Bench.start();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await bench.stop();
  });

  /** A bare connection, and what comes on it. */
  const open = async (): Promise<{ socket: Socket; received: Buffer[]; closed: Promise<unknown> }> => {
    const { hostname, port } = new URL(bench.cloud.mqtt);
    const socket = connect(Number(port), hostname).on("error", () => {});
    sockets.push(socket);
    const received: Buffer[] = [];
    socket.on("data", (data) => received.push(data));
    const closed = once(socket, "close");
    await once(socket, "connect");
    return { socket, received, closed };
  };

  it("ignores a CONNECT that the vendor's SDK repeats when CONNACK is late", async () => {
    const one = await bench.ready();
    for (let times = 0; times < 3; times++) one.connectAgain(authentication("multi", PS, DK));
    await one.report(window("A".repeat(16)));
    expect(one.closed).to.equal(false);
    expect(bench.count("connected")).to.equal(1);
    expect(await bench.code(request({ bindingCode: "A".repeat(16) }))).to.equal(200);
  });

  for (const level of [3, 5, 9]) {
    it(`answers a CONNECT of level ${level} by CONNACK 1, and says so`, async () => {
      const { socket, received, closed } = await open();
      const name = level === 3 ? "MQIsdp" : "MQTT";
      const body = Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(level, 2, 0, 60, 0, 1, 120)]);
      socket.write(Buffer.concat([Buffer.of(0x10, body.length), body]));
      await closed;
      expect(Buffer.concat(received)).to.deep.equal(Buffer.of(0x20, 2, 0, 1));
      expect(bench.events.at(-1)!.message).to.contain(`level ${level}`);
    });
  }

  it("takes a packet of 64 KiB, and ends a connection that announces a larger one before it has come", async () => {
    const one = await bench.ready();
    const topic = `q/2/d/qdmulti${DK}/bus`;
    one.raw(publish(topic, 65_536));
    one.publish(encodeFrame(9, 0x0014, encodeTtlv([[1, true]])), "bus");
    await one.until(() => bench.events.some(({ command }) => command === "0014"));
    one.raw(publish(topic, 65_537).subarray(0, 4));
    await one.until(() => one.closed);
    expect(bench.events.some(({ message }) => message?.includes("more than 65536 bytes"))).to.equal(true);
    expect(bench.count("disconnected")).to.equal(1);
  });

  it("keeps nothing of a packet of 240 MiB that a stranger begins, nor of a length that is none", async () => {
    for (const head of [Buffer.of(0x10, 0xff, 0xff, 0xff, 0x7f), Buffer.of(0x10, 0xff, 0xff, 0xff, 0xff, 1)]) {
      const { socket, closed } = await open();
      socket.write(head);
      await closed;
    }
    expect(bench.count("malformed")).to.equal(2);
    expect(bench.count("connected")).to.equal(0);
  });

  it("goes on reading a device that sends faster than it is read", async () => {
    const one = await bench.ready();
    for (let n = 0; n < 200; n++) one.raw(publish(`q/2/d/qdmulti${DK}/bus`, 5000));
    await one.report(window("B".repeat(16)));
    expect(await bench.code(request({ bindingCode: "B".repeat(16) }))).to.equal(200);
    expect(bench.count("malformed")).to.equal(200);
    expect(one.downlinks.filter(({ cmd }) => cmd === protocol.CMD_EXCEPTION)).to.have.length(200);
  });

  it("says why it ends a connection whose packets are none of MQTT 3.1.1", async () => {
    const connectAs = (name: string): Buffer => {
      const body = Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(4, 2, 0, 60, 0, 1, 120)]);
      return Buffer.concat([Buffer.of(0x10, body.length), body]);
    };
    for (const [at, bytes] of [connectAs("XXXX"), Buffer.of(0xc0, 0), Buffer.of(0xf0, 0)].entries()) {
      const { socket, closed } = await open();
      socket.write(bytes);
      await closed;
      expect(bench.count("malformed"), String(at)).to.equal(at + 1);
      expect(bench.events.at(-1)!.message).to.match(/^this is no MQTT 3.1.1 \(/);
    }
    const one = await bench.ready();
    // Of QoS 3, which there is not.
    one.raw(Buffer.of(0x36, 5, 0, 1, 120, 0, 1));
    await one.until(() => one.closed);
    expect(bench.events.find(({ event, dk }) => event === "malformed" && dk === DK)).to.include({ pk: "multi" });
  });

  it("does not mind bytes that are no packet, or a device that hangs up in the middle of one", async () => {
    for (const bytes of [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.of(0),
      Buffer.of(0x10, 10, 0),
      Buffer.alloc(0),
    ]) {
      const { socket, closed } = await open();
      socket.end(bytes);
      await closed;
    }
    await bench.ready();
    expect(await bench.code(request({ bindingCode: CODE }))).to.equal(200);
  });
});
