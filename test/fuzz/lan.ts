/** What strangers can send to a device over the LAN: src/lan and src/proof. */
import fc from "fast-check";

import * as protocol from "../../src/codec/commands.js";
import { decodeFrame, encodeFrame } from "../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, find } from "../../src/codec/ttlv.js";
import { loginCipher } from "../../src/lan/requests/login.js";
import { discoveryAnswer } from "../../src/lan/discovery.js";
import { createChannel } from "../../src/proof/channel.js";
import { start, type Core } from "../../src/proof/index.js";
import { FakeLevel1 } from "../unit/sim/app/fake-level1.js";
import { aes, hasher, latin1 } from "../support/hal.js";
import { FakeLan, IDENTITY, type Answer, type FakeApp } from "../support/lan.js";
import { content, demand, frames, noise, target } from "./inputs.js";

const KEY = "k".repeat(32);
const [APP, DEVICE] = ["a".repeat(16), "d".repeat(16)];
const OPEN = [
  ...[protocol.CMD_RANDOM, protocol.CMD_LOGIN, protocol.CMD_PING, protocol.CMD_PONG, protocol.CMD_HEARTBEAT],
  ...[protocol.CMD_PROVISION, protocol.CMD_SCAN, protocol.CMD_READ, protocol.CMD_WRITE],
];
const PROOF = [protocol.CMD_HELLO, protocol.CMD_PROVE, protocol.CMD_WINDOW, protocol.CMD_LAST_RESULT];
const hal = { ...hasher, aes };

/** A core with the module of the proof, which has K. */
function guarded(): FakeLan {
  const lan = new FakeLan({ guarded: true });
  const core: Core = {
    guard: (use) =>
      use(
        () => KEY,
        lan.clock.now,
        hasher.hmac,
        aes,
        (length) => "r".repeat(length),
        (value) => value ?? 0,
      ),
    serve: (cmd, handler) => void (lan.handlers[cmd] = handler),
    identity: () => ({ pk: IDENTITY.pk, dk: IDENTITY.dk, server: "mqtt://cloud", proof: true }),
    capabilities: () => 3,
    on: () => {},
    openWindow: () => true,
    state: () => "online",
    window: () => lan.window,
  };
  start(core);
  return lan;
}

/** What a device sends to a connection with these bytes, and when its provisioning ends well. Time passes in between. */
function converse(lan: FakeLan, app: FakeApp, pieces: string[]): Answer[] {
  const answers: Answer[] = [];
  for (const piece of pieces) {
    app.events.received(piece);
    answers.push(...app.answers());
  }
  lan.provision.finish(true);
  answers.push(...app.answers());
  lan.clock.advance(200_000);
  demand(app.ended, "a connection that outlives its silence");
  return answers;
}

/** The bytes of a frame whose tag is right, around a ciphertext of any length, or around sealed content. */
const sealed = fc
  .tuple(fc.constantFrom(...OPEN, ...PROOF), content, noise, fc.boolean(), fc.integer({ min: 0, max: 0xffffffff }))
  .map(([cmd, plain, bytes, honest, counter]) => {
    const level1 = new FakeLevel1(Buffer.from(KEY), Buffer.from(APP), Buffer.from(DEVICE));
    const data = honest ? level1.data(0, counter, cmd, latin1(plain)) : level1.wrap(0, counter, cmd, latin1(bytes));
    return encodeFrame(7, cmd, data.toString("latin1"));
  });

/** A request of an app that has logged in, honest or not: content that is padded well or badly. */
const request = fc.tuple(fc.constantFrom(...OPEN), content, fc.integer({ min: 0, max: 255 }));

export const LAN = [
  target("sealed request", noise, (bytes) => {
    demand(createChannel(hal, KEY, APP + DEVICE).open(0x7010, bytes) === undefined, "what nobody has sealed is opened");
  }),
  target("discovery request", frames(protocol.CMD_DISCOVER), (datagram) => {
    const answer = discoveryAnswer(IDENTITY, datagram, () => "192.0.2.17");
    const same = !answer || decodeFrame(answer)!.id === decodeFrame(datagram)!.id;
    demand(same, "an answer with another id");
    demand(answer.length <= 2 * datagram.length + 64, "an amplifier");
  }),
  target("app that has not logged in", fc.array(frames(...OPEN), { maxLength: 4 }), (pieces) => {
    const lan = new FakeLan();
    const allowed = [
      ...[protocol.CMD_RANDOM_ANSWER, protocol.CMD_LOGIN_ANSWER, protocol.CMD_PONG],
      ...[protocol.CMD_PROVISION_ANSWER, protocol.CMD_SCAN_ANSWER, protocol.CMD_IN_CLOUD],
    ];
    for (const { cmd, data } of converse(lan, lan.connect(), pieces)) {
      demand(allowed.includes(cmd), `the answer ${cmd.toString(16)}`);
      if (cmd === protocol.CMD_LOGIN_ANSWER) {
        demand(find(decodeTtlv(data)!, protocol.LOGIN_RESULT) === protocol.LOGIN_REFUSED, "a login by chance");
      }
    }
    for (const [{ ssid, pass: password }] of lan.joined) {
      demand(ssid.length > 0 && ssid.length <= 32, "a name that cannot be");
      demand(!password.length || (password.length >= 8 && password.length <= 64), "a password that cannot be");
    }
  }),
  target("app that has logged in", fc.array(request, { maxLength: 4 }), (requests) => {
    const lan = new FakeLan();
    const app = lan.connect();
    app.login();
    const pieces = requests.map(([cmd, data, padding]) => {
      const cipher = loginCipher(aes, lan.authKey, app.iv);
      if (padding > 16) return encodeFrame(7, cmd, cipher.seal(cmd, data)!);
      const whole = data + String.fromCharCode(padding).repeat(16 - (data.length % 16));
      return encodeFrame(7, cmd, aes(true, whole, lan.authKey, app.iv));
    });
    converse(lan, app, pieces);
  }),
  target("app that has proved nothing", fc.array(frames(...OPEN, ...PROOF), { maxLength: 4 }), (pieces) => {
    const lan = guarded();
    for (const { data } of converse(lan, lan.connect(), pieces)) {
      const nodes = decodeTtlv(data) ?? [];
      demand(find(nodes, protocol.PROVISION_CODE) === undefined, "a bindingCode for a stranger");
    }
    demand(!lan.joined.length, "a network of a stranger");
  }),
  target(
    "app on the channel of its proof",
    fc.array(fc.oneof(sealed, frames(...OPEN, ...PROOF)), { maxLength: 3 }),
    (pieces) => {
      const lan = guarded();
      const app = lan.connect();
      const take = lan.handlers[protocol.CMD_PROVE];
      lan.handlers[protocol.CMD_PROVE] = (one, ...more) => {
        if (one.cipher) take(one, ...more);
        else one.cipher = createChannel(hal, KEY, APP + DEVICE);
      };
      app.write(protocol.CMD_PROVE, encodeTtlv([[1, true]]));
      converse(lan, app, pieces);
    },
  ),
];
