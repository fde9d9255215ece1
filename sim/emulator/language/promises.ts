/** `Promise` on the queue of events, with Espruino's order and its faults (jswrap_promise.c). */

import { hide, hideAll, type Callback, type Kit } from "./kit.js";

const PENDING = 0;
const REJECTED = 1;
const FULFILLED = 2;

interface Reaction {
  callback: Callback | undefined;
  next: Box;
}

/** What is hidden in a promise. */
interface Inner {
  value: unknown;
  then: Reaction[] | undefined;
  catch: Reaction[] | undefined;
}

interface DevicePromise {
  state: number;
}

/** Settles its promise once. */
interface Box {
  promise: DevicePromise;
  done: boolean;
}

export interface PromiseHost {
  queue(callback: unknown, self: unknown, args: unknown[]): void;
  /** An error that nothing catches. */
  report(error: unknown, where: string): void;
  /** Whether the stack has overflowed: nothing may catch that. */
  dead(): boolean;
}

class Promises {
  readonly prototype: object;
  private readonly inner = new WeakMap<object, Inner>();

  constructor(
    private readonly kit: Kit,
    private readonly host: PromiseHost,
  ) {
    this.prototype = kit.object();
  }

  create(self?: object): Box {
    const promise = (self ?? Object.create(this.prototype)) as DevicePromise;
    promise.state = PENDING;
    this.inner.set(promise, { value: undefined, then: undefined, catch: undefined });
    return { promise, done: false };
  }

  isPromise(value: unknown): value is DevicePromise {
    return typeof value === "object" && value !== null && this.inner.has(value);
  }

  settleLater(box: Box, value: unknown, good: boolean): void {
    this.host.queue(() => this.settle(box, value, good), box, []);
  }

  /** Calls a function of the device. @returns whether it threw, and what it gave or threw */
  private attempt(callback: Callback, self: unknown, args: unknown[]): [threw: boolean, value: unknown] {
    try {
      return [false, callback.apply(self, args)];
    } catch (error) {
      if (this.host.dead()) throw error;
      return [true, error];
    }
  }

  run(box: Box, executor: Callback): void {
    const resolve = (value: unknown): void => this.settleLater(box, value, true);
    const reject = (value: unknown): void => this.settleLater(box, value, false);
    const [threw, error] = this.attempt(executor, box.promise, [resolve, reject]);
    if (threw) reject(error);
  }

  settle(box: Box, value: unknown, good: boolean): void {
    if (box.done) return;
    box.done = true;
    const { promise } = box;
    if (value === promise) throw this.kit.error("Illegal resolving to self");
    this.inner.get(promise)!.value = value;
    if (!good || !this.follow(promise, value)) this.seal(promise, value, good);
  }

  /** Waits for another promise, or what has a `then` of its own. @returns false when the value is neither */
  private follow(promise: DevicePromise, value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    const then: unknown = Object.hasOwn(value, "then") ? (value as { then?: unknown }).then : undefined;
    if (typeof then !== "function" && !this.isPromise(value)) return false;
    const box = { promise, done: false };
    const resolve = (one: unknown): void => this.settle(box, one, true);
    const reject = (one: unknown): void => this.settle(box, one, false);
    if (typeof then !== "function") this.then(value as DevicePromise, resolve, reject);
    else {
      const [threw, error] = this.attempt(then as Callback, value, [resolve, reject]);
      if (threw) reject(error);
    }
    return true;
  }

  private seal(promise: DevicePromise, value: unknown, good: boolean): void {
    promise.state = good ? FULFILLED : REJECTED;
    const reactions = this.inner.get(promise)![good ? "then" : "catch"];
    if (!reactions && !good) this.host.report(value, "in promise");
    for (const reaction of reactions ?? []) this.react(promise, reaction, value, good);
  }

  /** @param passes whether a value without a callback goes on as a value */
  private react(promise: DevicePromise, { callback, next }: Reaction, value: unknown, passes: boolean): void {
    this.host.queue(
      () => {
        if (!callback) return this.settle(next, value, passes);
        const [threw, result] = this.attempt(callback, promise, [value]);
        this.settle(next, result, !threw);
      },
      promise,
      [],
    );
  }

  then(promise: DevicePromise, good: unknown, bad: unknown): DevicePromise {
    const next = this.create();
    const inner = this.inner.get(promise)!;
    const reaction = (callback: unknown): Reaction => ({
      callback: typeof callback === "function" ? (callback as Callback) : undefined,
      next,
    });
    if (promise.state === PENDING) {
      (inner.then ??= []).push(reaction(good));
      (inner.catch ??= []).push(reaction(bad));
    } else {
      // Without a callback even a value goes on as an error, when the promise is settled already (2v29).
      this.react(promise, reaction(promise.state === FULFILLED ? good : bad), inner.value, false);
    }
    return next.promise;
  }

  resolve(value: unknown): DevicePromise {
    if (this.isPromise(value)) return value;
    const box = this.create();
    const then: unknown =
      typeof value === "object" && value && Object.hasOwn(value, "then")
        ? (value as { then?: unknown }).then
        : undefined;
    if (typeof then === "function") this.run(box, then as Callback);
    else this.settleLater(box, value, true);
    return box.promise;
  }

  all(values: unknown): DevicePromise {
    if (!Array.isArray(values)) throw this.kit.error("Expecting something iterable", "TypeError");
    const box = this.create();
    let results: unknown[] | undefined = this.kit.array([]);
    let left = 0;
    const fail = (error: unknown): void => {
      if (results) this.settleLater(box, error, false);
      results = undefined;
    };
    values.forEach((one, at) => {
      if (!this.isPromise(one)) return void (results![at] = one);
      left++;
      this.then(
        one,
        (value: unknown) => {
          if (!results) return;
          results[at] = value;
          if (--left === 0) this.settleLater(box, results, true);
        },
        fail,
      );
    });
    return left ? box.promise : this.resolve(results);
  }
}

export function installPromises(global: Record<string, unknown>, kit: Kit, host: PromiseHost): void {
  const promises = new Promises(kit, host);
  function PromiseOfDevice(this: object, executor: unknown): object {
    if (typeof executor !== "function") throw kit.error("Function required in promise constructor");
    const box = promises.create(this);
    promises.run(box, executor as Callback);
    return box.promise;
  }
  PromiseOfDevice.prototype = promises.prototype;
  hideAll(promises.prototype, {
    constructor: PromiseOfDevice,
    then(this: DevicePromise, good: unknown, bad: unknown) {
      return promises.then(this, good, bad);
    },
    catch(this: DevicePromise, bad: unknown) {
      return promises.then(this, undefined, bad);
    },
  });
  hideAll(PromiseOfDevice, {
    resolve: (value: unknown) => promises.resolve(value),
    reject(value: unknown) {
      const box = promises.create();
      promises.settleLater(box, value, false);
      return box.promise;
    },
    all: (values: unknown) => promises.all(values),
  });
  hide(global, "Promise", PromiseOfDevice);
}
