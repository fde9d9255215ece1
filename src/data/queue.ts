/**
 * What waits to be acknowledged by the cloud, in order: bounded in frames and bytes, several in flight, and sent again
 * with its package id after a lost connection.
 */

import type { Cloud } from "../cloud/session.js";
import { CODE_RATE } from "../codec/commands.js";
import { emit, emptyListeners } from "./events.js";

/** The content of a frame. */
export interface Body {
  _content: string;
  /** Of a report: its parts by their ids. */
  _parts?: Record<string, string>;
}

export type Done = (acknowledged: boolean) => void;

interface Entry {
  _cmd: number;
  _content: string;
  /** Where newer values take the place of these while they wait. */
  _parts: Record<string, string> | false | undefined;
  _done: Done | undefined;
  /** Package id once it was sent. */
  _id: number;
  _flying: boolean;
}

/** Most in flight: two of the session's flights are the library's. */
const MOST_FLYING = 6;
/** Milliseconds until what the session did not take is tried again, or `drain` tells that it may be. */
const AGAIN = 1000;

export let cloud: Cloud;
/** Most bytes that wait. */
export let space: number;
let mostWaiting: number;
let mostFlying: number;
let online = 0; // other than 0 while a session is there
let queue: Entry[] = [];
let bytes = 0;
let flying = 0;
let trying = 0; // 1: soon again, or `drain`
let refused = 0; // 1: something was, and `drain` follows

export interface QueueOptions {
  /** Reports that may wait to be acknowledged, 1 or more. Default 16. */
  frames?: number;
  /** And their bytes; the longest report has as many. Default 2048. */
  bytes?: number;
  /** Reports that are in flight at the same time, 1-6. Default 4. */
  flight?: number;
}

export function startQueue(to: Cloud, options: QueueOptions): void {
  cloud = to;
  mostWaiting = options.frames || 16;
  space = options.bytes || 2048;
  mostFlying = options.flight || 4;
}

export function refuse(): void {
  refused = 1;
  pump();
}

/** An event of the library: `state` or `error`. */
export function heard(event: { state?: string; number?: number }): void {
  if (event.state) {
    online = "online,bound".indexOf(event.state) + 1;
    if (online) pump(true);
  } else if (event.number! >> 1 == CODE_RATE >> 1) emit("limit", event.number);
}

/** Sends what may fly. @param freed whether there is space again */
export function pump(freed?: boolean): void {
  if (freed && refused) {
    refused = 0;
    emit("drain");
  }
  for (let i = 0; i < queue.length && flying < mostFlying && flying < MOST_FLYING; i++) {
    const entry = queue[i];
    if (entry._flying) continue;
    /** An entry that is not acknowledged stays, and goes again. */
    const settled = (acknowledged: boolean): void => {
      const at = queue.indexOf(entry);
      if (at < 0) return;
      entry._flying = false;
      flying--;
      if (acknowledged) {
        queue.splice(at, 1);
        bytes -= entry._content.length;
        if (entry._done) setTimeout(entry._done, 0, true);
      }
      pump(acknowledged);
    };
    const id = cloud.publish("bus", entry._cmd, entry._content, settled, entry._id);
    if (!id) break;
    entry._id = id;
    entry._flying = true;
    flying++;
  }
  if (!(queue.length || refused) || flying || trying || !online) return;
  trying = 1;
  setTimeout(() => {
    trying = 0;
    // With reports that wait, `drain` follows their acknowledgement.
    pump(!queue.length);
  }, AGAIN);
}

/** @returns false when it is full */
export function enqueue(cmd: number, body: Body, done: Done | undefined, latest: boolean | undefined): boolean {
  const last = queue[queue.length - 1];
  const parts = latest && last && !last._id && last._parts;
  // What would be replaced counts as well: it is simpler.
  if (bytes + body._content.length > space || (!parts && queue.length >= mostWaiting)) return false;
  if (parts) {
    queue.pop();
    bytes -= last._content.length;
    if (last._done) setTimeout(last._done, 0, false);
    body = { _content: "", _parts: Object.assign(parts, body._parts!) };
    for (const id in parts) body._content += parts[id];
  }
  bytes += body._content.length;
  queue.push({
    _cmd: cmd,
    _content: body._content,
    _parts: latest && body._parts,
    _done: done,
    _id: 0,
    _flying: false,
  });
  pump();
  return true;
}

/** Forgets all that waits, and says so; and who listens. */
export function stop(): void {
  const old = queue;
  emptyListeners();
  queue = [];
  bytes = flying = 0;
  old.forEach((entry) => entry._done && setTimeout(entry._done, 0, false));
}
