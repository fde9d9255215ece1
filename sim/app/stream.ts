/**
 * Frames out of the bytes that a device sends: written from the protocol, apart from the device's own decoder, because
 * an app takes what a device does not: pushes carry package id 0.
 */

/** A frame from the device. */
export interface AppFrame {
  /** 0-0xFFFE; 0 is a push. */
  id: number;
  cmd: number;
  /** Content as a byte string. */
  data: string;
}

const MARK = Buffer.of(0xaa, 0xaa);
/** Checksum, package id and command: what the length counts besides the data. */
const OVERHEAD = 5;

/** Drops each 55 that follows an AA, from the second AA of the header on. */
function unstuff(bytes: Buffer): Buffer {
  const plain = bytes.filter((byte, at) => at < 2 || byte !== 0x55 || bytes[at - 1] !== 0xaa);
  return Buffer.from(plain);
}

/** @param plain an unstuffed frame, with whatever follows it */
function parse(plain: Buffer, length: number): AppFrame | undefined {
  if (length < OVERHEAD) return undefined;
  const body = plain.subarray(5, 4 + length);
  const sum = body.reduce((total, byte) => (total + byte) & 255, 0);
  const [id, cmd] = [body.readUInt16BE(0), body.readUInt16BE(2)];
  if (sum !== plain[4] || id === 0xffff || cmd === 0 || cmd === 0xffff) return undefined;
  return { id, cmd, data: body.toString("latin1", 4) };
}

/** The offset of the next header; of three AA in a row the last two are one. */
function headerAt(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(MARK, from);
  while (at >= 0 && bytes[at + 2] === 0xaa) at++;
  return at;
}

/** The AA, two at most, with which bytes end: the next header may begin there. */
function lastAA(bytes: Buffer): Buffer<ArrayBuffer> {
  if (bytes.at(-1) !== 0xaa) return Buffer.alloc(0);
  return Buffer.alloc(bytes.at(-2) === 0xaa ? 2 : 1, 0xaa);
}

/**
 * Reads a link from its beginning.
 * @param limit largest frame in bytes, before stuffing
 * @returns what the link's bytes are handed to; false when a frame over the limit is announced
 */
export function readAnswers(limit: number, received: (frame: AppFrame) => void): (bytes: Buffer) => boolean {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const start = headerAt(rest, 0);
      // An AA at the end may be the first half of a header.
      if (start < 0) {
        rest = lastAA(rest);
        return true;
      }
      let next = headerAt(rest, start + 2);
      // At the end of what has come, its first AA may be the last byte of this frame.
      if (next === rest.length - MARK.length) next = -1;
      const plain = unstuff(rest.subarray(start, next < 0 ? undefined : next));
      const length = plain.length >= 4 ? plain.readUInt16BE(2) : 0;
      if (length + 4 > limit) return false;
      const whole = plain.length >= 4 && plain.length >= length + 4;
      const frame = whole ? parse(plain, length) : undefined;
      if (!whole && next < 0) {
        rest = rest.subarray(start);
        return true;
      }
      // What follows a whole frame is its last 55, or garbage; an AA may begin the next header.
      rest = next >= 0 ? rest.subarray(next) : lastAA(plain.subarray(length + 4));
      if (frame) received(frame);
    }
  };
}
