/**
 * A small MQTT 3.1.1 client: QoS 0 and 1, clean session. It writes CONNECT, SUBSCRIBE and the first publishes without
 * waiting for answers, as MQTT 3.1.1 (3.1.4) allows, which saves two round trips. What a broker sends out of its place
 * ends the connection.
 */

import type { Server } from "../codec/server.js";
import type { Hal, LinkEvents, TlsOptions } from "../hal/hal.js";
import { createFlight, type Flight } from "./flight.js";
import { createInbound, type InboundEvents } from "./inbound.js";
import { CONNECTING, createLiveness, READY } from "./liveness.js";
import {
  clear,
  connectPacket,
  DISCONNECT,
  nextPacket,
  publishPacket,
  subscribePacket,
  SUBSCRIPTION,
  type Connect,
  type Packet,
  type PacketBuffer,
} from "./packets.js";
import { CODE_LOST, CODE_TIMEOUT, CODE_UNREACHABLE } from "./retry.js";
import { createStrays } from "./strays.js";
import { createWire } from "./wire.js";

/** Largest packet body in bytes that is read; larger ones are skipped. */
const PACKET_LIMIT = 2048;

export interface MqttEvents extends InboundEvents {
  /** TCP (and TLS) is open; CONNECT and SUBSCRIBE have been written. */
  opened(): void;
  /** @returns whether it could be read: one that cannot counts as unsolicited */
  message(payload: string): boolean;
  /**
   * The connection is gone, not by `close`, which must follow.
   * @param code CODE_LOST, CODE_TIMEOUT, or CODE_UNREACHABLE when the other end does not speak MQTT as it must
   * @param early whether CONNACK had not come
   */
  lost(code: number, early: boolean): void;
}

export interface Mqtt extends Pick<Flight, "publish"> {
  /** Opens a connection in place of the last one. @returns 0, or why it failed at once (as Hal.connect) */
  open(server: Server, tls: TlsOptions | undefined, connect: Connect, filter: string): number;
  /** Says good-bye and ends the connection. No event follows. */
  close(): void;
  /** Whether the broker has granted the subscription of this connection. */
  subscribed(): boolean;
  /** Publishes with QoS 0. @returns whether the connection takes it */
  send(topic: string, payload: string): boolean;
}

/** @once */
export function createMqtt(hal: Hal, events: MqttEvents): Mqtt {
  const stream: PacketBuffer = { bytes: "", skip: 0, broken: false };
  let greeting = ""; // what is sent first on a connection
  const wire = createWire(hal);
  const liveness = createLiveness(hal, wire, () => lose(CODE_TIMEOUT));
  const flight = createFlight(hal, wire);
  const inbound = createInbound(wire, liveness, flight, events);
  const isTooMany = createStrays(hal);

  function lose(code: number): void {
    if (wire.end()) events.lost(code, liveness.current() <= CONNECTING);
  }

  const ofLink: LinkEvents = {
    opened() {
      // Espruino also says it of a socket that was given up before.
      if (!greeting) return;
      wire.write(greeting);
      greeting = "";
      events.opened();
    },
    received(bytes) {
      stream.bytes += bytes;
      let packet: Packet | undefined;
      // A packet may end the connection, and more follow it.
      while (wire.isOpen() && (packet = nextPacket(stream, PACKET_LIMIT))) {
        const message = inbound.receive(packet);
        const asked = typeof message == "string" ? events.message(message) : message;
        if (asked === undefined || (!asked && isTooMany())) lose(CODE_UNREACHABLE);
      }
      if (stream.broken) lose(CODE_UNREACHABLE);
    },
    closed: () => lose(CODE_LOST),
  };

  return {
    open(server, tls, connect, filter) {
      clear(stream);
      greeting = connectPacket(connect) + subscribePacket(SUBSCRIPTION, filter);
      const problem = wire.open(server, tls, ofLink);
      if (!problem) liveness.begin(connect.alive);
      return problem;
    },
    close() {
      liveness.end();
      inbound.end();
      wire.write(DISCONNECT);
      wire.end();
      flight.end();
    },
    subscribed: () => liveness.current() >= READY,
    send: (topic, payload) => wire.write(publishPacket(0, topic, payload)),
    publish: flight.publish,
  };
}
