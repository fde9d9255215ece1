/** What counts as a buffer, and the elements of everything that has some. */

export type Buffer = ArrayBuffer | ArrayBufferView;

/** ArrayBuffers and typed arrays; a DataView is an object like others. */
export function isBuffer(value: unknown): value is Buffer {
  if (typeof value !== "object" || value === null) return false;
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || (ArrayBuffer.isView(value) && tag !== "[object DataView]");
}

/** Whether nothing in it has to be converted to be a byte. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/** The elements of an array, a buffer, a text, and of an object that has numbered members. */
export function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return Array.from(value as unknown[]);
  if (typeof value === "string") return [...value];
  if (!isBuffer(value)) return numbered(value);
  return ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : [...new Uint8Array(value)];
}

/** What an object has under whole numbers. */
function numbered(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => (/^\d+$/.test(key) ? [one] : []));
}
