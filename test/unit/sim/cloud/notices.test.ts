/** What brokers publish about their clients: lines of Mosquitto's log as its versions have them, events of EMQX. */

import { expect } from "chai";

import { noticeOf, type Notice } from "../../../../sim/cloud/notices.js";

const ID = "qdp1ABCD12345678";
const FILTER = `q/1/d/${ID}/+`;
const SUBSCRIBE = "$SYS/broker/log/M/subscribe";
const NOTICE = "$SYS/broker/log/N";
const EMQX = `$SYS/brokers/emqx@127.0.0.1/clients/${ID}`;

describe("notices of brokers", () => {
  const cases: [what: string, topic: string, text: string, expected: Notice | undefined][] = [
    ["a subscription", SUBSCRIBE, `1795417445: ${ID} 1 ${FILTER}`, { clientId: ID, filter: FILTER }],
    ["without a time", SUBSCRIBE, `${ID} 1 ${FILTER}`, { clientId: ID, filter: FILTER }],
    ["with a written time", SUBSCRIBE, `2026-11-23T07:44:05: ${ID} 0 ${FILTER}`, { clientId: ID, filter: FILTER }],
    ["a departure", NOTICE, `1795417445: Client ${ID} disconnected.`, { clientId: ID }],
    ["with its address", NOTICE, `1795417445: Client ${ID} [127.0.0.1:50123] disconnected.`, { clientId: ID }],
    ["a closed connection", NOTICE, `1795417445: Client ${ID} closed its connection.`, { clientId: ID }],
    ["silence", NOTICE, `1795417445: Client ${ID} has exceeded timeout, disconnecting.`, { clientId: ID }],
    ["a protocol error", NOTICE, `1795417445: Client ${ID} disconnected due to protocol error.`, { clientId: ID }],
    ["a takeover", NOTICE, `1795417445: Client ${ID} already connected, closing old connection.`, { clientId: ID }],
    ["an expulsion", NOTICE, `1795417445: Client ${ID} been disconnected by administrative action.`, { clientId: ID }],
    ["a broken socket", NOTICE, `1795417445: Bad socket read/write on client ${ID}: Broken pipe`, { clientId: ID }],
    ["an arrival", NOTICE, `1795417445: New client connected from 127.0.0.1:1 as ${ID} (p2, c1, k120).`, undefined],
    [
      "EMQX: a subscription",
      `${EMQX}/subscribed`,
      JSON.stringify({ clientid: ID, topic: FILTER, subopts: {} }),
      {
        clientId: ID,
        filter: FILTER,
      },
    ],
    [
      "EMQX: a departure",
      `${EMQX}/disconnected`,
      JSON.stringify({ clientid: ID, reason: "discarded" }),
      {
        clientId: ID,
      },
    ],
    ["EMQX: a subscription without a topic", `${EMQX}/subscribed`, JSON.stringify({ clientid: ID }), undefined],
    ["EMQX: no object", `${EMQX}/disconnected`, "null", undefined],
    ["EMQX: no JSON", `${EMQX}/disconnected`, "{", undefined],
  ];
  for (const [what, topic, text, expected] of cases) {
    it(what, () => expect(noticeOf(topic, text)).to.deep.equal(expected));
  }
});
