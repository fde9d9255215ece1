/** A device's side of MQTT for tests of the cloud, made of mqtt-packet and node:crypto: nothing of the device's own code. */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

import mqtt from "mqtt-packet";

import * as protocol from "../../src/codec/commands.js";
import { decodeFrame, encodeFrame } from "../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, find, type Node } from "../../src/codec/ttlv.js";

/** BASE64 of AES-128-CBC with PKCS#7, key = first 16 bytes of the secret. */
export function encrypt(secret: string, iv: Buffer, plain: string): string {
  const cipher = createCipheriv("aes-128-cbc", Buffer.from(secret).subarray(0, 16), iv);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64");
}

/** What `encrypt` has encrypted. */
export function decrypt(secret: string, iv: Buffer, base64: string): string {
  const decipher = createDecipheriv("aes-128-cbc", Buffer.from(secret).subarray(0, 16), iv);
  return Buffer.concat([decipher.update(base64, "base64"), decipher.final()]).toString("latin1");
}

/** The iv that a secret gives in passwords. */
export const ivOf = (secret: string | Buffer): Buffer => createHash("sha256").update(secret).digest().subarray(0, 16);

const sign = (text: string): string => createHash("sha256").update(text).digest("base64");
const rand = (): string => randomBytes(8).toString("hex");

export const authentication = (pk: string, ps: string, dk: string, flag = "0000"): string => {
  const random = rand();
  const body = `${dk};${random};${sign(`${dk};${ps};${random}`)}`;
  return `0;${flag};${pk};${encrypt(ps, ivOf(ps), body)}`;
};

export const connection = (ps: string, ds: string, flag = "0000"): string => {
  const random = rand();
  return `1;${flag};${random};${sign(`${ds};${ps};${random}`)}`;
};

/** AES-128-CBC with PKCS#7 under a session key. */
export function sealed(key: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv("aes-128-cbc", key, ivOf(key));
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

function opened(key: Buffer, payload: Buffer): Buffer {
  const decipher = createDecipheriv("aes-128-cbc", key, ivOf(key));
  return Buffer.concat([decipher.update(payload), decipher.final()]);
}

export interface Downlink {
  id: number;
  cmd: number;
  nodes: Node[];
  /** The content as it came. */
  data: string;
  topic: string;
}

export interface Connect {
  pk: string;
  ps: string;
  dk: string;
  /** Default: authentication, for a DS. */
  password?: string;
  /** 00B5 in the first flight. */
  report?: Node[];
  bytewise?: boolean;
  /** Default: its own topics. */
  subscribe?: string;
  /** Whether it acknowledges what the cloud publishes, and sends an authKey back; default true. */
  polite?: boolean;
  /** What it says of itself by 0044 in the first flight; only one that names itself so is told results. */
  sdk?: string;
}

interface Sending {
  /** The id of a packet that is sent again. */
  repeated?: number;
  segment?: string;
  qos?: 1 | 2;
}

/** As a device of this project names itself. */
export const OURS = `${protocol.SDK_NAME}0.1.0/2v29`;

export class TestDevice {
  /** The QoS that SUBACK has granted. */
  granted?: number;
  readonly downlinks: Downlink[] = [];
  /** What it does with application data and everything else that comes. */
  onDownlink: (downlink: Downlink) => void = () => {};
  closed = false;
  private readonly parser = mqtt.parser();
  private messageId = 1;
  private wake = () => {};
  readonly acknowledged = new Set<number>();
  private key?: Buffer;

  private constructor(
    private readonly socket: Socket,
    private readonly pk: string,
    private readonly dk: string,
    private readonly polite: boolean,
  ) {
    this.parser.on("packet", (packet) => this.received(packet));
    socket.on("data", (data) => this.parser.parse(data));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      this.wake();
    });
  }

  /** Connects and sends CONNECT, SUBSCRIBE and a first report in one piece, or byte by byte. */
  static async connect(
    url: string,
    { pk, ps, dk, password, report, bytewise, sdk, subscribe = `q/1/d/qd${pk}${dk}/+`, polite = true }: Connect,
  ): Promise<TestDevice> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname).setNoDelay();
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    const device = new TestDevice(socket, pk, dk, polite);
    const packets = [device.connectPacket(password ?? authentication(pk, ps, dk)), device.subscribePacket(subscribe)];
    if (sdk) packets.push(device.publishPacket(protocol.CMD_INFO, encodeTtlv([[protocol.INFO_SDK, sdk]])));
    if (report) packets.push(device.publishPacket(protocol.CMD_BINDING, encodeTtlv(report)));
    const raw = Buffer.concat(packets);
    if (!bytewise) socket.write(raw);
    else for (const byte of raw) socket.write(Buffer.of(byte));
    return device;
  }

  /** Waits for a downlink of that command. */
  async downlink(cmd: number): Promise<Node[]> {
    await this.until(() => this.downlinks.some((one) => one.cmd === cmd));
    return this.downlinks.find((one) => one.cmd === cmd)!.nodes;
  }

  /** The code of the 00A3 that it is refused with. */
  async refusal(): Promise<unknown> {
    return find(await this.downlink(protocol.CMD_EXCEPTION), protocol.EXCEPTION_CODE);
  }

  /** Authenticates and gives the DS. */
  async ds(): Promise<string> {
    return String(find(await this.downlink(protocol.CMD_CONFIG), protocol.CONFIG_DS));
  }

  /** Waits for a 00B4 with that id. */
  async configuration(id: number): Promise<string> {
    const holds = ({ cmd, nodes }: Downlink): boolean => cmd === protocol.CMD_CONFIG && find(nodes, id) !== undefined;
    await this.until(() => this.downlinks.some(holds));
    return String(find(this.downlinks.find(holds)!.nodes, id));
  }

  /** Subscribes once more on the same connection. */
  subscribeAgain(): void {
    this.socket.write(this.subscribePacket(`q/1/d/${this.clientId}/+`));
  }

  /** Publishes a frame, 00B5 by default, and waits for PUBACK. @returns the packet's id */
  async report(nodes: Node[], cmd: number = protocol.CMD_BINDING): Promise<number> {
    const id = this.messageId;
    this.socket.write(this.publishPacket(cmd, encodeTtlv(nodes)));
    await this.until(() => this.acknowledged.has(id));
    return id;
  }

  /** Publishes a frame of class `ota` with QoS 2, as the vendor's SDK does, and waits for PUBCOMP. */
  async tellUpdate(nodes: Node[], cmd: number): Promise<void> {
    const id = this.messageId;
    this.socket.write(this.publishPacket(cmd, encodeTtlv(nodes), { segment: "ota", qos: 2 }));
    await this.until(() => this.acknowledged.has(id));
  }

  /** Publishes application data on its `bus` and waits for PUBACK. */
  async tell(cmd: number, data: string, packageId = 1): Promise<void> {
    const id = this.messageId++;
    const payload = Buffer.from(encodeFrame(packageId, cmd, data), "latin1");
    const topic = `q/2/d/${this.clientId}/bus`;
    this.socket.write(
      mqtt.generate({ cmd: "publish", topic, payload, qos: 1, messageId: id, retain: false, dup: false }),
    );
    await this.until(() => this.acknowledged.has(id));
  }

  /** Sends 00B5 again with the id that it had, as if PUBACK had not come. */
  async repeat(id: number, nodes: Node[]): Promise<void> {
    this.acknowledged.delete(id);
    this.socket.write(this.publishPacket(protocol.CMD_BINDING, encodeTtlv(nodes), { repeated: id }));
    await this.until(() => this.acknowledged.has(id));
  }

  /** The authKey that it was sent last, in BASE64, as it stands in the cloud's frame. */
  async sealedKey(): Promise<string> {
    return this.configuration(protocol.CONFIG_SEALED);
  }

  /** The authKeys that it was sent, in BASE64. */
  authKeys(ps: string): string[] {
    const texts = this.downlinks.map(({ nodes }) => find(nodes, protocol.CONFIG_SEALED));
    return texts.flatMap((text) => (typeof text === "string" ? [decrypt(ps, ivOf(ps), text).split(",")[2]] : []));
  }

  /** Whole frames are under this key from now on, in both directions. */
  useKey(key: string): void {
    this.key = Buffer.from(key, "latin1");
  }

  /** Publishes any payload as it is on one of its own topics, QoS 0. */
  publish(payload: string, segment = "sys"): void {
    this.publishOn(`q/2/d/${this.clientId}/${segment}`, payload);
  }

  publishOn(topic: string, payload: string): void {
    const bytes = Buffer.from(payload, "latin1");
    const packet = { cmd: "publish", topic, payload: bytes, qos: 0 };
    this.socket.write(mqtt.generate({ ...packet, retain: false, dup: false } as mqtt.IPublishPacket));
  }

  /** Sends an authKey back. */
  echo(packageId: number, text: string): void {
    const data = encodeTtlv([[protocol.CONFIG_SEALED, text]]);
    const frame = Buffer.from(encodeFrame(packageId, protocol.CMD_CONFIG_ECHO, data), "latin1");
    this.publish((this.key ? sealed(this.key, frame) : frame).toString("latin1"));
  }

  /** Sends bytes on the connection. */
  raw(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends CONNECT once more. */
  connectAgain(password: string, level = 4): void {
    this.socket.write(this.connectPacket(password, level));
  }

  async until(condition: () => boolean): Promise<void> {
    const end = Date.now() + 3000;
    while (!condition()) {
      if (Date.now() > end) throw new Error("the cloud did not answer in 3 s");
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, 50);
      });
    }
  }

  stop(): void {
    this.socket.destroy();
  }

  private get clientId(): string {
    return `qd${this.pk}${this.dk}`;
  }

  /** Flags 0x42: a password without a username, which mqtt-packet refuses to generate. */
  private connectPacket(password: string, level = 4): Buffer {
    const text = (value: string): Buffer => {
      const bytes = Buffer.from(value, "latin1");
      return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 255), bytes]);
    };
    const body = Buffer.concat([text("MQTT"), Buffer.of(level, 0x42, 0, 120), text(this.clientId), text(password)]);
    const length = body.length < 128 ? Buffer.of(body.length) : Buffer.of((body.length & 127) | 128, body.length >> 7);
    return Buffer.concat([Buffer.of(0x10), length, body]);
  }

  private subscribePacket(topic: string): Buffer {
    const subscriptions = [{ topic, qos: 1 as const }];
    return mqtt.generate({ cmd: "subscribe", messageId: this.messageId++, subscriptions });
  }

  private publishPacket(cmd: number, data: string, { repeated, segment = "sys", qos = 1 }: Sending = {}): Buffer {
    const frame = Buffer.from(encodeFrame(1, cmd, data), "latin1");
    const payload = this.key ? sealed(this.key, frame) : frame;
    const topic = `q/2/d/${this.clientId}/${segment}`;
    const messageId = repeated ?? this.messageId++;
    const dup = repeated !== undefined;
    return mqtt.generate({ cmd: "publish", topic, payload, qos, messageId, retain: false, dup });
  }

  private received(packet: mqtt.Packet): void {
    if (packet.cmd === "pubrec") this.socket.write(mqtt.generate({ cmd: "pubrel", messageId: packet.messageId! }));
    if (packet.cmd === "puback" || packet.cmd === "pubcomp") this.acknowledged.add(packet.messageId!);
    if (packet.cmd === "suback") this.granted = Number(packet.granted[0]);
    if (packet.cmd === "publish") {
      if (packet.qos && this.polite) this.socket.write(mqtt.generate({ cmd: "puback", messageId: packet.messageId! }));
      const payload = packet.payload as Buffer;
      const frame = decodeFrame((this.key ? opened(this.key, payload) : payload).toString("latin1"))!;
      const nodes = decodeTtlv(frame.data) ?? [];
      const downlink = { id: frame.id, cmd: frame.cmd, nodes, data: frame.data, topic: packet.topic };
      this.downlinks.push(downlink);
      this.onDownlink(downlink);
      const sealedKey = find(nodes, protocol.CONFIG_SEALED);
      if (sealedKey !== undefined && this.polite) this.echo(frame.id, String(sealedKey));
    }
    this.wake();
  }
}
