/** Values between JSON and the wire, by a thing model and without one. */
import { expect } from "chai";

import { findProperty, readModel } from "../../../../sim/model/tsl.js";
import { kindOf, plainNode, toJson, toNode, ValueError } from "../../../../sim/model/values.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";

const MODEL = readModel(
  {
    properties: [
      { id: 1, code: "on", dataType: "BOOL" },
      { id: 2, code: "level", dataType: "INT", specs: { min: "-10", max: "100" } },
      { id: 3, code: "warmth", dataType: "DOUBLE", specs: { step: "0.01" } },
      { id: 4, code: "mode", dataType: "ENUM", specs: [{ value: "1", name: "day" }, { value: "7", name: "night" }] }, // prettier-ignore
      { id: 5, code: "name", dataType: "TEXT", specs: { length: "4" } },
      { id: 6, code: "key", dataType: "RAW" },
      { id: 7, code: "place", dataType: "STRUCT", specs: [{ id: 2, code: "x", dataType: "INT" }] },
      { id: 8, code: "list", dataType: "ARRAY", specs: { size: "2", dataType: "INT", specs: { max: "5" } } },
    ],
  },
  "model",
);

const property = (name: string) => findProperty(MODEL, name)!;
const complaint = (name: string, value: unknown): string => {
  try {
    return `taken as ${JSON.stringify(toNode(property(name), value))}`;
  } catch (error) {
    expect(error).to.be.instanceOf(ValueError);
    return `${(error as ValueError).kind}: ${(error as Error).message}`;
  }
};

describe("values of a thing model", () => {
  const good: [name: string, value: unknown, node: Node, back?: unknown][] = [
    ["on", true, [1, true]],
    ["on", "false", [1, false], false],
    ["on", 1, [1, true], true],
    ["level", "-10", [2, -10], -10],
    ["warmth", 99.99, [3, 99.99]],
    ["mode", 7, [4, 7]],
    ["mode", "night", [4, 7], 7],
    ["name", "éé", [5, "\xc3\xa9\xc3\xa9"]],
    ["key", "00ff", [6, "\x00\xff", true]],
    ["place", { x: 5 }, [7, [[2, 5]]]],
    ["place", [{ x: 5 }], [7, [[2, 5]]], { x: 5 }],
    ["list", [1, 5], [8, [[0, 1], [0, 5]]]], // prettier-ignore
    ["list", [], [8, []]],
  ];
  for (const [name, value, node, back = value] of good) {
    it(`${name} takes ${JSON.stringify(value)}, and shows ${JSON.stringify(back)} after the wire`, () => {
      expect(toNode(property(name), value)).to.deep.equal(node);
      const [[, told, raw]] = decodeTtlv(encodeTtlv([node]))!;
      expect(toJson(told, property(name), raw)).to.deep.equal(back);
    });
  }

  const bad: [name: string, value: unknown, says: RegExp][] = [
    ["on", "yes", /^type: on must be true or false/],
    ["on", null, /^type/],
    ["level", 101, /^range: level is 101, and must be -10 to 100/],
    ["level", "", /^type/],
    ["level", 1.5, /^type: level must be a whole number/],
    ["level", true, /^type/],
    ["warmth", Infinity, /^type: warmth must be a number/],
    ["warmth", "NaN", /^type/],
    ["mode", 2, /^range: mode must be one of 1 \(day\), 7 \(night\)/],
    ["mode", true, /^range/],
    ["mode", "", /^range/],
    ["name", "ééé", /^range: name has 6 bytes, and may have 4/],
    ["name", 5, /^type: name must be a text/],
    ["key", "0", /^type: key must be bytes in hexadecimal/],
    ["key", "zz", /^type/],
    ["place", { y: 1 }, /^type: place has no field "y"/],
    ["place", { x: "left" }, /^type: place\.x must be a number/],
    ["place", 5, /^type: place must be an object with x/],
    ["list", [1, 6], /^range: list\[1\] is 6, and must be 5 or less/],
    ["list", [1, 2, 3], /^range: list has 3 elements, and may have 2/],
    ["list", { 0: 1 }, /^type: list must be a list/],
  ];
  for (const [name, value, says] of bad) {
    it(`${name} refuses ${String(JSON.stringify(value) ?? value)}`, () =>
      expect(complaint(name, value)).to.match(says));
  }

  it("rounds what drifted on the way to the step of the property", () => {
    expect(toJson(99.989999999999995, property("warmth"))).to.equal(99.99);
    expect(toJson(99.989999999999995)).to.equal(99.99);
    expect(toJson(0.469999999999999, property("warmth"))).to.equal(0.47);
  });

  it("shows a value that does not fit the model, too", () => {
    expect(toJson([[9, true]], property("place"))).to.deep.equal({ 9: true });
    expect(toJson("text", property("level"))).to.equal("text");
    expect(toJson("\xff\xfe")).to.equal("fffe");
  });
});

describe("values without a thing model", () => {
  const plain: [value: unknown, node: Node][] = [
    [true, [3, true]],
    [-2.5, [3, -2.5]],
    ["é", [3, "\xc3\xa9"]],
    [[1, "a"], [3, [[0, 1], [0, "a"]]]], // prettier-ignore
    [{ 1: { 2: [true] } }, [3, [[1, [[2, [[0, true]]]]]]]], // prettier-ignore
  ];
  for (const [value, node] of plain) {
    it(`${JSON.stringify(value)} is what it is`, () => {
      expect(plainNode(3, value)).to.deep.equal(node);
      expect(toJson(node[1])).to.deep.equal(value);
    });
  }

  it("cuts a decimal to the digits that the wire carries, in 8 bytes", () => {
    for (const value of [1889147761.6918962, -274127840890608.66, 0.1 + 0.2, 1e-20, 123456789.123456789]) {
      const [[, back]] = decodeTtlv(encodeTtlv([plainNode(3, value)]))!;
      expect(back).to.be.closeTo(value, Math.abs(value) * 1e-14 + 1e-15);
      expect(toNode(property("warmth"), value)).to.deep.equal([3, plainNode(3, value)[1]]);
    }
    for (const value of [2 ** 53, -1e20, 1e300]) {
      expect(() => plainNode(3, value), String(value)).to.throw(ValueError);
    }
  });

  it("refuses what the wire cannot carry, and tells the kinds of what came", () => {
    for (const value of [null, undefined, NaN, { name: 1 }, { 0: 1 }, { 8192: 1 }, { 9999: 1 }, [null]]) {
      expect(() => plainNode(3, value), JSON.stringify(value)).to.throw(ValueError);
    }
    const kinds = [true, 1, 1.5, "a", [[0, 1]], [[1, 1]]].map((value) => kindOf(value as Node[1]));
    expect(kinds).to.deep.equal(["BOOL", "INT", "DOUBLE", "TEXT", "ARRAY", "STRUCT"]);
    expect(kindOf("a", true)).to.equal("RAW");
  });
});
