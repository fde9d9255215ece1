/** What strangers can send to a device over the LAN: src/lan. */
import fc from "fast-check";

import * as protocol from "../../src/codec/commands.js";
import { decodeFrame, encodeFrame, type Frame } from "../../src/codec/frame.js";
import type { Identity } from "../../src/codec/identity.js";
import { decodeTtlv, find } from "../../src/codec/ttlv.js";
import { createChannel, type Channel } from "../../src/lan/channel.js";
import { createReception } from "../../src/lan/clients.js";
import { discoveryAnswer } from "../../src/lan/discovery.js";
import { createHandshake, type Handshake } from "../../src/lan/handshake.js";
import type { Hal } from "../../src/hal/hal.js";
import type { Wifi } from "../../src/hal/wifi.js";
import { FakeLevel1 } from "../unit/sim/app/fake-level1.js";
import { aes, FakeClock, hasher } from "../support/hal.js";
import { content, demand, frames, noise, target } from "./inputs.js";

const IDENTITY: Identity = { pk: "p1demo", ps: "", dk: "DEVICE01", ds: "", seed: "", pop: "" };
const KEY = "k".repeat(32);
const [APP, DEVICE] = ["a".repeat(16), "d".repeat(16)];
const REQUESTS = [
  ...[protocol.CMD_ACK, protocol.CMD_HELLO, protocol.CMD_PROVE, protocol.CMD_PROVISION],
  ...[protocol.CMD_BINDING_INFO, protocol.CMD_SCAN, protocol.CMD_LAST_RESULT],
];
const NETWORK = { ssid: "home", rssi: -40, authMode: "wpa2", isHidden: false };
const wifi = { scan: (done: (found: unknown[]) => void) => done([NETWORK]) } as unknown as Wifi;
const hal = { ...new FakeClock(), ...hasher, aes, wifi: () => wifi } as unknown as Hal;

function handshake(key: string): Handshake {
  const lockout = { wait: () => 0, failed: () => {}, passed: () => {} };
  return createHandshake(hal, IDENTITY, (length) => "r".repeat(length), lockout, {
    provision: () => 0,
    bindable: (done) => done({ code: "0123456789ABCDEF", seconds: 60 }),
    capabilities: () => 3,
    key: () => key,
    farewell: () => {},
  });
}

/** Everything that a device sends to a connection with these bytes, and after a provisioning that goes well. */
function converse(pieces: string[], key: string, channel?: Channel): Frame[] {
  const sent: string[] = [];
  const shake = handshake(key);
  const accept = createReception({ ...hal, ...new FakeClock() }, (frame, client) => {
    client.channel ??= channel;
    shake.handle(frame, client);
  });
  const events = accept({ send: (bytes) => sent.push(bytes), end: () => {} });
  for (const piece of pieces) events.received(piece);
  shake.progress(protocol.PROGRESS_ROUTER);
  shake.finish(0, "0123456789ABCDEF");
  return sent.map((bytes) => decodeFrame(bytes)!);
}

/** The bytes of a frame whose tag is right, around a ciphertext of any length, or around sealed content. */
const sealed = fc
  .tuple(fc.constantFrom(...REQUESTS), content, noise, fc.boolean(), fc.integer({ min: 0, max: 0xffffffff }))
  .map(([cmd, plain, bytes, honest, counter]) => {
    const level1 = new FakeLevel1(...keys());
    const data = honest
      ? level1.data(0, counter, cmd, Buffer.from(plain, "latin1"))
      : level1.wrap(0, counter, cmd, Buffer.from(bytes, "latin1"));
    return encodeFrame(7, cmd, data.toString("latin1"));
  });

function keys(): [key: Buffer, app: Buffer, device: Buffer] {
  return [Buffer.from(KEY), Buffer.from(APP), Buffer.from(DEVICE)];
}

const presence = () => ({ capabilities: 3, state: protocol.STATE_ONLINE, windowOpen: true });

export const LAN = [
  target("sealed request", noise, (bytes) => {
    demand(createChannel(hal, KEY, APP + DEVICE).open(0x7010, bytes) === undefined, "what nobody has sealed is opened");
  }),
  target("discovery request", frames(protocol.CMD_DISCOVER), (datagram) => {
    const answer = discoveryAnswer(IDENTITY, datagram, presence);
    const same = !answer || decodeFrame(answer)!.id === decodeFrame(datagram)!.id;
    demand(same, "an answer with another id");
    demand(answer.length <= 2 * datagram.length + 64, "an amplifier");
  }),
  target("handshake at level 0", fc.array(frames(...REQUESTS), { maxLength: 4 }), (pieces) => {
    converse(pieces, "");
  }),
  target("handshake at level 1, nothing proved", fc.array(frames(...REQUESTS), { maxLength: 4 }), (pieces) => {
    for (const { data } of converse(pieces, KEY)) {
      demand(find(decodeTtlv(data) ?? [], protocol.LAN_CODE) === undefined, "a bindingCode for a stranger");
    }
  }),
  target(
    "handshake at level 1, sealed",
    fc.array(fc.oneof(sealed, frames(...REQUESTS)), { maxLength: 3 }),
    (pieces) => {
      converse(pieces, KEY, createChannel(hal, KEY, APP + DEVICE));
    },
  ),
];
