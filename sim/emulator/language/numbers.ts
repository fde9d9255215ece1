/** Numbers as Espruino reads and writes them (jsutils.c): digit by digit in doubles, which is not always the nearest. */

/** What a fraction is cut at. */
const CLOSE = 0.0000001;
/** Places behind the point that a fraction has at most. */
const MOST_PLACES = 12;
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
/** Room for the digits of a number. */
const BUFFER = 70;

export const isSpace = (char: string): boolean => char !== "" && "\t\v\f \n\r".includes(char);

/** A number as C stores it in 32 bits, without its fraction. */
function whole(value: number): number {
  return Math.abs(value) < 2 ** 31 ? Math.trunc(value) : -(2 ** 31);
}

/** The low 32 bits of a number, as a signed one; 0 for what is too large. */
export function toInt(value: number): number {
  return value < 2 ** 63 && value > -(2 ** 63) ? value | 0 : 0;
}

interface Scaled {
  value: number;
  exponent: number;
}

function scale(value: number): Scaled {
  let exponent = 0;
  if (value >= 1e21) {
    for (; value > 100000; exponent += 5) value /= 100000;
    for (; value > 10; exponent++) value /= 10;
  } else if (value < 1e-6) {
    for (; value < 1e-5; exponent -= 5) value *= 100000;
    for (; value < 1; exponent--) value *= 10;
  }
  return { value, exponent };
}

/** @param places behind the point, or -1 for as many as it needs */
function fraction(value: number, radix: number, places: number): string {
  let text = "";
  value *= radix;
  for (let left = places; left < 0 ? left > -MOST_PLACES && value > CLOSE : left > 0; left--) {
    const digit = Math.trunc(value + (left === 1 ? 0.5 : 0.00000001));
    value = (value - digit) * radix;
    text += (text ? "" : ".") + DIGITS[digit === radix ? radix - 1 : digit];
  }
  return text;
}

/** A number as text. @param places behind the point (toFixed), or -1 for as many as it needs */
export function numberText(number: number, radix = 10, places = -1): string {
  if (number === (number | 0) && places < 0) return number.toString(radix);
  if (!Number.isFinite(number)) return String(number);
  const sign = number < 0 ? "-" : "";
  const scaled = radix === 10 && number !== 0 && places < 0;
  const parts = scaled ? scale(Math.abs(number)) : { value: Math.abs(number), exponent: 0 };
  let value = parts.value;
  if (whole(value + CLOSE) === whole(value) + 1) value = whole(value) + 1;
  let unit = 1;
  while (unit * radix <= value) unit *= radix;
  let text = sign;
  for (; unit >= 1; unit /= radix) {
    const digit = Math.trunc(value / unit);
    value -= digit * unit;
    if (text.length < BUFFER - 1) text += DIGITS[digit] ?? "?";
  }
  if (places ? value > 0 || places > 0 : false) text += fraction(value, radix, places);
  const { exponent } = parts;
  return text + (exponent ? `e${exponent > 0 ? "+" : ""}${exponent}` : "");
}

/** The base that a literal announces, and where its digits begin. */
function radixOf(text: string, at: number): [radix: number, start: number] {
  if (text[at] !== "0") return [10, at];
  const letter = text[at + 1]?.toLowerCase();
  const known = letter === "x" ? 16 : letter === "b" ? 2 : letter === "o" ? 8 : 0;
  if (known) return [known, at + 2];
  return [/^[0-7]*[.89]/.test(text.slice(at + 1)) ? 10 : 8, at + 1];
}

function digitOf(char: string | undefined): number {
  if (char === undefined) return -1;
  const digit = DIGITS.indexOf(char.toLowerCase());
  return char.length === 1 ? digit : -1;
}

export interface Parsed<T> {
  value: T;
  /** The index behind the last character that belongs to it. */
  end: number;
  empty: boolean;
}

interface Start {
  at: number;
  negative: boolean;
}

function skipSign(text: string): Start {
  let at = 0;
  while (at < text.length && isSpace(text[at])) at++;
  const negative = text[at] === "-";
  if (negative || text[at] === "+") at++;
  return { at, negative };
}

/** A whole number of up to 64 bits. @param forced the base, or 0 for what the text says */
export function parseWhole(text: string, forced = 0): Parsed<number> {
  const { at, negative } = skipSign(text);
  const [radix, start] = forced ? [forced, at] : radixOf(text, at);
  let value = 0n;
  let end = start;
  for (let digit; (digit = digitOf(text[end])) >= 0 && digit < radix; end++)
    value = value * BigInt(radix) + BigInt(digit);
  return { value: Number(BigInt.asIntN(64, negative ? -value : value)), end, empty: end === at };
}

function parseExponent(text: string, at: number): [exponent: number, end: number] {
  const negative = text[at] === "-";
  if (negative || text[at] === "+") at++;
  let exponent = 0;
  for (; text[at] >= "0" && text[at] <= "9"; at++) exponent = exponent * 10 + Number(text[at]);
  return [negative ? -exponent : exponent, at];
}

/** A number with a fraction, rounded at each of its digits. */
export function parseFloating(text: string): Parsed<number> {
  const { at, negative } = skipSign(text);
  const [radix, start] = radixOf(text, at);
  let value = 0;
  let end = start;
  for (let digit; (digit = digitOf(text[end])) >= 0 && digit < radix; end++) value = value * radix + digit;
  if (radix === 10) {
    if (text[end] === ".") {
      let unit = 0.1;
      for (end++; text[end] >= "0" && text[end] <= "9"; end++, unit /= 10) value += unit * Number(text[end]);
    }
    if (text[end] === "e" || text[end] === "E") {
      let exponent: number;
      [exponent, end] = parseExponent(text, end + 1);
      for (; exponent > 0 && value !== 0 && Number.isFinite(value); exponent--) value *= 10;
      for (; exponent < 0 && value !== 0; exponent++) value /= 10;
    }
  }
  const empty = end === at || (text[at] === "." && end === at + 1);
  return { value: empty ? NaN : negative ? -value : value, end, empty };
}

/** A literal of a program: whole numbers are exact, the others come digit by digit. */
export function literalValue(raw: string): number {
  const text = raw.replace(/_/g, "");
  const floating = /^(\d|\.)/.test(text) && !/^0[xbo]/i.test(text) && /[.eE]/.test(text);
  return floating ? parseFloating(text).value : parseWhole(text).value;
}

/** Whether a text has only digits of the base that it announces; a lone 0 does not count. */
export function isWholeText(text: string, point: boolean): boolean {
  let { at } = skipSign(text);
  let radix = 10;
  if (text[at] === "0") {
    const [base, start] = radixOf(text.slice(at, at + 2), 0);
    radix = base;
    at += Math.max(start, 1);
  }
  const start = at;
  for (; at < text.length; at++) {
    if (text[at] === "." && point) point = false;
    else if (!(digitOf(text[at]) >= 0 && digitOf(text[at]) < radix)) return false;
  }
  return at > start;
}
