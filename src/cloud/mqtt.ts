/**
 * A small MQTT 3.1.1 client: QoS 0 and 1, clean session. It writes CONNECT, SUBSCRIBE and the first publishes without
 * waiting for answers, as MQTT 3.1.1 (3.1.4) allows, which saves two round trips.
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
  PUBACK,
  pubackPacket,
  PUBLISH,
  publishPacket,
  SUBACK,
  subscribePacket,
  type Connect,
  type Packet,
} from "./packets.js";

/** A QoS 1 publish is sent this often, and this far apart [S]. */
const SENDS = 3;
const RESEND_AFTER = 2000;
/** Publishes that may wait, the one in flight included. */
const QUEUE_LIMIT = 8;
/** The broker must answer CONNECT and SUBSCRIBE within this time, and a ping within the other [S]. */
const HANDSHAKE_TIMEOUT = 15000;
const PING_TIMEOUT = 10000;
/** Packet ids of received publishes that are remembered to drop duplicates. */
const REMEMBERED = 4;
/** Largest packet body in bytes that is read; larger ones are skipped. */
const PACKET_LIMIT = 2048;

export interface MqttEvents {
  /** TCP (and TLS) is open; CONNECT and SUBSCRIBE have been written. */
  opened(): void;
  /** CONNACK return code, 0 accepted. */
  connack(code: number): void;
  /** SUBACK return code: 0 or 1 granted, 128 refused. */
  suback(code: number): void;
  message(payload: string): void;
  /**
   * The connection is gone, not by `close`. Publishes that were not acknowledged are forgotten.
   * @param timeout whether it was given up @param heard whether anything had come over it
   */
  lost(timeout: boolean, heard: boolean): void;
}

export interface Mqtt {
  /** Opens a connection in place of the last one. @returns 0, or why it failed at once (as Hal.connect) */
  open(server: Server, tls: TlsOptions | undefined, connect: Connect, filter: string): number;
  /** Says good-bye and ends the connection. No event follows. */
  close(): void;
  /** Publishes with QoS 0. */
  send(topic: string, payload: string): void;
  /**
   * Publishes with QoS 1, one at a time.
   * @param done told once whether the broker has acknowledged; never, when the connection ends before
   * @returns false when the queue is full
   */
  publish(topic: string, payload: string, done: (acknowledged: boolean) => void): boolean;
}

interface Publish {
  _id: number;
  _packet: string;
  _done: (acknowledged: boolean) => void;
}

/** @once */
export function createMqtt(hal: Hal, events: MqttEvents): Mqtt {
  const stream = createPacketStream(PACKET_LIMIT);
  let link: Link | undefined;
  let greeting = ""; // what is said first on a connection
  let queue: Publish[] = [];
  let seen: number[] = [];
  let sends = 0;
  let packetId = 0;
  let keepalive = 0;
  let heard = false;
  let busy = false; // whether anything was sent since the last look
  let resend: Timer | undefined;
  let guard: Timer | undefined;
  let ping: Timer | undefined;

  function nextId(): number {
    packetId = (packetId % 0xffff) + 1;
    return packetId;
  }

  function write(bytes: string): void {
    busy = true;
    if (link) link.send(bytes);
  }

  function forget(): void {
    hal.cancel(resend);
    hal.cancel(guard);
    hal.cancel(ping);
    link = undefined;
    queue = [];
    seen = [];
  }

  function lose(timeout: boolean): undefined {
    const old = link;
    if (!old) return;
    forget();
    old.end();
    events.lost(timeout, heard);
  }

  /** Expects a sign of life within that time; 0 stops expecting. */
  function watch(milliseconds: number): void {
    hal.cancel(guard);
    if (milliseconds) guard = hal.after(milliseconds, () => lose(true));
  }

  /** Twice in a keepalive: if nothing was sent since the last time, ping, and expect an answer. */
  function tick(): void {
    if (!busy) {
      write(PINGREQ);
      watch(PING_TIMEOUT);
    }
    schedulePing();
  }

  function schedulePing(): void {
    busy = false;
    hal.cancel(ping);
    ping = hal.after(keepalive * 500, tick);
  }

  /** Sends the first of the queue, up to three times. */
  function attempt(): void {
    const first = queue[0];
    write(sends++ ? duplicateOf(first._packet) : first._packet);
    resend = hal.after(RESEND_AFTER, () => {
      if (sends < SENDS) attempt();
      else settle(false);
    });
  }

  /** Ends the publish in flight and starts the next. */
  function settle(acknowledged: boolean): void {
    hal.cancel(resend);
    const first = queue.shift()!;
    sends = 0;
    if (queue.length) attempt();
    first._done(acknowledged);
  }

  /** @returns what a PUBLISH brings, unless it came before */
  function receivePublish(flags: number, body: string): string | undefined {
    const topicEnd = 2 + at16(body, 0);
    const qos = (flags >> 1) & 3;
    const start = qos ? topicEnd + 2 : topicEnd;
    if (qos > 1 || start > body.length) return lose(false);
    if (qos) {
      const id = at16(body, topicEnd);
      write(pubackPacket(id));
      if (flags & 8 && seen.indexOf(id) >= 0) return undefined;
      seen.push(id);
      if (seen.length > REMEMBERED) seen.shift();
    }
    return body.substr(start);
  }

  /** @returns the message in it, if it is a new one: whoever reads it gets the whole stack */
  function receive(packet: Packet): string | undefined {
    const type = packet.type;
    const body = packet.body;
    const least = type == SUBACK ? 3 : type == CONNACK || type == PUBACK || type == PUBLISH ? 2 : 0;
    if (body.length < least) return lose(false);
    if (type == PUBLISH) return receivePublish(packet.flags, body);
    if (type == CONNACK) events.connack(body.charCodeAt(1));
    // All others, PINGRESP among them, prove that the peer lives.
    else watch(0);
    if (type == PUBACK && queue.length && at16(body, 0) == queue[0]._id) settle(true);
    if (type == SUBACK) {
      schedulePing();
      events.suback(body.charCodeAt(2));
    }
    return undefined;
  }

  const ofLink: LinkEvents = {
    opened() {
      write(greeting);
      greeting = "";
      events.opened();
    },
    received(bytes) {
      heard = true;
      stream.push(bytes);
      // A packet may end the connection, and more follow it.
      let packet = stream.next();
      while (packet && link) {
        const message = receive(packet);
        if (message !== undefined) events.message(message);
        packet = stream.next();
      }
      if (stream.broken) lose(false);
    },
    closed: () => lose(false),
  };

  return {
    open(server, tls, connect, filter) {
      stream.reset();
      greeting = connectPacket(connect) + subscribePacket(nextId(), filter);
      const opened = hal.connect(server.host, server.port, server.secure ? tls || {} : undefined, ofLink);
      if (typeof opened == "number") return opened;
      link = opened;
      heard = false;
      keepalive = connect.keepalive;
      watch(HANDSHAKE_TIMEOUT);
      return 0;
    },
    close() {
      const old = link;
      forget();
      if (!old) return;
      old.send(DISCONNECT);
      old.end();
    },
    send(topic, payload) {
      write(publishPacket(0, topic, payload));
    },
    publish(topic, payload, done) {
      if (queue.length >= QUEUE_LIMIT) return false;
      const id = nextId();
      queue.push({ _id: id, _packet: publishPacket(id, topic, payload), _done: done });
      if (queue.length == 1) attempt();
      return true;
    },
  };
}
