/** `Object` (jswrap_object.c). */

import type { Converter } from "./convert.js";
import { hideAll, type Kit } from "./kit.js";
import { keysOf } from "./keys.js";

type Fields = Record<string, unknown>;

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "Array";
  if (typeof value === "string") return "String";
  return typeof value === "function" ? "Function" : typeof value === "object" ? "Object" : "Number";
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A member is always seen and can be taken away; one that is constant throws when it is written. */
function define(kit: Kit, target: object, name: string, description: PropertyDescriptor): void {
  const { get, set, value, writable } = description;
  const common = { enumerable: true, configurable: true };
  if (get || set) Object.defineProperty(target, name, { get, set, ...common });
  else if (writable !== undefined && !writable) {
    const fail = (): never => {
      throw kit.error("Assignment to a constant", "TypeError");
    };
    Object.defineProperty(target, name, { get: () => value as unknown, set: fail, ...common });
  } else Object.defineProperty(target, name, { value, writable: true, ...common });
}

export function installObjects(global: Fields, kit: Kit, convert: Converter): void {
  const read = (value: unknown, key: string): unknown =>
    typeof value === "string" ? value[Number(key)] : (value as Fields)[key];
  hideAll(global.Object as object, {
    keys: (value: unknown) => kit.array(keysOf(value)),
    values: (value: unknown) => kit.array(keysOf(value).map((key) => read(value, key))),
    entries: (value: unknown) => kit.array(keysOf(value).map((key) => kit.array([key, read(value, key)]))),
    assign(...sources: unknown[]) {
      let result: Fields | undefined;
      for (const source of sources) {
        if (source === undefined || source === null) continue;
        if (!isObject(source)) throw kit.error(`Expecting Object, got ${kindOf(source)}`, "TypeError");
        if (result) for (const key of Object.keys(source)) result[key] = source[key];
        else result = source;
      }
      return result;
    },
    create(prototype: unknown, members: unknown) {
      if (prototype !== null && !isObject(prototype)) {
        throw kit.error(`Object prototype may only be an Object or null: ${kindOf(prototype)}`, "TypeError");
      }
      if (isObject(members)) throw kit.error("propertiesObject is not supported yet");
      const result = kit.object();
      if (prototype) Object.setPrototypeOf(result, prototype);
      return result;
    },
    defineProperty(target: object, name: unknown, description: unknown) {
      define(kit, target, convert.text(name), description as PropertyDescriptor);
      return target;
    },
    defineProperties(target: object, descriptions: Record<string, PropertyDescriptor>) {
      for (const name of Object.keys(descriptions)) define(kit, target, name, descriptions[name]!);
      return target;
    },
    fromEntries(entries: unknown) {
      if (!Array.isArray(entries)) return undefined;
      const result = kit.object();
      for (const one of entries) if (Array.isArray(one) && typeof one[0] === "string") result[one[0]] = one[1];
      return result;
    },
  });
  hideAll((global.Object as { prototype: object }).prototype, {
    clone(this: unknown) {
      return Array.isArray(this) ? kit.array([...(this as unknown[])]) : Object.assign(kit.object(), this);
    },
  });
}
