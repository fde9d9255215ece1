/** What a device has told of its properties: the newest value of each, and a bounded history of all. */
import type { Node, Value } from "../../src/codec/ttlv.js";

/** One value of one property. */
export interface Told {
  /** 1-8191; 0 for what came as bytes of 0024. */
  id: number;
  value: Value;
  /** Whether it is bytes, not text. */
  raw?: true;
  /** Milliseconds since the epoch. */
  time: number;
}

/** The code of what came as bytes of 0024, which are no property. */
export const RAW_CODE = "raw";

/** Properties of one device; the one that is silent for the longest makes way. */
const MOST_IDS = 256;
/** Values of one device in its history. */
const HISTORY = 1000;
/** Characters of JSON; a larger value has no history. */
const LARGEST = 1024;

/** Where the newest value of an id is kept; those of the history are at 0 and above. */
const newestSlot = (id: number): number => -1 - id;

export class DeviceData {
  /** By id, in the order in which they were told. */
  private readonly newest = new Map<number, Told>();
  /** A ring. */
  private readonly past: (Told & { at: number })[] = [];
  /** How many values the history has seen. */
  private count = 0;

  /** @param keep makes what a slot holds durable, as JSON; null empties it */
  constructor(private readonly keep: (slot: number, json: string | null) => void) {}

  /** Takes what one frame tells. */
  take(nodes: Node[], time: number): void {
    for (const [id, value, raw] of nodes) this.put({ id, value, ...(raw && { raw }), time });
  }

  /** Takes over what a slot has kept. */
  restore(slot: number, json: string): void {
    const told = JSON.parse(json) as Told & { at: number };
    if (slot < 0) this.newest.set(told.id, told);
    else {
      this.past[slot] = told;
      this.count = Math.max(this.count, told.at + 1);
    }
  }

  /** The newest values, by id. */
  get values(): Told[] {
    return [...this.newest.values()].sort((a, b) => a.id - b.id);
  }

  /** What is known of one property between two times, oldest first. */
  history(id: number, from: number, to: number): Told[] {
    return this.past
      .filter((told) => told?.id === id && told.time >= from && told.time <= to)
      .sort((a, b) => a.at - b.at)
      .map(({ at: _, ...told }) => told);
  }

  private put(told: Told): void {
    const { id } = told;
    this.newest.delete(id);
    const [silent] = this.newest.keys();
    if (this.newest.size >= MOST_IDS) {
      this.newest.delete(silent);
      this.keep(newestSlot(silent), null);
    }
    this.newest.set(id, told);
    this.keep(newestSlot(id), JSON.stringify(told));
    const at = this.count;
    const json = JSON.stringify({ ...told, at });
    if (json.length > LARGEST) return;
    this.count++;
    this.past[at % HISTORY] = { ...told, at };
    this.keep(at % HISTORY, json);
  }
}
