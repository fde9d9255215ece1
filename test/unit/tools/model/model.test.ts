/** `model`: from the cloud's thing model to the device's table and its types, and what is wrong with a file, and where. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { LAMP } from "../../../../sim/model/lamp.js";
import { Run, temporaryFolder } from "../command/harness.js";

/** Written as the cloud writes it: numbers are texts, an array says what its elements are. */
const TSL = {
  profile: { productKey: "p1ABCD" },
  events: [],
  services: [{ id: 90, code: "blink", type: "SERVICE", subType: "ASYNC" }],
  properties: [
    ...LAMP.properties,
    {
      id: 3,
      code: "power",
      name: "Power",
      subType: "R",
      dataType: "FLOAT",
      specs: { min: "0", max: "", step: "0.1", unit: "W" },
    },
    {
      id: 4,
      code: "mode",
      name: "Mode",
      subType: "RW",
      dataType: "ENUM",
      specs: [
        { dataType: "ENUM", name: "off", value: "0" },
        { dataType: "ENUM", name: "party */", value: "2" },
      ],
    },
    { id: 5, code: "label", subType: "W", dataType: "TEXT", specs: { length: "20" } },
    { id: 6, code: "key", subType: "RW", dataType: "RAW" },
    {
      id: 7,
      code: "colour",
      subType: "RW",
      dataType: "STRUCT",
      specs: [{ id: 1, code: "hue", dataType: "INT", specs: { min: "0", max: "359", step: "1" } }],
    },
    {
      id: 8,
      code: "history",
      subType: "R",
      dataType: "ARRAY",
      specs: {
        size: "10",
        dataType: "ENUM",
        specs: [
          { value: "1", name: "one" },
          { value: "2", name: "two" },
        ],
      },
    },
    { id: 9, code: "since", subType: "R", dataType: "DATE" },
  ],
};

const TABLE = `
switch:1 B
brightness:2 N 0 100 1
power:3 n 0 - 0.1
mode:4 E 0 2
label:5 T 20
key:6 R -
colour:7 S
history:8 a
since:9 n - - 1
`;

describe("command: model", () => {
  const folder = temporaryFolder();
  const tsl = join(folder, "tsl.json");
  const run = async (content: unknown, ...more: string[]): Promise<Run> => {
    writeFileSync(tsl, typeof content === "string" ? content : JSON.stringify(content));
    const one = new Run("model", tsl, ...more);
    await one.status;
    return one;
  };

  it("prints the table of a thing model, bare or as the whole answer of productTSL", async () => {
    for (const content of [TSL, { code: 200, msg: "", data: TSL }]) {
      const one = await run(content);
      expect([await one.status, one.err]).to.deep.equal([0, []]);
      expect(`${one.out.join("\n")}\n`).to.equal(TABLE);
    }
  });

  it("writes the table, and types with names, ranges and meanings", async () => {
    const [out, types] = [join(folder, "model"), join(folder, "model.d.ts")];
    const one = await run(TSL, "--out", out, "--types", types, "--json");
    expect(one.events()).to.deep.equal([{ event: "made", properties: 9, bytes: TABLE.length, out, types }]);
    expect(readFileSync(out, "utf8")).to.equal(TABLE);
    const text = readFileSync(types, "utf8");
    expect(text).to.include("/** Brightness; 0 to 100; % */\n  brightness?: number;");
    expect(text).to.include("/** Mode; 0 off, 2 party * / */\n  mode?: 0 | 2;");
    expect(text.slice(text.indexOf("interface Writes")))
      .to.include("label?: string")
      .and.not.include("power");
  });

  const property = (more: object): object => ({ properties: [{ id: 1, code: "a", dataType: "INT", ...more }] });
  const wrong: [what: string, content: unknown, says: RegExp][] = [
    ["no JSON", '{"properties": [\n  oops]}', /is not JSON \(Unexpected token .*oops/],
    ["another file", { pk: "p1ABCD" }, /tsl\.json is no thing model: it has no list "properties"/],
    ["no property", { properties: [] }, /properties must have one at least/],
    ["a property that is none", { properties: [7] }, /properties\[0\] must be an object/],
    ["an id that the wire cannot carry", property({ id: 8192 }), /properties\[0\]\.id must be 1-8191/],
    ["a code that is no name", property({ code: "1st" }), /properties\[0\]\.code must be 1-64 letters/],
    ["an unknown type", property({ dataType: "COLOUR" }), /properties\[0\]\.dataType must be one of BOOL, INT/],
    ["another access", property({ subType: "X" }), /properties\[0\]\.subType must be R, W or RW/],
    ["a range that is none", property({ specs: { min: "low" } }), /properties\[0\]\.specs\.min must be a number/],
    ["a range the wrong way round", property({ specs: { min: 2, max: 1 } }), /specs\.min must not be above max/],
    ["a step of nothing", property({ specs: { step: "0" } }), /specs\.step must be above 0/],
    ["a whole number in tenths", property({ specs: { step: "0.1" } }), /step of a is 0\.1/],
    ["an enum without values", property({ dataType: "ENUM", specs: [] }), /specs must have a value at least/],
    [
      "an enum with a value twice",
      property({ dataType: "ENUM", specs: [{ value: "1" }, { value: 1 }] }),
      /specs\[1\]\.value is 1 for a second time/,
    ],
    ["an array of nothing", property({ dataType: "ARRAY" }), /specs must say the dataType of its elements/],
    [
      "a field that is wrong",
      property({
        dataType: "STRUCT",
        specs: [
          { id: 1, code: "x", dataType: "INT" },
          { id: 1, code: "y", dataType: "INT" },
        ],
      }),
      /properties\[0\]\.specs\[1\]\.id is 1, as that of .*specs\[0\]/,
    ],
    [
      "two of one code",
      { properties: [1, 2].map((id) => ({ id, code: "a", dataType: "INT" })) },
      /properties\[1\]\.code is a, as that of .*properties\[0\]/,
    ],
  ];
  for (const [what, content, says] of wrong) {
    it(`refuses ${what}, with the place`, async () => {
      const one = await run(content);
      expect(await one.status).to.equal(2);
      expect(one.err).to.have.length(1);
      expect(one.err[0]).to.match(says).and.include("tsl.json");
    });
  }

  it("refuses one that is nested without end, and a file that cannot be written", async () => {
    let deep: object = { id: 1, code: "a", dataType: "INT" };
    for (let depth = 0; depth < 20; depth++) deep = { id: 1, code: "a", dataType: "STRUCT", specs: [deep] };
    expect((await run({ properties: [deep] })).err[0]).to.match(/is nested in more than 16 others/);
    expect((await run(TSL, "--out", join(folder, "none", "x"))).err[0]).to.match(/cannot write .*give another path/);
  });
});
