/** Events: every object has them; the listeners are a member of it, and run after the job that emitted (jswrap_object.c). */

import { follow, release, unlinked } from "./cursors.js";
import { hideAll, unboxed, type Kit } from "./kit.js";

type Listeners = unknown[];
type Fields = Record<string, unknown>;

/** Begins the name of the member that holds listeners. */
const PREFIX = "#on";
const MOST_ARGUMENTS = 4;

export interface EventHost {
  /** Calls a function, or listeners, after the current job. */
  queue(callback: unknown, self: unknown, args: unknown[]): void;
}

export interface Events {
  on(this: object, event: string, listener: unknown): void;
  dispatch(object: object, event: string, args: unknown[]): void;
  watch(object: object, watcher: (event: string) => void): void;
}

/** Calls listeners one after the other, as the list is while they run. */
export function callListeners(list: Listeners, call: (listener: unknown) => void): void {
  const cursor = follow(list, 0);
  const next = (from: number): number => {
    while (from < list.length && !(from in list)) from++;
    return from;
  };
  try {
    for (let at = next(0); at < list.length;) {
      cursor.at = next(at + 1);
      cursor.gone = cursor.at >= list.length;
      const last = cursor.gone;
      const held = list[cursor.at];
      call(list[at]);
      if (last) return;
      if (cursor.gone) return call(held);
      at = cursor.at;
    }
  } finally {
    release(list, cursor);
  }
}

export function installEvents(global: Fields, kit: Kit, host: EventHost): Events {
  const watchers = new WeakMap<object, (event: string) => void>();
  const fail = (message: string): Error => kit.error(message, "TypeError");
  function nameOf(self: unknown, event: unknown): string {
    const object = unboxed(self);
    if ((typeof object !== "object" && typeof object !== "function") || object === null) {
      throw fail("Parent must be an object - not a String, Integer, etc");
    }
    if (typeof event !== "string") throw fail("First argument must be String");
    return PREFIX + event;
  }
  const listeners = (object: object, name: string): Listeners | undefined => {
    const list = (object as Fields)[name];
    return Array.isArray(list) ? (list as Listeners) : undefined;
  };
  function add(object: object, event: unknown, listener: unknown, first: boolean): void {
    const name = nameOf(object, event);
    if (typeof listener !== "function" && typeof listener !== "string") {
      throw fail("Second argument must be a function or a String");
    }
    const old = (listeners(object, name) ?? []).filter(() => true);
    (object as Fields)[name] = kit.array(first ? [listener, ...old] : [...old, listener]);
    watchers.get(object)?.(String(event));
  }
  function on(this: object, event: unknown, listener: unknown): void {
    add(this, event, listener, false);
  }
  function dispatch(object: object, event: string, args: unknown[]): void {
    const list = listeners(object, PREFIX + event);
    if (list) host.queue(list, object, args);
  }
  function remove(this: object, event: unknown, listener: unknown): void {
    const name = nameOf(this, event);
    // The member is made when it is looked for.
    if (!Object.hasOwn(this, name)) (this as Fields)[name] = undefined;
    const list = listeners(this, name);
    const at = list ? list.indexOf(listener) : -1;
    if (!list || at < 0) return;
    unlinked(list, at);
    delete list[at];
    let size = list.length;
    while (size > 0 && !(size - 1 in list)) size--;
    list.length = size;
  }
  hideAll((global.Object as { prototype: object }).prototype, {
    on,
    addListener: on,
    prependListener(this: object, event: unknown, listener: unknown) {
      add(this, event, listener, true);
    },
    emit(this: object, event: unknown, ...args: unknown[]) {
      nameOf(this, event);
      if (args.length > MOST_ARGUMENTS) throw fail("Too many arguments (>4)");
      dispatch(this, String(event), args);
    },
    removeListener: remove,
    removeAllListeners(this: Fields, event: unknown) {
      if (event !== undefined) delete this[nameOf(this, event)];
      else for (const key of Object.keys(this)) if (key.startsWith(PREFIX)) delete this[key];
    },
  });
  return { on, dispatch, watch: (object, watcher) => void watchers.set(object, watcher) };
}
