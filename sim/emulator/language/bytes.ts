/** What counts as a buffer, and the elements of everything that has some. */

export type Buffer = ArrayBuffer | ArrayBufferView;

/** ArrayBuffers and typed arrays; a DataView is an object like others. */
export function isBuffer(value: unknown): value is Buffer {
  if (typeof value !== "object" || value === null) return false;
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || (ArrayBuffer.isView(value) && tag !== "[object DataView]");
}

/** The elements of an array, a buffer, a text; nothing for other values. */
export function itemsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return Array.from(value as unknown[]);
  if (typeof value === "string") return [...value];
  if (!isBuffer(value)) return [];
  return ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : [...new Uint8Array(value)];
}

/** Each element as a number. */
export function bytesOf(value: unknown): number[] {
  return itemsOf(value).map((one) => (typeof one === "string" ? one.charCodeAt(0) : Number(one)));
}
