/** Our MQTT client beside the other ones of this cloud: what they take, how fast they are, what they get right. */

import type { InterpreterDevice } from "../sim/emulator/interpreter/device.js";
import { jsVars, sleep, withDevice } from "./bench-device.js";
import { needInterpreter, round, type Figure, type Part } from "./figure.js";
import { breakingBroker, realBroker, toldBroker } from "./mqtt-broker.js";
import { clients, type Client } from "./mqtt-programs.js";

type Values = Record<string, number>;

/** QoS 1 publishes of a client that are in flight at the same time. */
const IN_FLIGHT = 4;
/** Publishes that are timed, for each repetition. */
const PUBLISHES = 10;
/** Connections that break, for each repetition. */
const BREAKS = 5;
/** The longest that one may take, its new connection with it. */
const LONGEST_MS = 500;
const PUBLISH = "\x30\x0a\x00\x01tmessage";
/** Bytes of UTF-8, as a string of bytes. */
const UTF8 = "Gr\\xc3\\xbc\\xc3\\x9fe";
const GLOBALS = "var M,c,P,up=0,ready=0,got=[],next;";

const IN_STORAGE = '(M=require("C"),0)';
const IN_RAM = '(Modules.addCached("C",(" "+require("Storage").read("C")).substr(1)),M=require("C"),0)';

async function run<T>(client: Client, load: string, work: (device: InterpreterDevice) => Promise<T>): Promise<T> {
  const storage = { C: client.module, ".bootcde": GLOBALS + client.program };
  return withDevice(storage, async ({ device }) => {
    if (load) await device.eval(load);
    return work(device);
  });
}

async function isUp(device: InterpreterDevice, port: number, flag = "ready"): Promise<boolean> {
  await device.eval(`(make(${port}),open(),0)`);
  for (let tries = 0; tries < 200; tries++) {
    if ((await device.eval(flag)) === 1) return true;
    await sleep(10);
  }
  return false;
}

/** JsVars of the module with one instance. Of ours, the build makes both one. */
async function memory(client: Client, load: string): Promise<number> {
  return run(client, "", async (device) => {
    const before = await jsVars(device);
    await device.eval(load);
    await device.eval("(make(1),0)");
    return (await jsVars(device)) - before;
  });
}

/** Publishes a second over loopback, from the first to the last that the broker gets. */
async function speed(client: Client, qos: number, count: number): Promise<number> {
  const times: number[] = [];
  const broker = await realBroker(() => times.push(performance.now()));
  try {
    return await run(client, IN_RAM, async (device) => {
      if (!(await isUp(device, broker.port))) return 0;
      const next = qos ? "" : "setTimeout(go,0)";
      await device.eval(
        `(function(){var n=${count};function go(){if(n-->0){pub("payload",${qos},go);${next}}}` +
          `for(var k=${qos ? IN_FLIGHT : 1};k--;)go()})()`,
      );
      for (let tries = 0; times.length < count && tries < 1000; tries++) await sleep(10);
      return times.length < count ? 0 : ((count - 1) * 1000) / (times[count - 1] - times[0]);
    });
  } finally {
    await broker.stop();
  }
}

/** What becomes of numbered publishes while each connection breaks after some of them. */
async function broken(client: Client, breaks: number): Promise<Values> {
  const seen = new Map<string, number>();
  const broker = await breakingBroker(breaks, (payload) => seen.set(payload, (seen.get(payload) ?? 0) + 1));
  try {
    return await run(client, IN_RAM, async (device) => {
      await device.eval(`(resend(${broker.port},${IN_FLIGHT}),0)`);
      const end = Date.now() + breaks * LONGEST_MS;
      while (broker.broken() < breaks && Date.now() < end) await sleep(20);
      const count = (await device.eval("(last=n)")) as number;
      let acknowledged = 0;
      for (let tries = 0; acknowledged < count && tries < 500; tries++) {
        await sleep(20);
        acknowledged = (await device.eval("acked")) as number;
      }
      const lost = Array.from({ length: count }, (_, at) => String(at + 1)).filter((one) => !seen.has(one)).length;
      const twice = [...seen.values()].reduce((sum, times) => sum + times - 1, 0);
      return { connections: broker.broken(), published: count, acknowledged, lost, twice };
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
  "module in Storage, with an instance": "JsVars",
  "module in RAM, with an instance": "JsVars",
  "publishes, QoS 0": "1/s",
  "publishes, QoS 1": "1/s",
  "refused password is no connection": "of 1",
  "messages cut at each byte": `of ${PUBLISH.length}`,
  "UTF-8 as it was": "of 1",
};

async function measureClient(client: Client, repeat: number): Promise<Values> {
  const values = [client.module.length, await memory(client, IN_STORAGE), await memory(client, IN_RAM)];
  values.push(await speed(client, 0, PUBLISHES * repeat));
  values.push(client.qos1 ? await speed(client, 1, PUBLISHES * repeat) : 0);
  values.push(await refusal(client), await fragments(client), await utf8(client));
  return Object.fromEntries(Object.keys(UNITS).map((name, at) => [name, round(values[at])]));
}

export const mqtt: Part = async function* ({ repeat, peers, onProgress }) {
  needInterpreter();
  let ours: Values | undefined;
  for (const client of await clients(peers)) {
    onProgress(client.name);
    if (client.resends) {
      const values = await broken(client, BREAKS * Math.max(2, repeat));
      for (const [name, value] of Object.entries(values))
        yield { name: `${client.name}, connections that break: ${name}`, value, unit: "" };
    }
    const values = await measureClient(client, Math.max(2, repeat));
    ours ??= values;
    for (const [name, value] of Object.entries(values)) {
      const figure: Omit<Figure, "part"> = { name: `${client.name}: ${name}`, value, unit: UNITS[name] };
      // A peer's row says how many times its figure ours is.
      if (ours !== values && value) Object.assign(figure, { peer: client.name, ratio: round(ours[name] / value, 2) });
      yield figure;
    }
  }
  if (!peers) yield { name: "MQTT, tinyMQTT", value: "skipped", unit: "", note: "give their folder with --peers" };
};
