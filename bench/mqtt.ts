/** Our MQTT client beside the other ones of this cloud: what they take, how fast they are, what they get right. */

import { jsVars, sleep } from "./bench-device.js";
import { needInterpreter, round, type Figure, type Part } from "./figure.js";
import { realBroker, toldBroker } from "./mqtt-broker.js";
import { IN_RAM, isOpen, isUp, run, speed } from "./mqtt-device.js";
import { instructions } from "./mqtt-work.js";
import { resending, waiting } from "./mqtt-ours.js";
import { clients, type Client } from "./mqtt-programs.js";

type Values = Record<string, number>;

/** Publishes that are timed, for each repetition. */
const PUBLISHES = 10;
/** Milliseconds after which a new connection is idle. */
const SETTLED = 500;
const PUBLISH = "\x30\x0a\x00\x01tmessage";
/** Bytes of UTF-8, as a string of bytes. */
const UTF8 = "Gr\\xc3\\xbc\\xc3\\x9fe";

const IN_STORAGE = '(M=require("C"),0)';

/** JsVars that each of these takes more: the module, an instance, and its idle connection or one more instance. */
async function memory(client: Client, load: string, then: "connection" | "instance"): Promise<number[]> {
  const broker = await realBroker(() => {});
  try {
    return await run(client, "", async (device) => {
      const looks = [await jsVars(device)];
      await device.eval(load);
      looks.push(await jsVars(device));
      await device.eval(`(make(${broker.port}),0)`);
      looks.push(await jsVars(device));
      if (then === "instance") await device.eval(`(${client.second},0)`);
      else if (!(await isOpen(device))) throw new Error(`${client.name} does not connect`);
      await sleep(SETTLED);
      looks.push(await jsVars(device));
      return looks.slice(1).map((look, at) => look - looks[at]);
    });
  } finally {
    await broker.stop();
  }
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
  "module in Storage": "JsVars",
  "an instance of it": "JsVars",
  "one more instance": "JsVars",
  "the connection of an instance, idle": "JsVars",
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
  const [module, instance, connection] = await memory(client, IN_STORAGE, "connection");
  const [, , more] = await memory(client, IN_STORAGE, "instance");
  const [inRam, instanceInRam] = await memory(client, IN_RAM, "instance");
  const values = [client.module.length, module, instance, more, connection, module + instance, inRam + instanceInRam];
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
