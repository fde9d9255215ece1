/** The other end of MQTT for unit tests of the device: connections that the test opens, answers and cuts by hand. */

import mqtt from "mqtt-packet";

import type { Server } from "../../src/codec/server.js";
import type { Link, LinkEvents } from "../../src/hal/hal.js";
import { latin1 } from "./hal.js";

/** One connection of the device, as the broker sees it. */
export class BrokerLink implements Link {
  private readonly acknowledged = new Set<number>();
  readonly packets: mqtt.Packet[] = [];
  ended = false;
  /** Whether more waits than the connection takes: what is sent is lost. */
  full = false;
  private parser = mqtt.parser();

  constructor(
    readonly server: Server,
    readonly events: LinkEvents,
  ) {
    this.parser.on("packet", (packet) => this.packets.push(packet));
  }

  send(bytes: string): boolean {
    if (this.ended) throw new Error("bytes after the end");
    if (this.full) return false;
    this.parser.parse(latin1(bytes));
    return true;
  }

  end(): void {
    this.ended = true;
  }

  get commands(): string[] {
    return this.packets.map(({ cmd }) => cmd!);
  }

  get publishes(): mqtt.IPublishPacket[] {
    return this.packets.filter((packet): packet is mqtt.IPublishPacket => packet.cmd === "publish");
  }

  answer(packet: mqtt.Packet): void {
    this.events.received(mqtt.generate(packet).toString("latin1"));
  }

  connack(returnCode = 0): void {
    this.answer({ cmd: "connack", sessionPresent: false, returnCode });
  }

  suback(granted = 1): void {
    const subscribe = this.packets.find(({ cmd }) => cmd === "subscribe");
    this.answer({ cmd: "suback", messageId: subscribe!.messageId!, granted: [granted] });
  }

  /** Acknowledges the last publish that has come, unless an id is given. */
  puback(messageId = this.publishes.at(-1)!.messageId!): void {
    this.acknowledged.add(messageId);
    this.answer({ cmd: "puback", messageId });
  }

  /** Acknowledges what is in flight, in its order, and what follows from that. */
  acknowledgeAll(): void {
    const next = this.publishes.find(({ qos, messageId }) => qos && !this.acknowledged.has(messageId!));
    if (!next) return;
    this.puback(next.messageId);
    this.acknowledgeAll();
  }

  publish(payload: string, options: { id?: number; qos?: 0 | 1 | 2; dup?: boolean } = {}): void {
    const { id: messageId = 1, qos = 1, dup = false } = options;
    this.answer({ cmd: "publish", topic: "t", payload: latin1(payload), messageId, qos, dup, retain: false });
  }

  /** Opens the connection and accepts CONNECT and SUBSCRIBE. */
  accept(): void {
    this.events.opened!();
    this.connack();
    this.suback();
  }
}

export class FakeBroker {
  readonly links: BrokerLink[] = [];
  /** What the next connection attempts give at once instead of a connection (FAIL_…), 0 to let them through. */
  refuse = 0;

  connect = (host: string, port: number, tls: object | undefined, events: LinkEvents): Link | number => {
    if (this.refuse) return this.refuse;
    this.links.push(new BrokerLink({ host, port, secure: tls !== undefined }, events));
    return this.last;
  };

  get last(): BrokerLink {
    return this.links.at(-1)!;
  }
}
