/** The retry table on the emulator's clock: the flashed firmware against a cloud that lets it in and then refuses. */

import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";

import { expect } from "chai";
import mqtt from "mqtt-packet";

import { EmulatedDevice, VirtualClock } from "../../../sim/emulator/index.js";
import { encodeIdentity } from "../../../tools/factory/identity-image.js";
import { CMD_EXCEPTION, EXCEPTION_CODE } from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv } from "../../../src/codec/ttlv.js";
import { BLOCK_SIZE, IDENTITY_BLOCKS } from "../../../src/codec/record.js";
import { openJournal } from "../../../src/storage/journal.js";
import { KEY_PASSWORD, KEY_SSID } from "../../../src/storage/keys.js";
import { checksum, latin1, MemoryFlash } from "../../support/hal.js";

interface Row {
  event: "authentication" | "connection";
  code: number;
  delaysMs: number[];
}
const { rows } = JSON.parse(readFileSync("test/vectors/retry.json", "utf8")) as { rows: Row[] };
/** Codes that a cloud sends in 00A3, and the one of a connection that just ends, which the table does not decide. */
const LOST = 10474;
const told = rows.filter(({ code }) => (code >= 10420 && code < 10440) || code === LOST);

const NETWORK = { ssid: "home", password: "right-password" };
const HOST = "127.77.1.1";
const JOURNAL = IDENTITY_BLOCKS * BLOCK_SIZE;

/** Accepts CONNECT and SUBSCRIBE, then sends 00A3 with that code, or hangs up. */
async function refuser(code: number, connected: () => void): Promise<Server> {
  const server = createServer((socket) => {
    connected();
    const send = (packet: mqtt.Packet): void => void socket.write(mqtt.generate(packet));
    const parser = mqtt.parser().on("packet", (packet) => {
      if (packet.cmd === "connect") send({ cmd: "connack", sessionPresent: false, returnCode: 0 });
      if (packet.cmd !== "subscribe") return;
      send({ cmd: "suback", messageId: packet.messageId!, granted: [1] });
      if (code === LOST) return void socket.end();
      const payload = latin1(encodeFrame(7, CMD_EXCEPTION, encodeTtlv([[EXCEPTION_CODE, code]])));
      send({ cmd: "publish", topic: "q/1/d/x/sys", payload, qos: 0, dup: false, retain: false });
    });
    socket.on("data", (data) => parser.parse(data)).on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** Flash of a device that has a network already. */
function journalWith({ ssid, password }: typeof NETWORK): Buffer {
  const flash = new MemoryFlash();
  openJournal(flash, checksum, IDENTITY_BLOCKS, 14).put([
    [KEY_SSID, ssid],
    [KEY_PASSWORD, password],
  ]);
  return flash.bytes;
}

describe("the retry table on the emulator's clock", () => {
  for (const { event, code, delaysMs } of told) {
    it(`${event}, ${code === LOST ? "connection lost" : `00A3 ${code}`}`, async () => {
      const clock = new VirtualClock();
      const times: number[] = [];
      const server = await refuser(code, () => times.push(clock.now()));
      const identity = { pk: "p1demo", ps: "QUJDREVGR0hJSktM", dk: "DEVICE01" };
      const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const device = await EmulatedDevice.start({
        host: HOST,
        clock,
        networks: [NETWORK],
        storage: {
          ".bootcde": readFileSync("build/firmware.min.js", "latin1"),
          "binding.json": JSON.stringify({ server: url }),
        },
        flash: [
          {
            offset: 0,
            bytes: encodeIdentity({ ...identity, ds: event === "connection" ? "D".repeat(32) : undefined }),
          },
          { offset: JOURNAL, bytes: journalWith(NETWORK).subarray(JOURNAL) },
        ],
      });
      try {
        for (let step = 0; times.length <= delaysMs.length && step < 400; step++) await clock.advance(60_000);
        const waits = times.slice(1).map((time, at) => time - times[at]);
        delaysMs.forEach((wanted, at) => {
          if (code === LOST) {
            // No refusal, so not by the table: a random part of 2 s, 4 s … 5 minutes.
            expect(waits[at], `wait ${at + 1}`).to.be.within(0, Math.min(2000 * 2 ** at, 300_000) + 100);
            return;
          }
          const factor = wanted === 1_800_000 && at >= 6 ? 0 : at + 1;
          const jitter = wanted % 30_000 ? [-500 * factor, 1500 * factor] : [0, 0];
          expect(waits[at], `wait ${at + 1}`).to.be.within(wanted + jitter[0], wanted + jitter[1] + 100);
        });
      } finally {
        await device.stop();
        server.close();
      }
    });
  }
});
