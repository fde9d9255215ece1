/** Reads a file of a capture as its bytes come: lines of `tap --save`, hexadecimal in lines, or bytes. */
import { UsageError } from "../errors.js";
import { concat } from "./bytes.js";
import { bytesOfLine, pieceOf, type Piece } from "./capture.js";

/** Bytes that tell what a file is. */
const HEAD = 4096;
/** Characters of a line: 2 MiB of bytes in hexadecimal. What a tap saves has a tenth of it. */
const LONGEST = 4_194_304;

/** Whether bytes are a text of ASCII or UTF-8, whose last character may be cut. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return !/[\0-\x08\x0e-\x1f]/.test(text);
  } catch {
    return false;
  }
}

const isJson = (bytes: Uint8Array): boolean => /^\s*\{/.test(new TextDecoder().decode(bytes));

/** The value of a line, undefined for what is no JSON. */
function valueOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const withoutReturn = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line);

/** Lines of a text in pieces, without their ends. */
class Lines {
  /** Lines so far. */
  count = 0;
  /** The line that has no end yet. */
  rest = "";
  private readonly decoder = new TextDecoder();

  *push(bytes: Uint8Array): Iterable<string> {
    const text = this.decoder.decode(bytes, { stream: true });
    let from = 0;
    // Only what is new is searched: a line may be as long as the file.
    for (let at; (at = text.indexOf("\n", from)) >= 0; from = at + 1) {
      const line = this.rest + text.slice(from, at);
      this.rest = "";
      this.count++;
      yield withoutReturn(line);
    }
    this.rest += text.slice(from);
  }

  /** The last line, which has no end, or half of one; "" where there is none. */
  end(): string {
    const last = this.rest + this.decoder.decode();
    this.count++;
    return withoutReturn(last);
  }
}

export class CaptureReader<Own = never> {
  /** Lines of a text that hold no bytes: names, comments. */
  passedOver = 0;
  /** Number of a last line that was cut while it was written: all before it is whole. */
  cut?: number;
  private head: Uint8Array = new Uint8Array();
  private kind?: "json" | "text" | "bytes";
  private before = "";
  private readonly lines = new Lines();

  /**
   * @param name of the file, for sentences
   * @param own what an object of JSON is to the caller; undefined for one that may be of `tap`
   */
  constructor(
    private readonly name: string,
    private readonly own?: (value: unknown) => Own | undefined,
  ) {}

  /** What the bytes complete, in its order. @throws UsageError that names the line */
  *push(bytes: Uint8Array): Iterable<Piece | Own> {
    if (this.kind) return yield* this.take(bytes);
    this.head = concat(this.head, bytes);
    if (this.head.length >= HEAD) yield* this.begin();
  }

  /** What is left at the end of the file. @throws UsageError that names the line */
  *end(): Iterable<Piece | Own> {
    if (!this.kind) yield* this.begin();
    const last = this.lines.end();
    const torn = this.kind === "json" && this.lines.count > 1 && last.trim() && valueOf(last) === undefined;
    if (torn) this.cut = this.lines.count;
    else yield* this.line(last);
  }

  private begin(): Iterable<Piece | Own> {
    const { head } = this;
    this.kind = isJson(head) ? "json" : isText(head) ? "text" : "bytes";
    this.head = new Uint8Array();
    return this.take(head);
  }

  private *take(bytes: Uint8Array): Iterable<Piece | Own> {
    if (this.kind === "bytes") return yield { connection: 1, bytes };
    for (const line of this.lines.push(bytes)) yield* this.line(line);
    if (this.lines.rest.length <= LONGEST) return;
    const where = `line ${this.lines.count + 1} of ${this.name}`;
    throw new UsageError(`${where} is longer than ${LONGEST} characters: give the bytes as they are (xxd -r -p)`);
  }

  private *line(line: string): Iterable<Piece | Own> {
    if (!line.trim()) return;
    const found = this.kind === "json" ? this.object(line) : this.digits(line);
    if (found) yield found;
    else this.passedOver++;
  }

  private object(line: string): Piece | Own | undefined {
    const { count } = this.lines;
    const where = `line ${count} of ${this.name}`;
    const value = valueOf(line);
    if (value === undefined) throw new UsageError(`${where} is not JSON${count > 1 ? ", as its first one is" : ""}`);
    return this.own?.(value) ?? pieceOf(value, where);
  }

  private digits(line: string): Piece | undefined {
    const bytes = bytesOfLine(line, this.before);
    this.before = line;
    return bytes && { connection: 1, bytes };
  }
}
