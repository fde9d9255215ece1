/**
 * A small MQTT 3.1.1 client: QoS 0 and 1, clean session. It writes CONNECT, SUBSCRIBE and the first publishes without
 * waiting for answers, as MQTT 3.1.1 (3.1.4) allows, which saves two round trips. What a broker sends out of its place
 * ends the connection.
 */

import { at16 } from "../codec/bytes.js";
import type { Server } from "../codec/server.js";
import type { Link, LinkEvents, Hal, Timer, TlsOptions } from "../hal/hal.js";
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  duplicateOf,
  createPacketStream,
  PINGREQ,
  PINGRESP,
  PUBACK,
  pubackPacket,
  PUBLISH,
  publishPacket,
  SUBACK,
  subscribePacket,
  type Connect,
  type Packet,
} from "./packets.js";
import { CODE_LOST, CODE_TIMEOUT, CODE_UNREACHABLE } from "./retry.js";

/** A QoS 1 publish is sent this often, and this far apart [S]. */
const SENDS = 3;
const RESEND_AFTER = 2000;
/** Publishes that may be in flight. */
const MOST_IN_FLIGHT = 8;
/** From the dial to the SUBACK of the own subscription, and from a ping to its answer [S]. */
const HANDSHAKE_TIMEOUT = 15000;
const PING_TIMEOUT = 10000;
/** Packet ids of received publishes that are remembered to drop duplicates. */
const REMEMBERED = 4;
/** Largest packet body in bytes that is read; larger ones are skipped. */
const PACKET_LIMIT = 2048;
/** Unsolicited packets within a second: one more ends the connection. */
const MOST_STRAYS = 20;

/** Packet id of SUBSCRIBE; no publish has it. */
const SUBSCRIPTION = 0xffff;

// States, in the order in which a connection goes through them.
const CLOSED = 0;
const CONNECTING = 1; // CONNACK must come
const SUBSCRIBING = 2; // accepted: SUBACK must come, publishes may
const READY = 3;
const PINGING = 4; // ready, and PINGRESP must come

export interface MqttEvents {
  /** TCP (and TLS) is open; CONNECT and SUBSCRIBE have been written. */
  opened(): void;
  /** CONNACK return code: 0 accepted, 1 to 5 refused. */
  connack(code: number): void;
  /** SUBACK return code: 0 or 1 granted, 128 refused. */
  suback(code: number): void;
  /** @returns whether it could be read: one that cannot counts as unsolicited */
  message(payload: string): boolean;
  /**
   * The connection is gone, not by `close`, which must follow.
   * @param code CODE_LOST, CODE_TIMEOUT, or CODE_UNREACHABLE when the other end does not speak MQTT as it must
   * @param early whether CONNACK had not come
   */
  lost(code: number, early: boolean): void;
}

export interface Mqtt {
  /** Opens a connection in place of the last one. @returns 0, or why it failed at once (as Hal.connect) */
  open(server: Server, tls: TlsOptions | undefined, connect: Connect, filter: string): number;
  /** Says good-bye and ends the connection. No event follows. */
  close(): void;
  /** Whether the broker has granted the subscription of this connection. */
  subscribed(): boolean;
  /** Publishes with QoS 0. */
  send(topic: string, payload: string): void;
  /**
   * Publishes with QoS 1, at once.
   * @param done told once whether the broker has acknowledged: false when it has not in time, or the connection ends
   * @param again other than 0: marked as sent before
   * @returns false when too many are in flight
   */
  publish(topic: string, payload: string, done?: (acknowledged: boolean) => void, again?: number): boolean;
}

interface Publish {
  _id: number;
  _packet: string;
  _done: ((acknowledged: boolean) => void) | undefined;
}

/** @once */
export function createMqtt(hal: Hal, events: MqttEvents): Mqtt {
  const stream = createPacketStream(PACKET_LIMIT);
  let state = CLOSED;
  let link: Link | undefined; // while not closed
  let greeting = ""; // what is said first on a connection
  let flight: Publish[] = [];
  let seen: number[] = [];
  let sends = 0;
  let packetId = 0;
  let keepalive = 0;
  let strays = 0;
  let second = 0; // when their counting began
  let resend: Timer | undefined;
  let guard: Timer | undefined; // what the state waits for next

  function nextId(): number {
    packetId = (packetId % (SUBSCRIPTION - 1)) + 1;
    return packetId;
  }

  function write(bytes: string): void {
    if (link) link.send(bytes);
  }

  function close(): void {
    const old = link;
    const lost = flight;
    hal.cancel(resend);
    hal.cancel(guard);
    state = CLOSED;
    link = undefined;
    flight = [];
    seen = [];
    if (old) {
      old.send(DISCONNECT);
      old.end();
    }
    lost.forEach((one) => one._done && one._done(false));
  }

  function lose(code: number): undefined {
    const old = link;
    if (!old) return;
    link = undefined;
    old.end();
    events.lost(code, state <= CONNECTING);
  }

  function timedOut(): void {
    lose(CODE_TIMEOUT);
  }

  /** Waits for one thing at a time. */
  function watch(milliseconds: number, over: () => void): void {
    hal.cancel(guard);
    guard = hal.after(milliseconds, over);
  }

  function ping(): void {
    state = PINGING;
    write(PINGREQ);
    watch(PING_TIMEOUT, timedOut);
  }

  /** Twice in a keepalive, whatever else travels [S]: a peer that takes publishes and answers nothing is dead. */
  function ready(): void {
    state = READY;
    watch(keepalive * 500, ping);
  }

  function stray(): undefined {
    const now = hal.now();
    if (now - second > 1000) {
      second = now;
      strays = 0;
    }
    if (++strays > MOST_STRAYS) lose(CODE_UNREACHABLE);
  }

  /** What is in flight is sent again, in its order, when two seconds pass without an acknowledgement. */
  function wait(): void {
    hal.cancel(resend);
    if (flight.length) resend = hal.after(RESEND_AFTER, repeat);
  }

  /** The third time the oldest is given up. */
  function repeat(): void {
    if (++sends >= SENDS) return settle(0, false);
    flight.forEach((one) => write(duplicateOf(one._packet)));
    wait();
  }

  function settle(at: number, acknowledged: boolean): undefined {
    const one = flight.splice(at, 1)[0];
    sends = 0;
    wait();
    if (one._done) one._done(acknowledged);
  }

  /** @returns what a PUBLISH brings, unless it came before */
  function receivePublish(head: number, body: string): string | undefined {
    const topicEnd = 2 + at16(body, 0);
    const qos = (head >> 1) & 3;
    const start = qos ? topicEnd + 2 : topicEnd;
    // Two bytes that are not there are read as 0 or more than a body has.
    if (qos > 1 || body.length < 2 || start > body.length) return lose(CODE_UNREACHABLE);
    if (qos) {
      const id = at16(body, topicEnd);
      write(pubackPacket(id));
      if (head & 8 && seen.indexOf(id) >= 0) return undefined;
      seen.push(id);
      if (seen.length > REMEMBERED) seen.shift();
    }
    return body.substr(start);
  }

  /** @returns the message in it, if it is a new one: returned, so that its handler starts on a shallow stack */
  function receive(packet: Packet): string | undefined | void {
    const head = packet.head;
    const body = packet.body;
    const length = body.length;
    const code = body.charCodeAt(length - 1); // of CONNACK and SUBACK
    const id = at16(body, 0);
    if (state == CONNECTING) {
      if (head == CONNACK && length == 2 && code < 6) {
        state = SUBSCRIBING;
        return events.connack(code);
      }
    } else if (head >> 4 == PUBLISH) {
      return receivePublish(head, body);
    } else if (head == PUBACK && length == 2) {
      for (let i = 0; i < flight.length; i++) if (flight[i]._id == id) return settle(i, true);
      return stray();
    } else if (head == PINGRESP && !length) {
      return state == PINGING ? ready() : stray();
    } else if (
      head == SUBACK &&
      length == 3 &&
      state == SUBSCRIBING &&
      id == SUBSCRIPTION &&
      (code < 2 || code == 128)
    ) {
      ready();
      return events.suback(code);
    }
    return lose(CODE_UNREACHABLE);
  }

  const ofLink: LinkEvents = {
    opened() {
      // Espruino also says it of a socket that was given up before.
      if (!greeting) return;
      write(greeting);
      greeting = "";
      events.opened();
    },
    received(bytes) {
      stream.push(bytes);
      // A packet may end the connection, and more follow it.
      let packet = stream.next();
      while (packet && link) {
        const message = receive(packet);
        if (typeof message == "string" && !events.message(message)) stray();
        packet = stream.next();
      }
      if (stream.broken) lose(CODE_UNREACHABLE);
    },
    closed: () => lose(CODE_LOST),
  };

  return {
    open(server, tls, connect, filter) {
      stream.reset();
      greeting = connectPacket(connect) + subscribePacket(SUBSCRIPTION, filter);
      const opened = hal.connect(server.host, server.port, server.secure ? tls || {} : undefined, ofLink);
      if (typeof opened == "number") return opened;
      link = opened;
      state = CONNECTING;
      keepalive = connect.alive;
      watch(HANDSHAKE_TIMEOUT, timedOut);
      return 0;
    },
    close: close,
    subscribed: () => state >= READY,
    send(topic, payload) {
      write(publishPacket(0, topic, payload));
    },
    publish(topic, payload, done, again) {
      if (flight.length >= MOST_IN_FLIGHT) return false;
      const id = nextId();
      const packet = publishPacket(id, topic, payload);
      flight.push({ _id: id, _packet: packet, _done: done });
      write(again ? duplicateOf(packet) : packet);
      if (flight.length == 1) wait();
      return true;
    },
  };
}
