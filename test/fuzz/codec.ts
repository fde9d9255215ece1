/** Decoders of src/codec. */
import fc from "fast-check";

import { decodeFrame, nextFrame } from "../../src/codec/frame.js";
import { decodeRecord } from "../../src/codec/record.js";
import { parseServer } from "../../src/codec/server.js";
import { decodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { checksum } from "../support/hal.js";
import { content, damaged, demand, frames, noise, target } from "./inputs.js";

const LIMIT = 256;
/** Longest piece that one run pushes: a whole frame of noise, stuffed. */
const PIECE = 2000;

function count(nodes: Node[], depth = 0): number {
  demand(depth <= 16, "more than 16 levels below the top");
  return nodes.reduce(
    (sum, [, value]) => sum + 1 + (Array.isArray(value) ? count(value, value.length ? depth + 1 : depth) : 0),
    0,
  );
}

export const CODEC = [
  target("frame", frames(0x7030, 0x00b4), (bytes) => {
    const frame = decodeFrame(bytes);
    demand(!frame || (frame.id > 0 && frame.id < 0xffff && frame.data.length <= bytes.length), "an illegal frame");
  }),
  target("frame stream", fc.array(frames(0x7010, 0x7013), { maxLength: 4 }), (pieces) => {
    const buffer = { rest: "", broken: false };
    for (const piece of pieces) {
      buffer.rest += piece;
      for (let frame; (frame = nextFrame(buffer, LIMIT));) demand(frame.data.length <= LIMIT, "a frame over the limit");
      if (buffer.broken) return;
    }
    const { length } = buffer.rest;
    demand(length <= 2 * LIMIT + PIECE, `${length} bytes are kept`);
  }),
  target("TTLV", content, (bytes) => demand(count(decodeTtlv(bytes) ?? []) <= 128, "more than 128 nodes")),
  target("journal record", noise, (bytes) => void decodeRecord(bytes, checksum)),
  target("server URL", damaged(fc.constantFrom("mqtt://host:1883", "mqtts://127.0.0.1")), (url) => {
    const server = parseServer(url);
    demand(!server || (server.port > 0 && server.port < 65536), "no such port");
  }),
];
