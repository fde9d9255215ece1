/** What the cloud itself can bind: devices that are sockets, a cloud of its own process with its state on this disk, and apps. */
import { createCipheriv, createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";

import mqtt from "mqtt-packet";

import { demoProducts, type Product } from "../sim/cloud/index.js";
import { BINDING_CODE, BINDING_SECRET, CMD_BINDING } from "../src/codec/commands.js";
import { encodeFrame } from "../src/codec/frame.js";
import { encodeTtlv } from "../src/codec/ttlv.js";
import { startChild } from "./child.js";
import { round, type Part } from "./figure.js";

const DEVICES = 2000;
/** Apps that bind at the same time. */
const APPS = 50;
const PING_MS = 10;
const BIND = "/v2/binding/enduserapi/v2/deviceBindingByWifi";
const NOT_REPORTED = 5460;

const keyOf = (at: number): string => `BIND${String(at).padStart(6, "0")}`;
const codeOf = (at: number): string => at.toString(16).toUpperCase().padStart(16, "0");
const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

function passwordOf({ pk, ps }: Product, dk: string): string {
  const random = "0123456789abcdef";
  const cipher = createCipheriv("aes-128-cbc", ps.slice(0, 16), sha256(ps).subarray(0, 16));
  const body = `${dk};${random};${sha256(`${dk};${ps};${random}`).toString("base64")}`;
  return `0;0000;${pk};${cipher.update(body, "utf8", "base64") + cipher.final("base64")}`;
}

/** Connects a device, which reports its secret and code and acknowledges what comes. */
async function connectDevice(url: string, product: Product, at: number): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay();
  await once(socket, "connect");
  const dk = keyOf(at);
  const clientId = `qd${product.pk}${dk}`;
  const password = Buffer.from(passwordOf(product, dk));
  const nodes = encodeTtlv([[BINDING_SECRET, codeOf(at)], [BINDING_CODE, codeOf(at)]]); // prettier-ignore
  const payload = Buffer.from(encodeFrame(1, CMD_BINDING, nodes), "latin1");
  const publish = { topic: `q/2/d/${clientId}/sys`, payload, qos: 1, messageId: 2, dup: false, retain: false } as const;
  const packets: mqtt.Packet[] = [
    {
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      clientId,
      keepalive: 600,
      username: "-",
      password,
    },
    { cmd: "subscribe", messageId: 1, subscriptions: [{ topic: `q/1/d/${clientId}/+`, qos: 1 }] },
    { cmd: "publish", ...publish },
  ];
  const reported = new Promise<void>((resolve) => {
    const parser = mqtt.parser().on("packet", (packet) => {
      if (packet.cmd === "puback") resolve();
      if (packet.cmd !== "publish" || !packet.qos) return;
      socket.write(mqtt.generate({ cmd: "puback", messageId: packet.messageId! }));
    });
    socket.on("data", (data) => parser.parse(data));
  });
  socket.write(Buffer.concat(packets.map((packet) => mqtt.generate(packet))));
  await reported;
  return socket;
}

/** One call on a connection that stays. */
function call(url: string, agent: Agent, token: string, body?: object): Promise<{ code?: number }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: token, "content-type": "application/json" };
    const sent = httpRequest(url, { agent, method: body ? "POST" : "GET", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve(JSON.parse(text) as { code?: number }));
    });
    sent.on("error", reject).end(body && JSON.stringify(body));
  });
}

/** Runs `work` for all devices, so many at a time. @returns seconds */
async function all(count: number, width: number, work: (at: number) => Promise<void>): Promise<number> {
  let next = 0;
  const start = performance.now();
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return (performance.now() - start) / 1000;
}

/** Looks at the cloud again and again. @returns what stops it, and then the longest time that it has taken to answer, in ms */
function watchStalls(http: string, token: string): () => Promise<number> {
  const agent = new Agent({ keepAlive: true });
  let longest = 0;
  let going = true;
  const watching = (async () => {
    while (going) {
      const start = performance.now();
      await call(`${http}/v2/binding/enduserapi/productTSL?pk=none`, agent, token);
      longest = Math.max(longest, performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, PING_MS));
    }
    agent.destroy();
  })();
  return async () => {
    going = false;
    await watching;
    return longest;
  };
}

interface Result {
  reports: number;
  binds: number;
  stall: number;
}

async function bindAll(http: string, url: string, product: Product, token: string): Promise<Result> {
  const sockets: Socket[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: APPS });
  const stalls = watchStalls(http, token);
  const reports = await all(DEVICES, APPS, async (at) => void sockets.push(await connectDevice(url, product, at)));
  const binds = await all(DEVICES, APPS, async (at) => {
    const body = { productKey: product.pk, deviceKey: keyOf(at), bindingCode: codeOf(at) };
    const { code } = await call(http + BIND, agent, token, body);
    if (code !== 200) throw new Error(`${keyOf(at)} is not bound: ${code === NOT_REPORTED ? "not reported" : code}`);
  });
  const stall = await stalls();
  agent.destroy();
  for (const socket of sockets) socket.destroy();
  return { reports: DEVICES / reports, binds: DEVICES / binds, stall };
}

export const binds: Part = async function* ({ onProgress }) {
  for (const kept of [true, false]) {
    const products = demoProducts();
    // Beside the repository: a temporary folder may be memory.
    const folder = mkdtempSync(join(process.cwd(), "build", "binds-"));
    const cloud = startChild("fleet-cloud.ts");
    try {
      const where = kept ? "state on this disk" : "no state";
      onProgress(where);
      const { http, mqtt: url } = await cloud.ask(
        { ...products, ...(kept && { data: join(folder, "state") }) },
        (said) => said as { http: string; mqtt: string },
      );
      const [product] = products.products;
      const { reports, binds, stall } = await bindAll(http, url, product, products.users[0].token);
      const note = `${DEVICES} devices, ${APPS} at a time, ${where}`;
      yield { name: "devices that authenticate and report", value: round(reports), unit: "1/s", note };
      yield { name: "bindings", value: round(binds), unit: "1/s", note };
      yield { name: "longest answer meanwhile", value: round(stall), unit: "ms", note };
    } finally {
      cloud.stop();
      rmSync(folder, { recursive: true });
    }
  }
};
