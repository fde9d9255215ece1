/** One thing after the other: a device runs a job to its end, then the events that the job has caused. */

import { callListeners } from "./language/events.js";
import type { Stack } from "./realm/realm.js";

/** A function to be called, or a list of listeners. */
export type QueuedEvent = [callback: unknown, self: unknown, args: unknown[]];

/** Events that one job may cause before they count as endless. */
const MOST_EVENTS = 10000;

export class Jobs {
  private events: QueuedEvent[] = [];
  private running = false;
  /** Events that were queued so far. */
  queued = 0;
  private stopped = false;

  /**
   * @param begin told of every job
   * @param failed told of every uncaught error
   * @param stack the device's, empty again after each step
   */
  constructor(
    private readonly begin: () => void,
    private readonly failed: (error: unknown) => void,
    private readonly stack: () => Stack,
  ) {}

  queue(event: QueuedEvent): void {
    this.queued++;
    this.events.push(event);
  }

  stop(): void {
    this.stopped = true;
    this.events = [];
  }

  /** Runs something that came from outside, and all that follows from it. */
  run(work: () => void): void {
    this.runAll([work]);
  }

  /** Runs several things before the events that they cause. */
  runAll(works: (() => void)[]): void {
    if (this.stopped) return;
    this.begin();
    if (this.running) {
      for (const work of works) this.queue([work, undefined, []]);
      return;
    }
    this.running = true;
    for (const work of works) this.attempt(work);
    this.drain();
    this.running = false;
  }

  private drain(): void {
    for (let count = 0; this.events.length; count++) {
      const [callback, self, args] = this.events.shift()!;
      const call = (one: unknown): void => this.attempt(() => (one as (...args: unknown[]) => void).apply(self, args));
      if (Array.isArray(callback)) callListeners(callback, call);
      else call(callback);
      if (count > MOST_EVENTS) {
        this.events = [];
        this.failed(new Error("events that cause events without end"));
      }
    }
  }

  /** Runs something as a part of the current job. */
  attempt(work: () => void): void {
    if (this.stopped) return;
    try {
      work();
    } catch (error) {
      this.failed(error);
    } finally {
      this.stack().n = 0;
      this.stack().dead = false;
      this.stack().escape = undefined;
    }
  }
}
