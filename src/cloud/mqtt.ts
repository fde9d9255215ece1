/**
 * A small MQTT 3.1.1 client: QoS 0 and 1, clean session. It writes CONNECT, SUBSCRIBE and the first publishes without
 * waiting for answers, as MQTT 3.1.1 (3.1.4) allows, which saves two round trips.
 */

import { at16 } from "../codec/bytes.js";
import { CONNECT_REFUSED, type Link, type LinkEvents, type Platform, type Timer, type TlsOptions } from "../platform.js";
import {
  CONNACK,
  connectPacket,
  DISCONNECT,
  duplicateOf,
  PacketStream,
  PINGREQ,
  PUBACK,
  pubackPacket,
  PUBLISH,
  publishPacket,
  SUBACK,
  subscribePacket,
  type Connect,
} from "./packets.js";

/** A QoS 1 publish is sent this often, and this far apart [S]. */
const SENDS = 3;
const RESEND_AFTER = 2000;
/** Publishes that may wait behind the one in flight. */
const QUEUE_LIMIT = 8;
/** The broker must answer CONNECT and SUBSCRIBE within this time, and a ping within the other [S]. */
const HANDSHAKE_TIMEOUT = 15000;
const PING_TIMEOUT = 10000;
/** Packet ids of received publishes that are remembered to drop duplicates. */
const REMEMBERED = 4;

/** Why a connection ended. */
export const LOST_CLOSED = 1;
export const LOST_TIMEOUT = 2;
export const LOST_PROTOCOL = 3;

export interface MqttEvents {
  /** TCP (and TLS) is open; CONNECT has been written. */
  opened(): void;
  /** CONNACK return code, 0 accepted. */
  connack(code: number): void;
  /** SUBACK return code: 0 or 1 granted, 128 refused. */
  suback(code: number): void;
  message(topic: string, payload: string): void;
  /** The connection is gone, not by `close`. Publishes that were not acknowledged are forgotten. */
  lost(reason: number): void;
}

interface Publish {
  _id: number;
  _packet: string;
  _done: (acknowledged: boolean) => void;
}

export class Mqtt implements LinkEvents {
  private _link: Link | undefined;
  private _stream: PacketStream | undefined;
  private _queue: Publish[] = [];
  private _sends = 0;
  private _packetId = 0;
  private _seen: number[] = [];
  private _sent = false;
  private _resend: Timer | undefined;
  private _guard: Timer | undefined;
  private _ping: Timer | undefined;

  constructor(
    private _platform: Platform,
    private _connect: Connect,
    private _filter: string,
    private _packetLimit: number,
    private _events: MqttEvents,
  ) {}

  /** Opens the connection. @returns 0, or why it failed at once (CONNECT_… of the platform) */
  open(host: string, port: number, tls: TlsOptions | undefined): number {
    this._stream = new PacketStream(this._packetLimit, (type, flags, body) => this._receive(type, flags, body));
    const link = this._platform.connect(host, port, tls, this);
    if (typeof link == "number") return link || CONNECT_REFUSED;
    this._link = link;
    this._watch(HANDSHAKE_TIMEOUT);
    return 0;
  }

  /** Says good-bye and ends the connection. No event follows. */
  close(): void {
    const link = this._link;
    if (link) link.send(DISCONNECT);
    this._forget();
    if (link) link.end();
  }

  /** Publishes with QoS 0. */
  send(topic: string, payload: string): void {
    this._write(publishPacket(0, topic, payload));
  }

  /**
   * Publishes with QoS 1, one at a time.
   * @param done told once whether the broker has acknowledged; not called when the connection ends before
   * @returns false when the queue is full
   */
  publish(topic: string, payload: string, done: (acknowledged: boolean) => void): boolean {
    if (this._queue.length >= QUEUE_LIMIT) return false;
    const id = this._nextId();
    this._queue.push({ _id: id, _packet: publishPacket(id, topic, payload), _done: done });
    if (this._queue.length == 1) this._sendFirst();
    return true;
  }

  /** LinkEvents */
  opened(): void {
    this._write(connectPacket(this._connect) + subscribePacket(this._nextId(), this._filter));
    this._events.opened();
  }

  /** LinkEvents */
  received(bytes: string): void {
    if (!this._stream!.push(bytes)) this._lose(LOST_PROTOCOL);
  }

  /** LinkEvents */
  closed(): void {
    this._lose(LOST_CLOSED);
  }

  private _nextId(): number {
    this._packetId = (this._packetId % 0xffff) + 1;
    return this._packetId;
  }

  private _write(bytes: string): void {
    this._sent = true;
    if (this._link) this._link.send(bytes);
  }

  private _sendFirst(): void {
    this._sends = 0;
    this._attempt();
  }

  private _attempt(): void {
    const first = this._queue[0];
    this._write(this._sends ? duplicateOf(first._packet) : first._packet);
    this._sends++;
    this._resend = this._platform.after(RESEND_AFTER, () => {
      if (this._sends < SENDS) this._attempt();
      else this._settle(false);
    });
  }

  /** Ends the publish in flight and starts the next. */
  private _settle(acknowledged: boolean): void {
    this._platform.cancel(this._resend);
    const first = this._queue.shift()!;
    if (this._queue.length) this._sendFirst();
    first._done(acknowledged);
  }

  private _receive(type: number, flags: number, body: string): void {
    if (type == CONNACK) {
      this._events.connack(body.charCodeAt(1));
    } else if (type == SUBACK) {
      this._watch(0);
      this._schedulePing();
      this._events.suback(body.charCodeAt(2));
    } else if (type == PUBACK) {
      if (this._queue.length && at16(body, 0) == this._queue[0]._id) this._settle(true);
    } else if (type == PUBLISH) {
      this._receivePublish(flags, body);
    } else {
      // PINGRESP, and anything else, at least proves that the peer lives.
      this._watch(0);
    }
  }

  private _receivePublish(flags: number, body: string): void {
    const topicEnd = 2 + at16(body, 0);
    const qos = (flags >> 1) & 3;
    const start = qos ? topicEnd + 2 : topicEnd;
    if (qos > 1 || start > body.length) return this._lose(LOST_PROTOCOL);
    if (qos) {
      const id = at16(body, topicEnd);
      this._write(pubackPacket(id));
      if (flags & 8 && this._seen.indexOf(id) >= 0) return;
      this._seen.push(id);
      if (this._seen.length > REMEMBERED) this._seen.shift();
    }
    this._events.message(body.substring(2, topicEnd), body.substr(start));
  }

  /** Twice in a keepalive: if nothing was sent since the last time, ping, and expect an answer. */
  private _schedulePing(): void {
    this._platform.cancel(this._ping);
    this._sent = false;
    this._ping = this._platform.after(this._connect.keepalive * 500, () => {
      const idle = !this._sent;
      this._schedulePing();
      if (idle) {
        this._write(PINGREQ);
        this._watch(PING_TIMEOUT);
      }
    });
  }

  /** Expects a sign of life within that time; 0 stops expecting. */
  private _watch(milliseconds: number): void {
    this._platform.cancel(this._guard);
    this._guard = milliseconds ? this._platform.after(milliseconds, () => this._lose(LOST_TIMEOUT)) : undefined;
  }

  private _lose(reason: number): void {
    const link = this._link;
    if (!link) return;
    this._forget();
    link.end();
    this._events.lost(reason);
  }

  private _forget(): void {
    this._platform.cancel(this._resend);
    this._platform.cancel(this._ping);
    this._watch(0);
    this._link = undefined;
    this._queue = [];
  }
}
