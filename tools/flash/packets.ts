/**
 * Espruino's packets on a console (2v25 and later; jsinteractive.c): an expression out, its value back. What a program
 * prints passes beside them.
 */

const ACK = 6;
const NAK = 21;
const DLE = 16;
const SOH = 1;
const XON = 17;
const XOFF = 19;
/** Types, above the 13 bits of a length. */
const RESPONSE = 0;
const EVAL = 0x2000;
/** Most bytes of a packet. */
export const MAX_LENGTH = 0x1fff;
const HEADER = 2;

/** Bytes of one write: what a console's buffer holds between two XOFF. */
const CHUNK = 256;
/** Milliseconds in which a packet that has begun must end, and that a device may hold what it is sent. */
const PACKET_MS = 2000;
const HOLD_MS = 10_000;
/** Letters of a line that has no end. */
const LONGEST_LINE = 10_000;

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f", v: "\v" };

/** A text as Espruino writes it (E.toJS). @returns undefined for what is none */
function textOf(literal: string): string | undefined {
  const quoted = /^\s*"((?:[^"\\]|\\[^])*)"\s*$/.exec(literal)?.[1];
  return quoted?.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([0-7]{1,3})|([^]))/gi, (_, x, u, octal, letter) => {
    if (letter) return ESCAPES[letter] ?? letter;
    return String.fromCharCode(octal ? parseInt(octal, 8) : parseInt(x ?? u, 16));
  });
}

interface Question {
  resolve(answer: string | undefined): void;
  reject(error: Error): void;
}

export interface PacketsOptions {
  /** Resolves when the bytes have left. */
  write(bytes: Uint8Array): Promise<void>;
  /** What is printed, and each whole line of it. */
  onText(text: string): void;
  onLine(line: string): void;
}

export class Packets {
  private question?: Question;
  /** Content of the packet that is coming, its header first. */
  private packet?: number[];
  private begun = 0;
  private last = 0;
  private line = "";
  /** When a device that has sent XOFF is written to all the same. */
  private heldUntil = 0;
  private written: Promise<void> = Promise.resolve();

  constructor(private readonly options: PacketsOptions) {}

  /**
   * Evaluates an expression of up to `MAX_LENGTH` bytes whose value is a text.
   * @returns it, or undefined for an answer that is no text
   * @throws Error when no answer comes in time, or the device has refused the packet
   */
  eval(expression: string, timeout: number): Promise<string | undefined> {
    const flags = EVAL | expression.length;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.question?.reject(new Error("no answer in time")), timeout);
      const end = (): void => {
        clearTimeout(timer);
        this.question = undefined;
      };
      this.question = {
        resolve: (answer) => (end(), resolve(answer)),
        reject: (error) => (end(), reject(error)),
      };
      const header = String.fromCharCode(DLE, SOH, flags >> 8, flags & 255);
      this.send(header + expression).catch((error: Error) => this.question?.reject(error));
    });
  }

  /** Sends bytes as they are, after what was sent before. */
  send(bytes: string): Promise<void> {
    const sent = this.written.then(() => this.write(Buffer.from(bytes, "latin1")));
    this.written = sent.catch(() => {});
    return sent;
  }

  receive(bytes: Uint8Array): void {
    let text = "";
    for (const byte of bytes) {
      const letter = this.take(byte);
      if (letter !== undefined) text += String.fromCharCode(letter);
    }
    if (!text) return;
    this.options.onText(text);
    const lines = (this.line + text).split("\r\n");
    this.line = lines.pop()!.slice(-LONGEST_LINE);
    lines.forEach(this.options.onLine);
  }

  private async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      while (this.heldUntil > Date.now()) await new Promise((resolve) => setTimeout(resolve, 20));
      await this.options.write(bytes.subarray(at, at + CHUNK));
    }
  }

  /** @returns a byte that belongs to no packet and means nothing by itself */
  private take(byte: number): number | undefined {
    if (this.packet && Date.now() - this.begun > PACKET_MS) this.packet = undefined;
    if (this.packet) return this.collect(byte, this.packet);
    const before = this.last;
    this.last = byte;
    if (byte === SOH && before === DLE) {
      this.packet = [];
      this.begun = Date.now();
      return undefined;
    }
    if (byte === NAK) this.question?.reject(new Error("the device has refused the packet"));
    if (byte === XOFF) this.heldUntil = Date.now() + HOLD_MS;
    if (byte === XON) this.heldUntil = 0;
    return [ACK, NAK, DLE, XON, XOFF].includes(byte) ? undefined : byte;
  }

  private collect(byte: number, packet: number[]): undefined {
    packet.push(byte);
    if (packet.length < HEADER) return;
    const flags = (packet[0]! << 8) | packet[1]!;
    if (packet.length < HEADER + (flags & MAX_LENGTH)) return;
    this.packet = undefined;
    this.last = 0;
    if ((flags & ~MAX_LENGTH) !== RESPONSE) return;
    this.question?.resolve(textOf(String.fromCharCode(...packet.slice(HEADER))));
  }
}
