/** What strangers can send to an app: sim/app, and the text of a label. */
import fc from "fast-check";

import {
  CMD_DISCOVER_ANSWER,
  CMD_LAST_RESULT_ANSWER,
  CMD_PROGRESS,
  CMD_PROVISION_ANSWER,
} from "../../src/codec/commands.js";
import { decodeTtlv } from "../../src/codec/ttlv.js";
import { parseAnswer } from "../../sim/app/discover.js";
import { Level1 } from "../../sim/app/level1.js";
import { readNetworks } from "../../sim/app/query.js";
import { readOutcome } from "../../sim/app/result.js";
import { UsageError } from "../../sim/errors.js";
import { parseLabel } from "../../tools/factory/label.js";
import { FakeLevel1 } from "../unit/sim/app/fake-level1.js";
import { content, demand, frames, noise, target } from "./inputs.js";

const KEYS = [Buffer.alloc(32, 1), Buffer.alloc(16, 2), Buffer.alloc(16, 3)] as const;
const OUTCOMES = [CMD_PROGRESS, CMD_PROVISION_ANSWER, CMD_LAST_RESULT_ANSWER];
const PRINTABLE = /^[\x21-\x7e]+$/;

export const APP = [
  target("discovery answer", frames(CMD_DISCOVER_ANSWER), (datagram) => {
    const found = parseAnswer(Buffer.from(datagram, "latin1"), "127.0.0.1");
    demand(!found || (PRINTABLE.test(found.dk) && PRINTABLE.test(found.pk)), "a key that nobody can print");
  }),
  target("outcome of provisioning", fc.tuple(fc.constantFrom(...OUTCOMES), content), ([cmd, data]) => {
    const outcome = readOutcome({ id: 1, cmd, nodes: decodeTtlv(data) ?? [] });
    demand(outcome.kind !== "done" || PRINTABLE.test(outcome.binding.dk), "a key that nobody can print");
  }),
  target("networks", content, (data) => {
    for (const { ssid } of readNetworks(decodeTtlv(data) ?? []))
      demand(typeof ssid === "string", "a network of no name");
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
