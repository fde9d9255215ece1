/** `JSON.parse`: Espruino reads JSON with the lexer of its programs, which takes more than JSON (jslex.c, jswrap_json.c). */

import type { Kit } from "./kit.js";
import { isSpace, parseFloating, parseWhole } from "./numbers.js";

/** Lists in lists before the emulator calls it an attack: nothing stops Espruino, until its stack is full (inferred). */
const DEEPEST = 100;

type Token =
  | { kind: "word" | "other" | "end" }
  | { kind: "text"; value: string }
  | { kind: "number"; value: number; whole: boolean };

const WORD = /[A-Za-z_$][\w$]*/y;
const NUMBER =
  /0[xX][\da-fA-F_]*|0[bB][\da-fA-F_]*|0[oO][\da-fA-F_]*|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?[\d_]*)?/y;
const LETTERS: Record<string, string> = { n: "\n", b: "\b", f: "\f", r: "\r", t: "\t", v: "\v" };

/** A missing value, which is no error in Espruino. */
const NOTHING = Symbol("nothing");

class Reader {
  token: Token = { kind: "end" };
  /** What the token is written as. */
  raw = "";
  private at = 0;

  constructor(
    readonly kit: Kit,
    private readonly text: string,
  ) {
    this.next();
  }

  next(): void {
    this.skip();
    const start = this.at;
    this.token = this.read();
    this.raw = this.text.slice(start, this.at);
  }

  error(message: string): Error {
    return this.kit.error(message, "SyntaxError");
  }

  private skip(): void {
    for (;;) {
      while (isSpace(this.text[this.at] ?? "")) this.at++;
      const two = this.text.slice(this.at, this.at + 2);
      if (two !== "//" && two !== "/*") return;
      const end = this.text.indexOf(two === "//" ? "\n" : "*/", this.at + 2);
      this.at = end < 0 ? this.text.length : end + (two === "//" ? 0 : 2);
    }
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found) this.at += found.length;
    return found;
  }

  private read(): Token {
    const char = this.text[this.at];
    if (char === undefined || char === "\0") return { kind: "end" };
    if (char === '"' || char === "'" || char === "`") return this.readText(char);
    const digits = this.match(NUMBER);
    if (digits) {
      const plain = digits.replace(/_/g, "");
      const whole = /^0[xbo]/i.test(plain) || /^\d+$/.test(plain);
      return { kind: "number", whole, value: whole ? parseWhole(plain).value : parseFloating(plain).value };
    }
    if (this.match(WORD)) return { kind: "word" };
    this.at++;
    return { kind: "other" };
  }

  private readText(quote: string): Token {
    let value = "";
    for (this.at++; this.at < this.text.length;) {
      const char = this.text[this.at++];
      if (char === quote) return { kind: "text", value };
      if (char === "\n" && quote !== "`") break;
      value += char === "\\" ? this.readEscape() : char;
    }
    return { kind: "other" };
  }

  private readEscape(): string {
    const char = this.text[this.at++] ?? "";
    if (char === "x" || char === "u") {
      const code = this.text.slice(this.at, this.at + (char === "x" ? 2 : 4));
      if (code.length < (char === "x" ? 2 : 4) || /[^\da-fA-F]/.test(code))
        throw this.kit.error("Invalid escape sequence");
      this.at += code.length;
      return String.fromCharCode(parseInt(code, 16) & 255);
    }
    const octal = /^[0-7]{1,3}/.exec(char + this.text.slice(this.at, this.at + 2))?.[0];
    if (!octal) return LETTERS[char] ?? char;
    this.at += octal.length - 1;
    return String.fromCharCode(parseInt(octal, 8) & 255);
  }
}

function expect(reader: Reader, raw: string): void {
  if (reader.token.kind !== "other" || reader.raw !== raw)
    throw reader.error(`Got ${reader.raw || "EOF"} expected '${raw}'`);
  reader.next();
}

const is = (reader: Reader, raw: string): boolean => reader.token.kind === "other" && reader.raw === raw;

const CONSTANTS: Record<string, unknown> = { true: true, false: false, null: null };

function value(reader: Reader, loose: boolean, depth: number): unknown {
  const { token, raw } = reader;
  if (depth > DEEPEST)
    throw reader.kit.error(`emulator: JSON deeper than ${DEEPEST} fills a chip's stack`, "InternalError");
  if (token.kind === "text" || token.kind === "number") {
    reader.next();
    return token.value;
  }
  if (token.kind === "word" && Object.hasOwn(CONSTANTS, raw)) {
    reader.next();
    return CONSTANTS[raw];
  }
  if (is(reader, "-")) return negative(reader);
  if (is(reader, "[")) return list(reader, loose, depth);
  if (is(reader, "{")) return object(reader, loose, depth);
  throw reader.error(`Expecting valid value, got ${raw || "EOF"}`);
}

function negative(reader: Reader): unknown {
  reader.next();
  const { token } = reader;
  if (token.kind !== "number") return NOTHING;
  reader.next();
  return 0 - token.value;
}

function list(reader: Reader, loose: boolean, depth: number): unknown {
  const items = reader.kit.array([]);
  reader.next();
  while (!is(reader, "]")) {
    const one = value(reader, loose, depth + 1);
    if (one === NOTHING) return NOTHING;
    if (!is(reader, "]")) expect(reader, ",");
    items.push(one);
  }
  reader.next();
  return items;
}

function object(reader: Reader, loose: boolean, depth: number): unknown {
  const result = reader.kit.object();
  reader.next();
  for (;;) {
    const { token, raw } = reader;
    const bare = token.kind === "word" || (token.kind === "number" && token.whole);
    if (token.kind !== "text" && !bare) break;
    if (bare && !loose) throw reader.error(`Got ${raw} expected String`);
    const key = token.kind === "text" ? token.value : token.kind === "number" ? String(token.value) : raw;
    reader.next();
    expect(reader, ":");
    const one = value(reader, loose, depth + 1);
    if (one === NOTHING) return NOTHING;
    if (!is(reader, "}")) expect(reader, ",");
    add(result, key, one);
  }
  expect(reader, "}");
  return result;
}

/** The first of two equal names counts, and one name sets what the object inherits from. */
function add(object: object, key: string, one: unknown): void {
  if (key === "__proto__") {
    if (typeof one === "object" && one) Object.setPrototypeOf(object, one);
  } else if (!Object.hasOwn(object, key)) {
    Object.defineProperty(object, key, { value: one, writable: true, enumerable: true, configurable: true });
  }
}

/** @param loose names without quotes, as Storage.readJSON takes them */
export function parseJson(kit: Kit, text: string, loose = false): unknown {
  const result = value(new Reader(kit, text), loose, 0);
  return result === NOTHING ? undefined : result;
}
