/** A world for one device's JavaScript: Node's intrinsics cut down to what Espruino has. */

import { createContext, Script, type Context } from "node:vm";

import { checkRegExp } from "../../../compiler/gate/regexp.js";
import { GLOBALS, MEMBERS } from "../../../compiler/gate/features.js";
import { STACK } from "../instrument.js";
import { PRELUDE } from "./prelude.js";
import { ERRORS, PROTOTYPES, TYPED_ARRAYS } from "./tables.js";

/** Counts nested calls; shared with the instrumented program. */
export interface Stack {
  n: number;
  most: number;
  /** The stack has overflowed: nothing but the end of the job may run. */
  dead: boolean;
  overflow(): never;
}

export interface RealmHost {
  /** Calls a listener after the current job. */
  queue(listener: unknown, self: unknown, args: unknown[]): void;
  /** An error that nobody caught. */
  report(error: unknown, where: string): void;
  /** The next number of the generator, 0 to 2^32 - 1. */
  random(): number;
}

type Fields = Record<string, unknown>;

/** What host code needs to speak with the device's code. */
export interface Realm {
  readonly context: Context;
  readonly global: Fields;
  readonly stack: Stack;
  on(this: object, event: string, listener: unknown): void;
  /** Queues the listeners of an event. */
  dispatch(object: object, event: string, args: unknown[]): void;
  /** Tells of every listener that is added to an object. */
  watch(object: object, watcher: (event: string) => void): void;
  /** An object of the realm whose methods are functions of the host, and not seen among its members. */
  make(methods: Fields): Fields;
  array(items: unknown[]): unknown[];
  object(fields: Fields): Fields;
  error(message: string, name?: string): Error;
  /** A Uint8Array of the realm with the same bytes. */
  bytes(bytes: Uint8Array): Uint8Array;
  json(text: string): unknown;
  text(value: unknown): string | undefined;
}

const prelude = new Script(PRELUDE, { filename: "prelude" });
/** A lexical binding, which programs find faster than a member of the global object. */
const stackDefinition = new Script(`const ${STACK}={n:0,most:0,dead:false,overflow:undefined};${STACK}`);
const globalObject = new Script("globalThis");

/** Deletes all members of `object` but those named; what cannot be deleted stays, and so do symbols, which have no name. */
function keep(object: object, names: Iterable<string>): void {
  const kept = new Set(names);
  for (const key of Reflect.ownKeys(object)) {
    if (typeof key === "string" && !kept.has(key)) Reflect.deleteProperty(object, key);
  }
}

/** Removes what Espruino lacks. */
function trim(global: Fields): void {
  const typed = Object.getPrototypeOf(global.Uint8Array as object) as { prototype: object };
  keep(typed, ["prototype", "length", "name"]);
  keep(typed.prototype, ["constructor", ...PROTOTYPES.TypedArray]);
  for (const [name, members] of Object.entries(PROTOTYPES)) {
    const constructor = global[name] as { prototype: object } | undefined;
    if (constructor) keep(constructor.prototype, ["constructor", ...members]);
  }
  for (const [name, members] of Object.entries(MEMBERS)) {
    const holder = global[name] as object | undefined;
    if (holder) keep(holder, [...members, "prototype", "length", "name", "BYTES_PER_ELEMENT", "stackTraceLimit"]);
  }
  const names = new Set([...GLOBALS, ...TYPED_ARRAYS, ...ERRORS]);
  keep(global, names);
}

/** Makes a new world. @param most nested calls that its stack has room for */
export function createRealm(host: RealmHost, most: number): Realm {
  // Strings compiled at run time would go past the gate.
  const context = createContext({}, { codeGeneration: { strings: false, wasm: false } });
  const global = globalObject.runInContext(context) as Fields;
  const stack = stackDefinition.runInContext(context) as Stack;
  stack.most = most;
  const install = prelude.runInContext(context) as (host: object, stack: Stack) => Omit<Realm, "context" | "stack">;
  const tools = install({ ...host, checkRegExp: (source: string, flags: string) => refuse(source, flags) }, stack);
  trim(global);
  const realm: Realm = { ...tools, context, global, stack };

  function refuse(source: string, flags: string): void {
    const [first] = checkRegExp(source, flags);
    if (first) throw realm.error(`Regular expression ${source}: ${first[1]}`, "SyntaxError");
  }
  return realm;
}
