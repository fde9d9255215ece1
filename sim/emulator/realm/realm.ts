/** A world for one device's JavaScript: Node's intrinsics cut down to what Espruino has. */

import { createContext, Script, type Context } from "node:vm";

import { checkRegExp } from "../../../compiler/gate/regexp.js";
import { GLOBALS, MEMBERS } from "../../../compiler/gate/features.js";
import { OPERATORS, STACK } from "../instrument.js";
import { createLanguage } from "../language/language.js";
import { hide, type Kit } from "../language/kit.js";
import { OPERATORS_SOURCE } from "./operators.js";
import { PRELUDE } from "./prelude.js";
import { ERRORS, PROTOTYPES, TYPED_ARRAYS } from "./tables.js";

/** Counts nested calls; shared with the instrumented program. */
export interface Stack {
  n: number;
  most: number;
  /** The stack has overflowed: nothing but the end of the job may run. */
  dead: boolean;
  overflow(): never;
  /** The function past whose `catch` an error is on its way. */
  escape: number | undefined;
}

export interface RealmHost {
  /** Calls a listener after the current job. */
  queue(listener: unknown, self: unknown, args: unknown[]): void;
  /** An uncaught error. */
  report(error: unknown, where: string): void;
  /** The next number of the generator, 0 to 2^32 - 1. */
  random(): number;
  /** Milliseconds of the device's clock. */
  milliseconds(): number;
  /** A mistake that Espruino would punish in silence. */
  trap(message: string): void;
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
  /** @param loose names without quotes, as Storage takes them */
  json(text: string, loose?: boolean): unknown;
  /** A value as JSON. @param bare names without quotes, as Storage writes them */
  text(value: unknown, bare?: boolean): string;
  /** A value as text. */
  string(value: unknown): string;
  int(value: unknown): number;
  float(value: unknown): number;
  /** Everything that functions for bytes take: the low byte of each number. */
  lowBytes(data: unknown): Uint8Array;
  /** The same as C code sees it. */
  pointedAt(data: unknown): Uint8Array;
}

/** What the prelude hands out. */
interface Natives {
  array(items: unknown[]): unknown[];
  empty(): Fields;
  bytes(bytes: Uint8Array): Uint8Array;
  error(message: string, name?: string): Error;
}

const prelude = new Script(PRELUDE, { filename: "prelude" });
const operators = new Script(`const ${OPERATORS}={};${OPERATORS_SOURCE}`, { filename: "prelude" });
/** Lexical bindings, which programs find faster than members of the global object. */
const stackDefinition = new Script(`const ${STACK}={n:0,most:0,dead:false,escape:undefined};${STACK}`);
const operatorsObject = new Script(OPERATORS);
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
  const refuse = (source: string, flags: string): void => {
    const [first] = checkRegExp(source, flags);
    if (first) throw natives.error(`Regular expression ${source}: ${first[1]}`, "SyntaxError");
  };
  const install = prelude.runInContext(context) as (host: object, stack: Stack) => Natives;
  const natives = install({ checkRegExp: refuse, trap: (message: string) => host.trap(message) }, stack);
  const kit: Kit = { ...natives, object: natives.empty, trap: (message) => host.trap(message) };
  trim(global);
  const language = createLanguage(global, kit, { ...host, dead: () => stack.dead });
  const make = operators.runInContext(context) as (slow: object) => Fields;
  Object.assign(operatorsObject.runInContext(context) as Fields, make(language.operators));
  return {
    ...natives,
    ...language.events,
    ...language.tools,
    context,
    global,
    stack,
    object: (fields) => Object.assign(natives.empty(), fields),
    make: (methods) => {
      const prototype = natives.empty();
      for (const [name, method] of Object.entries(methods)) hide(prototype, name, method);
      return Object.setPrototypeOf(natives.empty(), prototype) as Fields;
    },
  };
}
