/**
 * What waits to be acknowledged by the cloud, in order: bounded in frames and bytes, several in flight, and sent again
 * with its package id after a lost connection.
 */

import type { Cloud } from "../cloud/session.js";

/** Content in parts: of a report one for each id. */
export type Parts = Record<string, string>;

export type Done = (acknowledged: boolean) => void;

interface Entry {
  _cmd: number;
  _content: string;
  _done: Done | undefined;
  /** Package id once it was sent. */
  _id: number;
  _flying: boolean;
  /** Its parts, where newer values take the place of these while they wait. */
  _latest: Parts | undefined;
}

/** Milliseconds until a publish is tried again that the session did not take. */
const AGAIN = 1000;

let cloud: Cloud;
let mostFrames: number;
let mostBytes: number;
let mostFlying: number;
let online: () => boolean;
let drained: () => void;
let later: (action: () => void, milliseconds: number) => unknown;
let queue: Entry[] = [];
let bytes = 0;
let flying = 0;
let waiting = false; // for another try

/**
 * @param frames most entries, and of these most bytes and most in flight
 * @param isOnline whether a session is there, or soon will be
 * @param onSpace told when an entry was acknowledged
 */
export function startQueue(
  to: Cloud,
  frames: number,
  space: number,
  flight: number,
  isOnline: () => boolean,
  onSpace: () => void,
  after: typeof later,
): void {
  cloud = to;
  mostFrames = frames;
  mostBytes = space;
  mostFlying = flight;
  online = isOnline;
  drained = onSpace;
  later = after;
}

export function textOf(parts: Parts): string {
  return Object.keys(parts)
    .map((key) => parts[key])
    .join("");
}

function tell(done: Done | undefined, acknowledged: boolean): void {
  if (done) later(() => done(acknowledged), 0);
}

/** An entry that is not acknowledged stays, and goes again. */
function settled(entry: Entry, acknowledged: boolean): void {
  const at = queue.indexOf(entry);
  if (at < 0) return;
  entry._flying = false;
  flying--;
  if (acknowledged) {
    queue.splice(at, 1);
    bytes -= entry._content.length;
    tell(entry._done, true);
    drained();
  }
  pump();
}

/** Sends what may fly. */
export function pump(): void {
  for (let i = 0; i < queue.length && flying < mostFlying; i++) {
    const entry = queue[i];
    if (entry._flying) continue;
    const id = cloud.publish("bus", entry._cmd, entry._content, (ok) => settled(entry, ok), entry._id);
    if (!id) break;
    entry._id = id;
    entry._flying = true;
    flying++;
  }
  if (!queue.length || flying || waiting || !online()) return;
  waiting = true;
  later(() => {
    waiting = false;
    pump();
  }, AGAIN);
}

/** @returns false when it is full */
export function enqueue(cmd: number, parts: Parts, done: Done | undefined, latest: boolean): boolean {
  const last = queue[queue.length - 1];
  const old = latest && last && last._latest && !last._id ? last : undefined;
  let content = textOf(parts);
  // What would be replaced counts as well: it is simpler.
  if (bytes + content.length > mostBytes || (!old && queue.length >= mostFrames)) return false;
  if (old) {
    const all = old._latest!;
    Object.keys(parts).forEach((key) => (all[key] = parts[key]));
    content = textOf(all);
    parts = all;
    bytes -= old._content.length;
    queue.pop();
    tell(old._done, false);
  }
  bytes += content.length;
  queue.push({
    _cmd: cmd,
    _content: content,
    _done: done,
    _id: 0,
    _flying: false,
    _latest: latest ? parts : undefined,
  });
  pump();
  return true;
}

/** Forgets all that waits, and says so. */
export function emptyQueue(): void {
  const old = queue;
  queue = [];
  bytes = flying = 0;
  old.forEach((entry) => tell(entry._done, false));
}
