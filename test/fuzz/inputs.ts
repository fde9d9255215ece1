/** What the decoders are fed: noise, noise made of the bytes that matter, and well-formed messages with damage. */
import fc from "fast-check";

import { encodeFrame } from "../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../src/codec/ttlv.js";

/** One decoder under fire. */
export interface Target<Input = unknown> {
  name: string;
  inputs: fc.Arbitrary<Input>;
  /** Decodes an input; throws when the decoder does, or when what it says cannot be. */
  decode(input: Input): void;
}

/** Keeps a target's own type of input; lists of targets forget it. */
export function target<Input>(name: string, inputs: fc.Arbitrary<Input>, decode: (input: Input) => void): Target {
  return { name, inputs, decode: decode as (input: unknown) => void };
}

export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Any bytes, as a byte string. */
export const noise = fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes).toString("latin1"));

/** Header, stuffing and TTLV tags come often. */
const tricky = fc
  .array(fc.constantFrom("\xaa", "\x55", "\x00", "\x01", "\x03", "\x0a", "\x0b", "\x0c", "\xff", "p"), {
    maxLength: 60,
  })
  .map((list) => list.join(""));

const { list } = fc.letrec<{ list: Node[]; node: Node }>((tie) => ({
  node: fc.tuple(
    fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 8191 })),
    fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      noise,
      fc.boolean(),
      fc.oneof(fc.integer({ min: -100, max: 0xffff }), fc.double({ noNaN: true, noDefaultInfinity: true })),
      tie("list"),
    ),
  ),
  list: fc.array(tie("node"), { maxLength: 6 }),
}));

/** TTLV as somebody may send it who means well. */
export const nodes = list;

const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom("set", "cut", "add"), fc.integer({ min: 0, max: 255 })), {
  maxLength: 3,
});

/** Bytes of a well-formed message, of which up to three are changed, missing or too many. */
export function damaged(whole: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(whole, damage).map(([bytes, changes]) =>
    changes.reduce((text, [place, how, byte]) => {
      const at = text.length ? place % text.length : 0;
      const put = how === "cut" ? "" : String.fromCharCode(byte);
      return text.slice(0, at) + put + text.slice(how === "add" ? at : at + 1);
    }, bytes),
  );
}

/** Structs in structs, and many small nodes: around the limits of depth and number. */
const deep = fc
  .tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 0, max: 140 }))
  .map(
    ([levels, count]) =>
      "\x00\x0c\x00\x01".repeat(levels) + `\x00\x0c\x00${String.fromCharCode(count)}` + "\x00\x09".repeat(count),
  );

/** Content of a frame. */
export const content = fc.oneof(noise, tricky, damaged(nodes.map(encodeTtlv)), nodes.map(encodeTtlv), damaged(deep));

/** A frame with one of these commands, or with any. */
export function frames(...commands: number[]): fc.Arbitrary<string> {
  const cmd = fc.oneof(fc.constantFrom(...commands), fc.integer({ min: 1, max: 0xfffe }));
  const whole = fc
    .tuple(fc.integer({ min: 1, max: 0xfffe }), cmd, content)
    .map(([id, cmd, data]) => encodeFrame(id, cmd, data));
  return fc.oneof(whole, damaged(whole), tricky, noise);
}
