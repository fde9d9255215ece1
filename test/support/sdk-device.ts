/** A scripted device that updates itself as the vendor's SDK does: its states, its order, and its HTTP. */
import { createHash } from "node:crypto";
import { connect as connectTcp } from "node:net";

import * as protocol from "../../src/codec/commands.js";
import { find, findNumber, type Node } from "../../src/codec/ttlv.js";
import { TestDevice, type Connect } from "./cloud-device.js";

const TEXTS = protocol.UPDATE_STATE_NAMES.split(",");

export interface Place {
  url: string;
  size: number;
  md5: string;
}

/** The bytes of an HTTP answer as the SDK reads it: these header names, in this letter case. */
export async function download({ url, size }: Place): Promise<{ head: string; body: Buffer }> {
  const { hostname, port, pathname } = new URL(url);
  if (!hostname.includes(".")) throw new Error("the SDK asks for no host without a dot");
  const socket = connectTcp(Number(port), hostname);
  const lines = [`GET ${pathname} HTTP/1.1`, `Host:${hostname}:${port}`, "Accept-Ranges: bytes"];
  socket.write([...lines, `Range: bytes=0-${size - 1}`, "", ""].join("\r\n"));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const answer = Buffer.concat(chunks);
  const border = answer.indexOf("\r\n\r\n");
  const head = answer.toString("latin1", 0, border);
  const length = /^Content-Length: (\d+)$/m.exec(head.replaceAll("\r", ""));
  if (!/^HTTP\/1\.1 (200|206) /.test(head) || !length) throw new Error(`the SDK cannot read this answer:\n${head}`);
  return { head, body: answer.subarray(border + 4, border + 4 + Number(length[1])) };
}

export class SdkDevice {
  private constructor(
    readonly mqtt: TestDevice,
    private component = "",
  ) {}

  /** Connects and says its version, as after each subscription. @param sdk default: it does not name itself */
  static async connect(
    url: string,
    options: Connect,
    version: string,
    { component = "", sdk = "2.9.0" } = {},
  ): Promise<SdkDevice> {
    const device = new SdkDevice(await TestDevice.connect(url, options), component);
    const about: Node[] = [
      [protocol.INFO_FIRMWARE, `${version}app1`],
      [protocol.INFO_SDK, sdk],
    ];
    await device.mqtt.report(about, protocol.CMD_INFO);
    return device;
  }

  /** Waits for the n-th downlink of a command, from 1. */
  async nth(cmd: number, count: number): Promise<Node[]> {
    const found = () => this.mqtt.downlinks.filter((one) => one.cmd === cmd);
    await this.mqtt.until(() => found().length >= count);
    return found()[count - 1].nodes;
  }

  /** How often it was sent a command. */
  times(cmd: number): number {
    return this.mqtt.downlinks.filter((one) => one.cmd === cmd).length;
  }

  /** Reports a state, 0114. */
  state(state: number, more: Node[] = []): Promise<void> {
    const nodes: Node[] = [
      [protocol.UPDATE_STATE, state],
      [protocol.UPDATE_STATE_NAME, TEXTS[state]],
      [protocol.UPDATE_TYPE, 0],
      [protocol.UPDATE_COMPONENT, this.component],
    ];
    return this.mqtt.tellUpdate([...nodes, ...more], protocol.CMD_UPDATE_STATE);
  }

  /** Takes the n-th task and consents. @returns where the file is */
  async consent(count = 1): Promise<Place> {
    const task = await this.nth(protocol.CMD_UPDATE_TASK, count);
    this.component = String(find(task, protocol.UPDATE_COMPONENT));
    await this.state(protocol.UPDATE_ASKED);
    await this.state(protocol.UPDATE_CONFIRMED);
    return this.place(count);
  }

  /** What the n-th 0113 says; the SDK demands all of these. */
  async place(count = 1): Promise<Place> {
    const nodes = await this.nth(protocol.CMD_UPDATE_FILE, count);
    for (const id of [1, 2, 3, 4, 6, 7, 15]) if (find(nodes, id) === undefined) throw new Error(`0113 without ${id}`);
    const [url, md5] = [protocol.UPDATE_URL, protocol.UPDATE_MD5].map((id) => String(find(nodes, id)));
    return { url, md5, size: findNumber(nodes, protocol.UPDATE_SIZE)! };
  }

  /** Downloads, checks and installs. @returns the file; nothing when its MD5 differs */
  async install(place: Place): Promise<Buffer | undefined> {
    await this.state(protocol.UPDATE_REQUESTED);
    const { body } = await download(place);
    await this.state(protocol.UPDATE_LOADING);
    await this.state(protocol.UPDATE_LOADED);
    const good = createHash("md5").update(body).digest("hex") === place.md5;
    await this.state(good ? protocol.UPDATE_INSTALLING : protocol.UPDATE_INTERRUPTED);
    return good ? body : undefined;
  }
}
