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
  nextPacket,
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
  type PacketBuffer,
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
  const stream: PacketBuffer = { bytes: "", skip: 0, broken: false };
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
  let moved = false; // whether the broker has acknowledged, or was sent, one more since the timer began
  let guard: Timer | undefined; // what the state waits for next

  function write(bytes: string): void {
    if (link) link.send(bytes);
  }

  function close(): void {
    const old = link;
    const lost = flight;
    hal.cancel(resend);
    hal.cancel(guard);
    resend = undefined;
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

  function lose(code: number): void {
    const old = link;
    if (!old) return;
    link = undefined;
    old.end();
    events.lost(code, state <= CONNECTING);
  }

  /** Waits for one thing at a time. */
  function watch(milliseconds: number): void {
    hal.cancel(guard);
    guard = hal.after(milliseconds, over);
  }

  /** Twice in a keepalive, whatever else travels [S]: a peer that takes publishes and answers nothing is dead. */
  function ready(): void {
    state = READY;
    watch(keepalive * 500);
  }

  /** It is time to ping, or what the state waits for has not come. */
  function over(): void {
    if (state != READY) return lose(CODE_TIMEOUT);
    state = PINGING;
    write(PINGREQ);
    watch(PING_TIMEOUT);
  }

  /** Something moves: one timer runs meanwhile; one that each publish set anew would cost as much as they do. */
  function wait(): void {
    moved = !!resend;
    if (resend) return;
    resend = hal.after(RESEND_AFTER, repeat);
  }

  /** What is in flight is sent again, in its order, when nothing has moved since; the third time the oldest is given up. */
  function repeat(): void {
    resend = undefined;
    if (!flight.length) return;
    if (!moved && ++sends >= SENDS) return settle(0, false);
    if (!moved) flight.forEach((one) => write(duplicateOf(one._packet)));
    wait();
  }

  function settle(at: number, acknowledged: boolean): void {
    const one = flight.splice(at, 1)[0];
    sends = 0;
    wait();
    if (one._done) one._done(acknowledged);
  }

  /** Acknowledges a PUBLISH. @returns whether it came before */
  function isOld(head: number, id: number): boolean {
    write(pubackPacket(id));
    if (head & 8 && seen.indexOf(id) >= 0) return true;
    seen.push(id);
    if (seen.length > REMEMBERED) seen.shift();
    return false;
  }

  /**
   * @returns the message in it, if it is a new one: returned, so that its handler starts on a shallow stack. True for
   * what was not asked for.
   */
  function receive(packet: Packet): string | true | undefined | void {
    const head = packet.head;
    const body = packet.body;
    const length = body.length;
    const code = body.charCodeAt(length - 1); // of CONNACK and SUBACK
    const first = at16(body, 0); // a length, or an id
    if (state == CONNECTING) {
      if (head == CONNACK && length == 2 && code < 6) {
        state = SUBSCRIBING;
        return events.connack(code);
      }
    } else if (head >> 4 == PUBLISH) {
      const qos = (head >> 1) & 3;
      const start = first + (qos ? 4 : 2);
      // Two bytes that are not there are read as 0 or more than a body has.
      if (qos < 2 && length > 1 && start <= length)
        return qos && isOld(head, at16(body, first + 2)) ? undefined : body.substr(start);
    } else if (head == PUBACK && length == 2) {
      for (let i = 0; i < flight.length; i++) if (flight[i]._id == first) return settle(i, true);
      return true;
    } else if (head == PINGRESP && !length) {
      return state == PINGING ? ready() : true;
    } else if (
      head == SUBACK &&
      length == 3 &&
      state == SUBSCRIBING &&
      first == SUBSCRIPTION &&
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
      stream.bytes += bytes;
      // A packet may end the connection, and more follow it.
      for (let packet = nextPacket(stream, PACKET_LIMIT); packet && link; packet = nextPacket(stream, PACKET_LIMIT)) {
        const message = receive(packet);
        if (!(typeof message == "string" ? !events.message(message) : message === true)) continue;
        const now = hal.now();
        if (now - second > 1000) {
          second = now;
          strays = 0;
        }
        if (++strays > MOST_STRAYS) lose(CODE_UNREACHABLE);
      }
      if (stream.broken) lose(CODE_UNREACHABLE);
    },
    closed: () => lose(CODE_LOST),
  };

  return {
    open(server, tls, connect, filter) {
      stream.bytes = "";
      stream.skip = 0;
      stream.broken = false;
      greeting = connectPacket(connect) + subscribePacket(SUBSCRIPTION, filter);
      const opened = hal.connect(server.host, server.port, server.secure ? tls || {} : undefined, ofLink);
      if (typeof opened == "number") return opened;
      link = opened;
      state = CONNECTING;
      keepalive = connect.alive;
      watch(HANDSHAKE_TIMEOUT);
      return 0;
    },
    close: close,
    subscribed: () => state >= READY,
    send(topic, payload) {
      write(publishPacket(0, topic, payload));
    },
    publish(topic, payload, done, again) {
      if (flight.length >= MOST_IN_FLIGHT) return false;
      packetId = (packetId % (SUBSCRIPTION - 1)) + 1;
      const packet = publishPacket(packetId, topic, payload);
      flight.push({ _id: packetId, _packet: packet, _done: done });
      write(again ? duplicateOf(packet) : packet);
      wait();
      return true;
    },
  };
}
