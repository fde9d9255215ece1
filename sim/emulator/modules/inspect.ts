/** Values as Espruino's console prints them. */

/** A number with Espruino's 11 digits. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return String(value === 0 ? 0 : BigInt(value));
  return Number.isFinite(value) ? String(+value.toPrecision(11)) : String(value);
}

function quote(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\xff]/g, (c) => `\\x${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function members(object: object, depth: number): string {
  const indent = "  ".repeat(depth + 1);
  const lines = Object.entries(object).map(([key, value]) => `\n${indent}${quote(key)}: ${nested(value, depth + 1)}`);
  return lines.length ? `{ ${lines.join(", ")}\n${"  ".repeat(depth)} }` : "{  }";
}

function nested(value: unknown, depth: number): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return numberText(value);
  if (typeof value === "function") return functionText(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (ArrayBuffer.isView(value)) {
    return `new ${value.constructor.name}([${[...(value as Uint8Array)].join(", ")}])`;
  }
  if ("byteLength" in value) return `${nested(new Uint8Array(value as ArrayBuffer), depth)}.buffer`;
  if (Array.isArray(value))
    return value.length ? `[ ${value.map((one) => nested(one, depth + 1)).join(", ")} ]` : "[  ]";
  return members(value, depth);
}

function functionText(value: object): string {
  const text = Function.prototype.toString.call(value);
  return text.startsWith("class") ? "function () {}" : text;
}

/** One argument of `print`: text as it is, everything else as source. */
export function inspect(value: unknown): string {
  if (typeof value === "string") return value;
  const error = value as { message?: unknown; stack?: unknown } | null;
  if (typeof value === "object" && error && "message" in error && "stack" in error) return String(value);
  return nested(value, 0);
}
