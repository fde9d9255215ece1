/** Values of reports: what the wire carries comes back, and the rest is refused by a sentence. */

import { expect } from "chai";
import fc from "fast-check";

import { decodeTtlv, encodeTtlv } from "../../../../src/codec/ttlv.js";
import { CMD_RAW_UP, CMD_READ_ANSWER, CMD_REPORT } from "../../../../src/codec/commands.js";
import { createCodec, type Codec, type Values } from "../../../../src/data/values.js";

const LIMIT = 100_000;

describe("values of properties", () => {
  let codec: Codec;
  beforeEach(() => (codec = createCodec(encodeTtlv, "", LIMIT)));
  const encode = (values: Values): string => codec.encode(CMD_REPORT, values)._content;
  const round = (values: Values): Values => codec.written(decodeTtlv(encode(values))!);
  const refusal = (values: Values): string => {
    try {
      encode(values);
    } catch (error) {
      return `${(error as { code: string }).code}: ${(error as Error).message}`;
    }
    return "";
  };

  it("come back exactly: booleans, numbers with few digits, byte strings, objects and arrays", () => {
    const leaf = fc.oneof(
      fc.boolean(),
      fc.integer(),
      fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1000),
      fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)) }),
    );
    const id = fc.integer({ min: 1, max: 8191 }).map(String);
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(id, tie("value"), { minKeys: 1, maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(id, value, { minKeys: 1, maxKeys: 3 }), (values) => {
        fc.pre(decodeTtlv(encode(values)) !== undefined);
        expect(JSON.stringify(round(values))).to.equal(JSON.stringify(values));
      }),
      { numRuns: 300 },
    );
  });

  it("nest to 16 levels, without recursion", () => {
    const nested = (levels: number): unknown => (levels ? { 1: nested(levels - 1) } : true);
    expect(round({ 5: nested(16) })).to.deep.equal({ 5: nested(16) });
    expect(refusal({ 5: nested(17) })).to.match(/^value: 5 cannot be /);
  });

  it("are whole: no array has holes or names, and none holds itself", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    for (const value of [[1, , 2], Object.assign([1], { x: 2 }), new Array(9), loop]) {
      expect(refusal({ 9: value })).to.equal("value: 9 cannot be deep or sparse");
    }
  });

  for (const [name, value] of Object.entries({
    NaN,
    Infinity,
    "-Infinity": -Infinity,
    "0.3333333333333333": 1 / 3,
    "1e-20": 1e-20,
    "1e+300": 1e300,
    undefined,
    null: null,
    "\u0100": "\u0100",
  })) {
    it(`do not include ${name}`, () => expect(refusal({ 9: value })).to.equal(`value: 9 cannot be ${name}`));
  }

  for (const id of ["0", "8192", "-1", "1.5", "name", ""]) {
    it(`have no id "${id}"`, () => expect(refusal({ [id]: 1 })).to.equal(`value: id cannot be ${id}`));
  }

  it("are bytes as Uint8Array, or where the model says so", () => {
    expect(encode({ 5: Uint8Array.of(0xaa, 1) })).to.equal("\x00\x2d\x00\x02\xaa\x01");
    expect(codec.encode(CMD_RAW_UP, Uint8Array.of(0, 255))._content).to.equal("\x00\xff");
    codec = createCodec(encodeTtlv, "\nkey:5 R 2\n", LIMIT);
    expect(encode({ key: "ab" })).to.equal("\x00\x2d\x00\x02ab");
    expect(refusal({ key: "abc" })).to.equal("value: key cannot be abc");
  });

  it("of a write: the first counts of an id that comes twice", () => {
    expect(codec.written([[1, true], [1, false], [2, []]])).to.deep.equal({ 1: true, 2: [] }); // prettier-ignore
  });

  it("have a content that is not longer than the limit, and not empty; an answer may be", () => {
    codec = createCodec(encodeTtlv, "", 6);
    expect(encode({ 1: "ab" })).to.have.length(6);
    expect(refusal({ 1: "abc" })).to.equal("value: content cannot be 7 bytes");
    expect(refusal({})).to.equal("value: content cannot be 0 bytes");
    expect(codec.encode(CMD_READ_ANSWER, {})._content).to.equal("");
    expect(codec.encode(CMD_READ_ANSWER, { 1: "abc" })._content).to.have.length(7);
  });

  it("have no property twice, by its name and by its id", () => {
    codec = createCodec(encodeTtlv, "\nswitch:1 B\n", LIMIT);
    expect(codec.encode(CMD_REPORT, { switch: true, 2: 1 })._parts).to.have.all.keys("1", "2");
    expect(refusal({ 1: true, switch: false })).to.equal("value: id cannot be switch");
  });

  it("are asked for by their names, or their ids", () => {
    codec = createCodec(encodeTtlv, "\nswitch:1 B\n", LIMIT);
    expect(codec.ids("\x00\x01\x27\x0f\x00")).to.deep.equal(["switch", 9999]);
    expect(codec.ids("")).to.deep.equal([]);
  });
});
