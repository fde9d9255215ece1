/** One connection of a device: what goes down on it, and what the device acknowledges. */
import type { Client, PublishPacket } from "aedes";

import * as protocol from "../../src/codec/commands.js";
import { encodeFrame } from "../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import type { Admission } from "./admission.js";
import type { DeviceRecord, Result } from "./device-record.js";

function resultNodes({ bound, reason, code, authKey }: Result): Node[] {
  const nodes: Node[] = [[protocol.RESULT_BOUND, bound]];
  if (code) nodes.push([protocol.RESULT_CODE, code]);
  if (authKey) nodes.push([protocol.RESULT_AUTH_KEY, authKey.toString("latin1")]);
  return [...nodes, [protocol.RESULT_REASON, reason]];
}

export class Session {
  /** What to do when the device acknowledges its downlinks, oldest first: MQTT demands that order. */
  private readonly acknowledgements: (() => void)[] = [];
  /** Results on their way. */
  private readonly sent = new Set<Result>();
  private lastMessageId?: number;

  /**
   * @param clientId as the device has sent it
   * @param nextId the package id of the next downlink
   */
  constructor(
    private readonly client: Client,
    readonly clientId: string,
    readonly admission: Admission,
    private readonly nextId: () => number,
  ) {}

  /** Publishes a frame on the device's `sys` topic with QoS 1. */
  send(cmd: number, nodes: Node[], acknowledged = () => {}, written = () => {}): void {
    this.acknowledgements.push(acknowledged);
    const payload = Buffer.from(encodeFrame(this.nextId(), cmd, encodeTtlv(nodes)), "latin1");
    const topic = `q/1/d/${this.clientId}/sys`;
    this.client.publish({ cmd: "publish", topic, payload, qos: 1, retain: false, dup: false }, () => written());
  }

  /** Tells the device the results that it does not know (00B6). */
  tellResults(device: DeviceRecord): void {
    for (const result of device.untold.filter((one) => !this.sent.has(one))) {
      this.sent.add(result);
      this.send(protocol.CMD_BINDING_RESULT, resultNodes(result), () => {
        device.told(result);
        device.save();
      });
    }
  }

  /** PUBACK came. */
  acknowledged(): void {
    this.acknowledgements.shift()?.();
  }

  /** Whether the device sends a packet again that was taken already. */
  repeats({ dup, qos, messageId }: PublishPacket): boolean {
    const repeated = dup && messageId === this.lastMessageId;
    if (qos) this.lastMessageId = messageId;
    return repeated;
  }

  /** The class (sys, bus, ota) of a topic of this device's own, which may name a peer behind it. */
  classOf(topic: string): string | undefined {
    const own = `q/2/d/${this.clientId}/`;
    return topic.startsWith(own) ? /^(sys|bus|ota)(\/[^/]+)?$/.exec(topic.slice(own.length))?.[1] : undefined;
  }
}
