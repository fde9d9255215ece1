/** Typed arrays and DataView (jswrap_arraybuffer.c, jswrap_dataview.c): nothing is checked against the buffer's end. */

import { isBuffer, isBytes, itemsOf } from "./bytes.js";
import type { Converter } from "./convert.js";
import { hide, hideAll, type Kit } from "./kit.js";

type TypedArray = Uint8Array;
type Constructor = new (...args: unknown[]) => TypedArray;
type Global = Record<string, unknown>;
type Method = (this: TypedArray, ...args: unknown[]) => unknown;

/** Offsets beyond it throw. */
const LARGEST_OFFSET = 65535;

const isPlainBuffer = (value: unknown): value is ArrayBuffer => isBuffer(value) && !ArrayBuffer.isView(value);

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object")
    return typeof value === "undefined" ? "undefined" : typeof value === "string" ? "String" : typeof value;
  return "Object";
}

/** All that the JsVars of an ESP32 hold. */
const MOST_BYTES = 16_383 * 12;

/** Puts checks before a native constructor. */
function guard(global: Global, name: string, kit: Kit, convert: Converter): void {
  const Native = global[name] as Constructor & { BYTES_PER_ELEMENT: number };
  const size = Native.BYTES_PER_ELEMENT;
  function create(...[first, offset, length]: unknown[]): TypedArray {
    const start = convert.int(offset);
    if (start < 0 || start > LARGEST_OFFSET) throw kit.error("byteOffset too large (or negative)");
    if (typeof first === "number" || typeof first === "boolean") {
      const count = convert.int(first);
      if (count * size > MOST_BYTES) throw kit.error("emulator: out of memory, which nothing catches", "InternalError");
      return new Native(count);
    }
    if (isBytes(first)) return new Native(first);
    if (Array.isArray(first) || (isBuffer(first) && ArrayBuffer.isView(first)))
      return convertAll(new Native(itemsOf(first).length), first, convert);
    if (!isPlainBuffer(first)) throw kit.error(`Unsupported first argument of type ${kindOf(first)}`);
    const count = convert.int(length) || Math.max(0, Math.trunc((first.byteLength - start) / size));
    if (start % size || start + count * size > first.byteLength) {
      throw kit.error(
        `emulator: a ${name} beyond its buffer's end or at an odd place: Espruino makes it`,
        "InternalError",
      );
    }
    return new Native(first, start, count);
  }
  create.prototype = Native.prototype;
  hide(create, "name", name);
  hide(Native.prototype, "constructor", create);
  hide(global, name, create);
}

function convertAll(array: TypedArray, values: unknown, convert: Converter): TypedArray {
  const floating = /Float/.test(Object.prototype.toString.call(array));
  itemsOf(values).forEach((one, at) => {
    array[at] = floating ? convert.float(one) : convert.int(one);
  });
  return array;
}

function viewMethods(kit: Kit, convert: Converter, slice: Method, filter: Method): Record<string, Method> {
  const { int } = convert;
  const isFloating = (array: TypedArray): boolean => /Float/.test(Object.prototype.toString.call(array));
  return {
    slice,
    filter,
    set(values, offset) {
      if (typeof values !== "string" && !Array.isArray(values) && !isBuffer(values)) {
        throw kit.error(`First argument must be Array, not ${kindOf(values)}`);
      }
      const start = int(offset);
      if (start < 0) return undefined;
      if (isBytes(values) && isBytes(this)) {
        const room = Math.min(values.length, Math.max(0, this.length - start));
        Uint8Array.prototype.set.call(this, new Uint8Array(values.buffer, values.byteOffset, room), room && start);
        return undefined;
      }
      const items = itemsOf(values);
      for (let at = 0; at < items.length && start + at < this.length; at++) {
        const one = items[at];
        this[start + at] =
          typeof values === "string" ? String(one).charCodeAt(0) : isFloating(this) ? convert.float(one) : int(one);
      }
      return undefined;
    },
    subarray(begin, end) {
      const size = this.length;
      const wrap = (index: number): number => (index < 0 ? index + size : index);
      let first = wrap(int(begin));
      let last = Math.max(0, wrap(typeof end === "number" ? int(end) : size));
      if (first > last) first = last = 0;
      const Type = this.constructor as Constructor;
      if (first === last) return new Type(0);
      return new Type(this.buffer, this.byteOffset + first * this.BYTES_PER_ELEMENT, last - first);
    },
    sort(order) {
      const list = kit.array(itemsOf(this)) as number[] & { sort(order: unknown): unknown };
      list.sort(order ?? ((a: number, b: number) => (isFloating(this) ? a - b : (a - b) | 0)));
      list.forEach((one, at) => (this[at] = one));
      return this;
    },
    map(callback, self) {
      if (typeof callback !== "function") throw kit.error("First argument must be a function");
      const result = new (this.constructor as Constructor)(this.length);
      for (let at = 0; at < this.length; at++) {
        const one: unknown = callback.call(self, this[at], at, this);
        if (one !== undefined) result[at] = isFloating(this) ? convert.float(one) : int(one);
      }
      return result;
    },
    indexOf(sought, start) {
      const wanted = isFloating(this) ? sought : int(sought);
      for (let at = Math.max(0, int(start)); at < this.length; at++) if (this[at] === wanted) return at;
      return -1;
    },
    reverse() {
      for (let low = 0, high = this.length - 1; low < high; low++, high--)
        [this[low], this[high]] = [this[high], this[low]];
      return this;
    },
  };
}

interface View {
  buffer: ArrayBuffer;
  byteOffset: number;
  byteLength: number;
}

const FORMATS: Record<string, number> = {
  Uint8: 1,
  Int8: 1,
  Uint16: 2,
  Int16: 2,
  Uint32: 4,
  Int32: 4,
  Float32: 4,
  Float64: 8,
};

/** Methods of one format; what lies beyond the buffer reads as 0 and is not written. */
function formatMethods(kit: Kit, convert: Converter, format: string, size: number): Record<string, unknown> {
  const scratch = new DataView(new ArrayBuffer(8));
  const bytes = new Uint8Array(scratch.buffer);
  const native = scratch as unknown as Record<string, (offset: number, ...rest: unknown[]) => number>;
  const locate = (view: View, offset: unknown): number => {
    const at = (convert.int(offset) + convert.int(view.byteOffset)) | 0;
    if (at < 0 || at > LARGEST_OFFSET) throw kit.error("byteOffset too large (or negative)");
    return at;
  };
  return {
    [`get${format}`](this: View, offset: unknown, little: unknown) {
      const at = locate(this, offset);
      const buffer = new Uint8Array(this.buffer);
      for (let i = 0; i < size; i++) bytes[i] = buffer[at + i] ?? 0;
      return native[`get${format}`](0, Boolean(little));
    },
    [`set${format}`](this: View, offset: unknown, value: unknown, little: unknown) {
      const at = locate(this, offset);
      native[`set${format}`](0, /Float/.test(format) ? convert.float(value) : convert.int(value), Boolean(little));
      const buffer = new Uint8Array(this.buffer);
      for (let i = 0; i < size && at + i < buffer.length; i++) buffer[at + i] = bytes[i];
    },
  };
}

/** In Espruino a DataView is an object like others, with three members. */
function installDataView(global: Global, kit: Kit, convert: Converter): void {
  function DataViewOfDevice(this: View, buffer: unknown, offset: unknown, length: unknown): void {
    if (!isPlainBuffer(buffer)) throw kit.error(`Expecting ArrayBuffer, got ${kindOf(buffer)}`, "TypeError");
    this.buffer = buffer;
    this.byteOffset = convert.int(offset);
    this.byteLength = convert.int(length) || buffer.byteLength;
  }
  for (const [format, size] of Object.entries(FORMATS)) {
    hideAll(DataViewOfDevice.prototype as object, formatMethods(kit, convert, format, size));
  }
  Object.setPrototypeOf(DataViewOfDevice.prototype, (global.Object as { prototype: object }).prototype);
  hide(global, "DataView", DataViewOfDevice);
}

/** @param shared the methods of arrays */
export function installTyped(
  global: Global,
  names: string[],
  kit: Kit,
  convert: Converter,
  shared: Record<string, unknown>,
): void {
  const prototype = Object.getPrototypeOf((global.Uint8Array as { prototype: object }).prototype) as object;
  const { forEach, some, every, find, findIndex, reduce, includes, join, fill } = shared;
  hideAll(prototype, {
    forEach,
    some,
    every,
    find,
    findIndex,
    reduce,
    includes,
    join,
    fill,
    toString: shared.toString,
  });
  hideAll(prototype, viewMethods(kit, convert, shared.slice as Method, shared.filter as Method));
  for (const name of names) if (global[name]) guard(global, name, kit, convert);
  const buffers = (global.ArrayBuffer as { prototype: object }).prototype;
  Object.defineProperty(buffers, "length", {
    configurable: true,
    get(this: ArrayBuffer) {
      return this.byteLength;
    },
  });
  installDataView(global, kit, convert);
}
