/** Values of reports: what the wire carries comes back, and the rest is refused by a sentence. */

import { expect } from "chai";
import fc from "fast-check";

import { decodeTtlv, encodeTtlv } from "../../../../src/codec/ttlv.js";
import { useModel } from "../../../../src/data/model.js";
import { bytesOf, encodeValues, useCodec, writtenIn, type Values } from "../../../../src/data/values.js";

describe("values of properties", () => {
  before(() => {
    useCodec(encodeTtlv);
    useModel("");
  });
  const encode = (values: Values): string => Object.values(encodeValues(values)).join("");
  const round = (values: Values): Values => writtenIn(decodeTtlv(encode(values))!);
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
    expect(bytesOf("raw", Uint8Array.of(0, 255))).to.equal("\x00\xff");
    useModel("\nkey:5 R 2\n");
    expect(encode({ key: "ab" })).to.equal("\x00\x2d\x00\x02ab");
    expect(refusal({ key: "abc" })).to.equal("value: key cannot be abc");
    useModel("");
  });

  it("of a write: the first counts of an id that comes twice", () => {
    expect(writtenIn([[1, true], [1, false], [2, []]])).to.deep.equal({ 1: true, 2: [] }); // prettier-ignore
  });
});
