/** Frames out of a stream of bytes, on the host. */

import { nextFrame, type Frame } from "../../src/codec/frame.js";

/**
 * Reads a link from its beginning.
 * @param limit largest frame in bytes, before stuffing
 * @returns what the link's bytes are handed to; false when a frame over the limit is announced
 */
export function readFrames(limit: number, received: (frame: Frame) => void): (bytes: string) => boolean {
  const buffer = { rest: "", broken: false };
  return (bytes) => {
    buffer.rest += bytes;
    for (let frame; (frame = nextFrame(buffer, limit));) received(frame);
    return !buffer.broken;
  };
}
