/** Our MQTT client beside the other ones of this cloud: what they take, how fast they are, what they get right. */

import { jsVars, sleep } from "./bench-device.js";
import { needInterpreter, round, type Figure, type Part } from "./figure.js";
import { realBroker, toldBroker } from "./mqtt-broker.js";
import { IN_RAM, isUp, run, speed } from "./mqtt-device.js";
import { instructions } from "./mqtt-work.js";
import { resending, waiting } from "./mqtt-ours.js";
import { clients, type Client } from "./mqtt-programs.js";

type Values = Record<string, number>;

/** Publishes that are timed, for each repetition. */
const PUBLISHES = 10;
const PUBLISH = "\x30\x0a\x00\x01tmessage";
/** Bytes of UTF-8, as a string of bytes. */
const UTF8 = "Gr\\xc3\\xbc\\xc3\\x9fe";

const IN_STORAGE = '(M=require("C"),0)';

/** JsVars of the module with one instance. Of ours, the build makes both one. */
async function memory(client: Client, load: string): Promise<number> {
  return run(client, "", async (device) => {
    const before = await jsVars(device);
    await device.eval(load);
    await device.eval("(make(1),0)");
    return (await jsVars(device)) - before;
  });
}

/** 1 when a refused password is not taken for a connection. */
async function refusal(client: Client): Promise<number> {
  const broker = await toldBroker(5);
  try {
    return await run(client, IN_RAM, async (device) => ((await isUp(device, broker.port, "up")) ? 0 : 1));
  } finally {
    await broker.stop();
  }
}

/** How many messages arrive whole, each cut at another byte, and the last not at all. */
async function fragments(client: Client): Promise<number> {
  const broker = await toldBroker(0);
  try {
    return await run(client, IN_RAM, async (device) => {
      await isUp(device, broker.port);
      let whole = 0;
      for (let cut = 1; cut <= PUBLISH.length; cut++) {
        await device.eval("(got=[],0)");
        await broker.write(PUBLISH.slice(0, cut));
        await broker.write(PUBLISH.slice(cut));
        if (JSON.stringify(await device.eval("got")) === '["message"]') whole++;
      }
      return whole;
    });
  } finally {
    await broker.stop();
  }
}

/** 1 when the bytes of UTF-8 text arrive as they were sent. */
async function utf8(client: Client): Promise<number> {
  const seen: string[] = [];
  const broker = await realBroker((payload) => seen.push(payload));
  try {
    return await run(client, IN_RAM, async (device) => {
      await isUp(device, broker.port);
      await device.eval(`(pub("${UTF8}",0),0)`);
      await sleep(300);
      return seen[0] === "Gr\xc3\xbc\xc3\x9fe" ? 1 : 0;
    });
  } finally {
    await broker.stop();
  }
}

const UNITS: Record<string, string> = {
  "bytes, minified": "bytes",
  "module in Storage, with an instance": "JsVars",
  "module in RAM, with an instance": "JsVars",
  "publishes, QoS 0": "1/s",
  "publishes, QoS 1": "1/s",
  "a publish with its acknowledgement, QoS 1": "instructions",
  "refused password is no connection": "of 1",
  "messages cut at each byte": `of ${PUBLISH.length}`,
  "UTF-8 as it was": "of 1",
};

async function measureClient(client: Client, repeat: number): Promise<Values> {
  const values = [client.module.length, await memory(client, IN_STORAGE), await memory(client, IN_RAM)];
  const count = PUBLISHES * repeat;
  values.push(await speed(client, { qos: 0, count }), client.qos1 ? await speed(client, { qos: 1, count }) : 0);
  values.push(client.qos1 ? await instructions(client) : 0);
  values.push(await refusal(client), await fragments(client), await utf8(client));
  return Object.fromEntries(Object.keys(UNITS).map((name, at) => [name, round(values[at])]));
}

export const mqtt: Part = async function* ({ repeat, peers, onProgress }) {
  needInterpreter();
  const all = await clients(peers);
  const [ours] = all;
  let first: Values | undefined;
  for (const client of all) {
    onProgress(client.name);
    if (client === ours) {
      yield* resending(client, Math.max(2, repeat));
      yield* waiting(client, repeat);
    }
    const values = await measureClient(client, Math.max(2, repeat));
    first ??= values;
    for (const [name, value] of Object.entries(values).filter(([, value]) => !Number.isNaN(value))) {
      const figure: Omit<Figure, "part"> = { name: `${client.name}: ${name}`, value, unit: UNITS[name] };
      // A peer's row says how many times its figure ours is.
      if (client !== ours && value) Object.assign(figure, { peer: client.name, ratio: round(first[name] / value, 2) });
      yield figure;
    }
  }
  if (!peers) yield { name: "MQTT, tinyMQTT", value: "skipped", unit: "", note: "give their folder with --peers" };
};
