/** What the page knows, as signals: the world, the devices, the last frames, and whether the feed is live. */
import { batch, computed, signal, type Signal } from "@preact/signals";

import { takeValues } from "./data.js";
import { keyOf, type Device, type Frame, type Told, type World } from "./types.js";
import { readFeed, type Message } from "./stream.js";
import { readRow, type Row } from "../traffic/row.js";

/** Frames that the page keeps. */
export const MOST = 2000;
/** Milliseconds in which messages are taken together. */
const TOGETHER = 80;
const FIRST_RETRY = 400;
const LAST_RETRY = 3000;

export type State = "connecting" | "live" | "lost" | "locked";

export const state = signal<State>("connecting");
export const world = signal<World>({ products: [], users: [], mqtt: "" });
/** Whether the cloud has told of itself: until then a form would begin without a user, a product or an address. */
export const isTold = computed(() => world.value.mqtt !== "");
/** By pk/dk, in the order in which they came; each device is a signal of its own. */
export const devices = signal<ReadonlyMap<string, Signal<Device>>>(new Map());
export const rows = signal<readonly Row[]>([]);
/** Whether new frames are shown; they are kept for when it goes on. */
export const paused = signal(false);

/** Frames that have come meanwhile. */
export const held = signal<readonly Row[]>([]);

let waiting: Message[] = [];

/** A window's end by this machine's clock. */
const withEnd = (device: Device): Device =>
  device.window ? { ...device, window: { ...device.window, end: Date.now() + device.window.left } } : device;

function setDevice(device: Device): void {
  const key = keyOf(device);
  const known = devices.peek().get(key);
  if (known) known.value = withEnd(device);
  else devices.value = new Map(devices.peek()).set(key, signal(withEnd(device)));
}

function setDevices(list: Device[]): void {
  const present = new Set(list.map(keyOf));
  const kept = [...devices.peek()].filter(([key]) => present.has(key));
  const fresh = new Map(kept);
  for (const device of list) {
    const known = fresh.get(keyOf(device));
    if (known) known.value = withEnd(device);
    else fresh.set(keyOf(device), signal(withEnd(device)));
  }
  devices.value = fresh;
}

function take({ name, data }: Message, frames: Frame[]): void {
  if (name === "frame") frames.push(data as Frame);
  else if (name === "device") setDevice(data as Device);
  else if (name === "devices") setDevices(data as Device[]);
  else if (name === "values") takeValues(data as { pk: string; dk: string; values: Told[] });
  else if (name === "world") world.value = data as World;
  else if (name === "ready") state.value = "live";
  else if (name === "gone") {
    const fewer = new Map(devices.peek());
    fewer.delete(keyOf(data as Device));
    devices.value = fewer;
  }
}

/** Adds rows to what is shown. */
export function addRows(more: readonly Row[]): void {
  if (paused.peek()) held.value = [...held.peek(), ...more].slice(-MOST);
  else if (more.length) rows.value = [...rows.peek(), ...more].slice(-MOST);
}

export function pause(on: boolean): void {
  paused.value = on;
  if (on) return;
  const late = held.peek();
  held.value = [];
  addRows(late);
}

export function clearRows(): void {
  held.value = [];
  rows.value = [];
}

function flush(): void {
  const messages = waiting;
  waiting = [];
  const frames: Frame[] = [];
  batch(() => {
    for (const message of messages) take(message, frames);
    // After an hour in a hidden tab more have come than are kept: those are not decoded.
    addRows(frames.slice(-MOST).map(readRow));
  });
}

function received(message: Message): void {
  if (!waiting.length) setTimeout(flush, TOGETHER);
  waiting.push(message);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Follows the feed for ever: it comes back when the cloud does. Ends where the cloud wants a token. */
export async function follow(): Promise<void> {
  for (let wait = FIRST_RETRY; ; wait = Math.min(wait * 2, LAST_RETRY)) {
    const begun = Date.now();
    const ended = await readFeed(received);
    if (ended === "refused") {
      state.value = "locked";
      return;
    }
    state.value = "lost";
    if (Date.now() - begun > LAST_RETRY) wait = FIRST_RETRY;
    await sleep(wait);
  }
}
