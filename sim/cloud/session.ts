/** One connection of a device: what goes down on it, under its session key if it has one. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

import * as protocol from "../../src/codec/commands.js";
import { decodeFrame, encodeFrame } from "../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import type { Admission } from "./admission.js";
import { sealKey } from "./auth-key.js";
import type { DeviceRecord, Result } from "./device-record.js";

/** What a session needs of the broker that its device is connected to. */
export interface Wire {
  /** Publishes with QoS 1. @param acknowledged the device has it @param written it has left for the device */
  publish(topic: string, payload: Buffer, acknowledged: () => void, written: () => void): void;
  /** Ends the connection, if that can be done from here. */
  end(): void;
  /** Whether `acknowledged` is the device's word, not only the broker's. */
  readonly confirms: boolean;
  /** How often the device has waited for an answer before it went on, where that can be seen. */
  readonly roundTrips?: number;
  /** IP address of the device, where that can be seen. */
  readonly address?: string;
}

function resultNodes({ bound, reason, code }: Result): Node[] {
  const nodes: Node[] = [[protocol.RESULT_BOUND, bound]];
  if (code) nodes.push([protocol.RESULT_CODE, code]);
  return [...nodes, [protocol.RESULT_REASON, reason]];
}

const ivOf = (key: Buffer): Buffer => createHash("sha256").update(key).digest().subarray(0, 16);

/** AES-128-CBC with PKCS#7. @returns nothing for what is not encrypted so */
function decrypt(key: Buffer, payload: Buffer): Buffer {
  try {
    const decipher = createDecipheriv("aes-128-cbc", key, ivOf(key));
    return Buffer.concat([decipher.update(payload), decipher.final()]);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Reads that wait for their answers. */
const MOST_READS = 64;

export class Session {
  /**
   * Whether it is known whose the device is. One that authenticates may have been reset, which its 00B5 says: until then
   * it is told nothing of the binding that it had.
   */
  settled: boolean;
  /** Whether the device has reported credentials (00B5) on this connection. */
  reported = false;
  private readonly begun = performance.now();
  /** Results on their way. */
  private readonly sent = new Set<Result>();
  /** The authKey that was sent last, and how. */
  private sentKey?: { key: Buffer; text: string; packageId: number };
  private key?: Buffer;
  /** Whether the device has used the key: from then on it sends nothing plain. */
  private keyUsed = false;
  /** Who waits for the answer to a read, by its package id. */
  private readonly reads = new Map<number, () => void>();

  /** Milliseconds since it began. */
  get age(): number {
    return performance.now() - this.begun;
  }

  /**
   * @param clientId as the device has sent it
   * @param nextId the package id of the next downlink
   * @param watch told each downlink, in clear
   */
  constructor(
    readonly wire: Wire,
    readonly clientId: string,
    readonly admission: Admission,
    private readonly nextId: () => number,
    private readonly watch: (frame: Buffer, sealed: boolean, segment: string) => void,
  ) {
    // Behind a broker that does not ask the cloud, it is unknown which it was.
    this.settled = "device" in admission && (!admission.authenticating || admission.keepDs === true);
  }

  /** Publishes a frame on the device's `sys` topic with QoS 1. @returns its package id */
  send(cmd: number, nodes: Node[], acknowledged = () => {}, written = () => {}): number {
    return this.publish("sys", cmd, encodeTtlv(nodes), acknowledged, written);
  }

  /** The same for application data, on `bus`. @returns a promise of its acknowledgement */
  sendData(cmd: number, data: string): Promise<void> {
    return new Promise((resolve) => void this.publish("bus", cmd, data, resolve));
  }

  /** Asks for properties, all without ids. @returns a promise of the answer */
  read(ids: number[]): Promise<void> {
    const request = ids.map((id) => String.fromCharCode(id >> 8, id & 255)).join("");
    // Of a device that answers no reads.
    const [oldest] = this.reads.keys();
    if (this.reads.size >= MOST_READS) this.reads.delete(oldest);
    return new Promise((resolve) => this.reads.set(this.publish("bus", protocol.CMD_READ, request), resolve));
  }

  /** The device has answered a read, and what it said is kept. */
  answered(packageId: number): void {
    this.reads.get(packageId)?.();
    this.reads.delete(packageId);
  }

  /** Sends a configuration; with it, in clear, the session key of a device that has asked for one. */
  configure(nodes: Node[]): void {
    const key = "device" in this.admission && this.admission.encrypt && !this.key ? randomBytes(16) : undefined;
    if (key) nodes = [...nodes, [protocol.CONFIG_SESSION_KEY, key.toString("latin1")]];
    if (nodes.length) this.send(protocol.CMD_CONFIG, nodes);
    if (key) this.key = key;
  }

  /** Sends the authKey that is on its way, once a connection. @returns whether it was sent now */
  sendKey(device: DeviceRecord): boolean {
    const key = device.nextAuthKey;
    if (!key || this.sentKey?.key === key) return false;
    const text = sealKey(device, key);
    this.sentKey = { key, text, packageId: this.send(protocol.CMD_CONFIG, [[protocol.CONFIG_SEALED, text]]) };
    return true;
  }

  /** The device has sent an authKey back. @returns whether it is the one that was sent */
  echoed(device: DeviceRecord, packageId: number, text: string): boolean {
    const sent = this.sentKey;
    if (sent?.packageId !== packageId || sent.text !== text) return false;
    if (device.nextAuthKey === sent.key) device.confirmKey();
    return true;
  }

  /** Tells the device the results that it does not know (00E6), if it is one that understands them. */
  tellResults(device: DeviceRecord): void {
    if (!String(device.info.get(protocol.INFO_SDK) ?? "").startsWith(protocol.SDK_NAME)) return;
    for (const result of device.untold.filter((one) => !this.sent.has(one))) {
      this.sent.add(result);
      this.send(protocol.CMD_BINDING_RESULT, resultNodes(result), () => {
        // Where nobody sees whether it has arrived, it is told twice, on two connections.
        if (this.wire.confirms || result.published) device.told(result);
        result.published = true;
        device.save();
      });
    }
  }

  /** Publishes a frame of an update, on `ota`. */
  sendUpdate(cmd: number, nodes: Node[]): void {
    this.publish("ota", cmd, encodeTtlv(nodes));
  }

  /** The class (sys, bus, ota) of a topic of this device's own, which may name a peer behind it. */
  classOf(topic: string): string | undefined {
    const own = `q/2/d/${this.clientId}/`;
    return topic.startsWith(own) ? /^(sys|bus|ota)(\/[^/]+)?$/.exec(topic.slice(own.length))?.[1] : undefined;
  }

  /** What the device has published, in clear. Only what it sent before it had the key may be in clear already. */
  unseal(payload: Buffer): Buffer {
    if (!this.key) return payload;
    const plain = decrypt(this.key, payload);
    if (!this.keyUsed && !decodeFrame(plain.toString("latin1"))) return payload;
    this.keyUsed = true;
    return plain;
  }

  private publish(segment: string, cmd: number, data: string, acknowledged = () => {}, written = () => {}): number {
    const packageId = this.nextId();
    const frame = Buffer.from(encodeFrame(packageId, cmd, data), "latin1");
    this.watch(frame, this.key !== undefined, segment);
    this.wire.publish(`q/1/d/${this.clientId}/${segment}`, this.seal(frame), acknowledged, written);
    return packageId;
  }

  private seal(frame: Buffer): Buffer {
    if (!this.key) return frame;
    const cipher = createCipheriv("aes-128-cbc", this.key, ivOf(this.key));
    return Buffer.concat([cipher.update(frame), cipher.final()]);
  }
}
