/** Espruino's timers: one list for timeouts and intervals, with ids that are given again. */

import type { Alarm, Clock } from "../clock.js";
import type { Realm } from "../realm/realm.js";

interface Timer {
  id: number;
  callback: unknown;
  args: unknown[];
  due: number;
  /** Milliseconds between calls; undefined for a timeout. */
  interval: number | undefined;
}

export class Timers {
  private readonly timers = new Map<number, Timer>();
  /** Timers without delay that were set last, and the events that had been queued before. */
  private soon: [timer: Timer, queued: number][] = [];
  private alarm: Alarm | undefined;

  constructor(
    private readonly realm: Realm,
    private readonly clock: Clock,
    /** Runs all functions that are due, and only then the events that they have caused. */
    private readonly run: (due: (() => void)[]) => void,
    /** Events that were queued so far. */
    private readonly queued: () => number,
  ) {}

  /** The functions that stand in the global scope. */
  globals(): Record<string, unknown> {
    return {
      setTimeout: (callback: unknown, delay: unknown, ...args: unknown[]) => this.add(callback, delay, args, false),
      setInterval: (callback: unknown, delay: unknown, ...args: unknown[]) => this.add(callback, delay, args, true),
      clearTimeout: (...ids: unknown[]) => this.clear("clearTimeout", ids),
      clearInterval: (...ids: unknown[]) => this.clear("clearInterval", ids),
      changeInterval: (id: unknown, delay: unknown) => this.change(id, delay),
    };
  }

  stop(): void {
    this.timers.clear();
    this.arm();
  }

  private add(callback: unknown, delay: unknown, args: unknown[], repeat: boolean): number {
    if (typeof callback !== "function") throw this.realm.error("Function or String not supplied!");
    const period = duration(delay);
    // One more than the last that is in use, so an old id may mean a newer timer.
    const id = Math.max(0, ...this.timers.keys()) + 1;
    const due = this.clock.now() + period;
    const timer = { id, callback, args, due, interval: repeat ? period : undefined };
    this.timers.set(id, timer);
    if (period === SHORTEST) this.soon.push([timer, this.queued()]);
    this.arm();
    return id;
  }

  /** One alarm for the timer that is due first. */
  private arm(): void {
    const due = Math.min(...[...this.timers.values()].map((timer) => timer.due));
    if (this.alarm?.due === due) return;
    if (this.alarm) this.clock.clear(this.alarm);
    this.alarm = due === Infinity ? undefined : this.clock.set(() => this.fire(), due);
  }

  private fire(): void {
    this.alarm = undefined;
    const now = this.clock.now();
    const due = [...this.timers.values()].filter((timer) => timer.due <= now).sort((a, b) => a.due - b.due);
    this.run(due.map((timer) => () => this.call(timer)));
    this.arm();
  }

  /**
   * Timers without delay are due when a tenth of a millisecond has passed, which is a race with the events of the same
   * job. Here those win it that were set before an event was queued.
   * @param before events that had been queued when the job began
   */
  overtake(before: number): void {
    const now = this.queued();
    const first = this.soon.splice(0).filter(([, queued]) => queued >= before && queued < now);
    for (const [timer] of first) this.call(timer);
    this.arm();
  }

  private call(timer: Timer): void {
    // An earlier one of the same moment may have stopped it.
    if (this.timers.get(timer.id) !== timer) return;
    if (timer.interval === undefined) this.timers.delete(timer.id);
    else timer.due += timer.interval;
    const callback = timer.callback as (...args: unknown[]) => void;
    callback(...timer.args);
  }

  private clear(name: string, ids: unknown[]): void {
    if (!ids.length) return this.stop();
    if (ids[0] === undefined) throw this.realm.error(`${name}(undefined) not allowed. Use ${name}() instead`);
    this.timers.delete(Number(ids[0]));
    this.arm();
  }

  private change(id: unknown, delay: unknown): void {
    const timer = this.timers.get(Number(id));
    if (!timer) throw this.realm.error("Unknown Interval");
    timer.interval = duration(delay);
    timer.due = this.clock.now() + timer.interval;
    this.arm();
  }
}

/** Milliseconds that a timer has at least (TIMER_MIN_INTERVAL is 0.1); in eighths, so that times add up without error. */
const SHORTEST = 0.125;

function duration(delay: unknown): number {
  const number = Number(delay);
  return number >= SHORTEST ? number : SHORTEST;
}
