/**
 * The decoder: bytes of a capture or of a running stream in, frames and MQTT packets for people out. It runs in Node and
 * in a browser; what opens sealed frames is handed in.
 */
import { concat, hexOf, indexOfPair } from "./bytes.js";
import { describeFrame, takeFrame, type DecodedFrame, type FrameOptions } from "./frame.js";
import { describePacket, extentOf, type DecodedPacket } from "./mqtt.js";
import { Stuffing } from "./stuffing.js";

export type { DecodedFrame } from "./frame.js";
export { createMarks, type Keys } from "./keys.js";
export type { DecodedPacket } from "./mqtt.js";
export { factsOf, type Direction } from "./names.js";
export type { DecodedNode } from "./ttlv.js";

/** Bytes that are no part of a frame or a packet. */
export interface OtherBytes {
  kind: "bytes";
  at: number;
  size: number;
  hex: string;
  problems: string[];
}

export type Item = DecodedFrame | DecodedPacket | OtherBytes;

export interface DecodeOptions extends FrameOptions {
  /** What the bytes are; without it the first ones tell. */
  protocol?: "frames" | "mqtt";
}

/** Largest MQTT packet that is looked into; a larger one is told, and passed over. */
const PACKET_LIMIT = 1 << 20;
/** Bytes of garbage that are shown. */
const SHOWN = 256;

/** Whether bytes begin as an MQTT connection does, from either end. */
function looksLikeMqtt(bytes: Uint8Array): boolean {
  if (bytes[0] === 0xaa) return false;
  const extent = extentOf(bytes, 0);
  return typeof extent === "object" && (extent.body > 0 || bytes[0] >> 4 >= 12);
}

/** Decodes one direction of a stream, or a capture, as its bytes come. */
export class Decoder {
  private rest: Uint8Array = new Uint8Array();
  /** Offset of `rest` in the stream. */
  private offset = 0;
  /** Bytes still to come of a packet that is passed over. */
  private skip = 0;
  private protocol?: "frames" | "mqtt";
  /** Of the bytes from an offset of the stream to the last that have come. */
  private stuffing?: { of: Stuffing; offset: number };

  constructor(private readonly options: DecodeOptions = {}) {
    this.protocol = options.protocol;
  }

  /** What the bytes complete, in their order. */
  push(bytes: Uint8Array): Item[] {
    return this.read(bytes, false);
  }

  /** What is left at the end of the stream: a cut frame, a cut packet, other bytes. */
  end(): Item[] {
    return this.read(new Uint8Array(), true);
  }

  private read(bytes: Uint8Array, ended: boolean): Item[] {
    this.rest = concat(this.rest, bytes);
    this.stuffing = undefined;
    if (!this.protocol && (this.rest.length >= 2 || ended)) {
      this.protocol = looksLikeMqtt(this.rest) ? "mqtt" : "frames";
    }
    const items: Item[] = [];
    for (let item; (item = this.next(ended));) if (item !== "skipped") items.push(item);
    return items;
  }

  private next(ended: boolean): Item | "skipped" | undefined {
    if (this.skip && this.rest.length) {
      const skipped = Math.min(this.skip, this.rest.length);
      this.skip -= skipped;
      this.advance(skipped);
      return "skipped";
    }
    if (!this.rest.length || !this.protocol) return undefined;
    return this.protocol === "mqtt" ? this.packet(ended) : this.frame(ended);
  }

  private frame(ended: boolean): Item | undefined {
    const { rest } = this;
    const start = this.header(0);
    if (start < 0) {
      // An AA at the end may be the first half of a header.
      const kept = !ended && rest[rest.length - 1] === 0xaa ? 1 : 0;
      return rest.length > kept ? this.other(rest.length - kept, "no frame begins here") : undefined;
    }
    if (start > 0) return this.other(start, "no frame begins here");
    // A frame that is broken ends where the next one begins.
    const next = this.header(2);
    const broken = next > 0 && this.isBroken(next);
    const part = takeFrame(broken ? rest.subarray(0, next) : rest, 0);
    if (!part.whole && !broken && !ended) return undefined;
    // The 55 behind a last AA may still be on its way.
    if (part.whole && part.size === rest.length && rest[part.size - 1] === 0xaa && !ended) return undefined;
    const frame = describeFrame(part, rest, 0, this.options);
    const at = this.offset;
    if (frame.checksum === "ok") this.options.keys?.heard(parseInt(frame.cmd, 16), part.plain.subarray(9));
    this.advance(part.size);
    return { ...frame, at };
  }

  /** Whether the frame at the beginning is not sound, and reaches beyond a place. */
  private isBroken(next: number): boolean {
    this.stuffing ??= { of: new Stuffing(this.rest), offset: this.offset };
    const { of, offset } = this.stuffing;
    const { size, sound } = of.extent(this.offset - offset);
    return !sound && next < size;
  }

  private packet(ended: boolean): Item | undefined {
    const { rest, offset: at } = this;
    const extent = extentOf(rest, 0);
    if (extent === undefined) return this.other(rest.length, "this is no MQTT packet, nor what follows");
    if (extent === "more") return ended ? this.other(rest.length, "the packet is cut") : undefined;
    const size = extent.header + extent.body;
    if (size > PACKET_LIMIT) {
      this.skip = size;
      return { kind: "bytes", at, size, hex: "", problems: [`a packet of ${size} bytes, too large to be looked into`] };
    }
    if (rest.length < size) {
      if (!ended) return undefined;
      const missing = `the packet is cut: ${size - rest.length} of its ${size} bytes are missing`;
      return this.other(rest.length, missing, rest[0] >> 4 === 1);
    }
    const packet = describePacket(rest.subarray(0, size), extent.header, at, this.options);
    this.advance(size);
    return packet;
  }

  /** @param hidden whether the bytes may hold a secret */
  private other(size: number, problem: string, hidden = false): OtherBytes {
    const bytes = this.rest.subarray(0, Math.min(size, SHOWN));
    const hex = hexOf(bytes, () => hidden && !this.options.showSecrets) + (size > SHOWN ? " …" : "");
    const at = this.offset;
    this.advance(size);
    return { kind: "bytes", at, size, hex, problems: [problem] };
  }

  /** The offset of the next AA AA; of three AA in a row the last two are the header. */
  private header(from: number): number {
    let at = indexOfPair(this.rest, 0xaa, 0xaa, from);
    while (at >= 0 && this.rest[at + 2] === 0xaa) at++;
    return at;
  }

  private advance(size: number): void {
    this.rest = this.rest.subarray(size);
    this.offset += size;
  }
}

/** Decodes a whole capture: any number of frames one behind the other, or the bytes of an MQTT connection. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Item[] {
  const decoder = new Decoder(options);
  return [...decoder.push(bytes), ...decoder.end()];
}
