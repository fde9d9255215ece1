/** What strangers can send to an app: sim/app, and the text of a label. */
import fc from "fast-check";

import { CMD_DISCOVER_ANSWER } from "../../src/codec/commands.js";
import { decodeTtlv } from "../../src/codec/ttlv.js";
import { parseAnswer } from "../../sim/app/discover.js";
import { Level1 } from "../../sim/app/level1.js";
import { readNames } from "../../sim/app/query.js";
import { readAnswer, readOutcome } from "../../sim/app/result.js";
import { readAnswers } from "../../sim/app/stream.js";
import { UsageError } from "../../sim/errors.js";
import { parseLabel } from "../../tools/factory/label.js";
import { FakeLevel1 } from "../unit/sim/app/fake-level1.js";
import { content, demand, frames, noise, target } from "./inputs.js";

const KEYS = [Buffer.alloc(32, 1), Buffer.alloc(16, 2), Buffer.alloc(16, 3)] as const;
const PRINTABLE = /^[\x21-\x7e]+$/;

export const APP = [
  target("discovery answer", frames(CMD_DISCOVER_ANSWER), (datagram) => {
    const found = parseAnswer(Buffer.from(datagram, "latin1"), "127.0.0.1");
    demand(!found || (PRINTABLE.test(found.dk) && PRINTABLE.test(found.pk)), "a key that nobody can print");
  }),
  target("answer to the credentials", content, (data) => {
    const answer = readAnswer(decodeTtlv(data) ?? []);
    demand(answer.kind !== "accepted" || PRINTABLE.test(answer.binding.dk), "a key that nobody can print");
  }),
  target("outcome of provisioning", content, (data) => {
    const { kind } = readOutcome(decodeTtlv(data) ?? []);
    demand(["failed", "step", "unknown"].includes(kind), "an outcome of no kind");
  }),
  target("networks", content, (data) => {
    for (const name of readNames(decodeTtlv(data) ?? []) ?? []) demand(name !== "", "a network of no name");
  }),
  target("frames of a device", noise, (bytes) => {
    readAnswers(4096, ({ id, cmd }) => demand(id < 0xffff && cmd > 0, "a frame that is none"))(
      Buffer.from(bytes, "latin1"),
    );
  }),
  target("sealed answer", fc.tuple(noise, content, fc.boolean(), fc.boolean()), ([bytes, plain, tagged, honest]) => {
    const level1 = new FakeLevel1(...KEYS);
    const sealed = honest
      ? level1.data(1, 1, 0x7011, Buffer.from(plain, "latin1"))
      : level1.wrap(1, 1, 0x7011, Buffer.from(bytes, "latin1"));
    const opened = new Level1(...KEYS).open(0x7011, tagged ? sealed.toString("latin1") : bytes);
    demand(tagged || opened === undefined, "what nobody has sealed is opened");
    demand(!tagged || !honest || opened === plain, "what was sealed is not opened");
  }),
  target("label", fc.oneof(fc.json(), fc.string()), (text) => {
    try {
      parseLabel(`WB:${text}`);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }),
];
