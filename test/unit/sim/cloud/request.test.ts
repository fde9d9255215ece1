/** The optional fields of the binding call: name, room, capabilities, Matter. */

import { expect } from "chai";

import { parseJson, remarks } from "../../../../sim/cloud/request.js";
import { NAME_LIMIT } from "../../../../sim/cloud/schemas.js";
import { Bench, request } from "../../../support/cloud-bench.js";

const MATTER = {
  catList: [{ cat: 1, privilege: "View" }, { privilege: "Operate" }, { cat: 3, privilege: "Administer" }],
  discriminator: 3840,
  extra: "",
  fabricId: 1,
  matterProductId: 0x8001,
  matterVendorId: 0xfff1,
  matterVersion: "1.3",
  nodeId: 7,
};

/** 2^63, or a little more, as JSON may have it. */
const OTHER_FORMS = [
  "9223372036854775808.0",
  "9.223372036854775808e18",
  "9223372036854775808E0",
  "922337203685477580800e-2",
  "0.9223372036854775808E+19",
  "9223372036854775807.5",
  "9.3e18",
];

describe("the binding call's optional fields", () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.start();
  });
  after(() => bench.stop());

  /** The code that a request is refused with; 5460, no such device yet, when it is well formed. */
  const verdict = async (more: object): Promise<number> => {
    const code = await bench.code(request(more));
    return code === 5460 ? 200 : code;
  };
  const matter = (more: object): Promise<number> => verdict({ isMatter: true, matterInfo: { ...MATTER, ...more } });

  it("5333: a name of more characters than the limit, however many bytes they take", async () => {
    expect(await verdict({ deviceName: "🏠".repeat(NAME_LIMIT) })).to.equal(200);
    expect(await verdict({ deviceName: "x".repeat(NAME_LIMIT + 1) })).to.equal(5333);
  });

  it("5048: wrong types, a capabilitiesBitmask outside of 0-15, a room without its family", async () => {
    for (const capabilitiesBitmask of [0, 3, 15]) expect(await verdict({ capabilitiesBitmask })).to.equal(200);
    for (const capabilitiesBitmask of [-1, 16, 1.5, "3", {}, [3]]) {
      expect(await verdict({ capabilitiesBitmask }), String(capabilitiesBitmask)).to.equal(5048);
    }
    const wrong = [{ deviceName: 5 }, { fid: {} }, { fid: "f", frid: [] }, { isCommonDevice: "yes" }, { isMatter: 1 }];
    for (const more of [...wrong, { frid: "room" }]) expect(await verdict(more), JSON.stringify(more)).to.equal(5048);
    expect(await verdict({ fid: "family", frid: "room", isCommonDevice: false })).to.equal(200);
  });

  it("passes over fields that it does not know, and over matterInfo without isMatter", async () => {
    expect(await verdict({ surprise: { deep: [1] } })).to.equal(200);
    const example = { catList: [{ cat: 0, privilege: "" }], discriminator: 0, extra: "", fabricId: 0, nodeId: 0 };
    const zeros = { ...example, matterProductId: 0, matterVendorId: 0, matterVersion: "" };
    expect(await verdict({ isMatter: false, matterInfo: zeros })).to.equal(200);
    expect(await verdict({ matterInfo: zeros })).to.equal(200);
  });

  it("takes the reference document's own example where it is complete", async () => {
    const ids = { discriminator: 0, fabricId: 1, nodeId: 1, matterProductId: 0, matterVendorId: 1, matterVersion: "1" };
    const matterInfo = { catList: [{ cat: 0, privilege: "" }], extra: "", ...ids };
    const body = { capabilitiesBitmask: 0, deviceName: "", fid: "", frid: "", isCommonDevice: true, isMatter: true };
    expect(await verdict({ ...body, matterInfo })).to.equal(200);
  });

  it("an app's serialiser sends null for what is absent: every optional field, and those of matterInfo", async () => {
    const names = ["deviceName", "fid", "frid", "capabilitiesBitmask", "isMatter", "isCommonDevice", "matterInfo"];
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    expect(await verdict(nulls)).to.equal(200);
    const members = Object.fromEntries(Object.keys(MATTER).map((name) => [name, null]));
    expect(await verdict({ matterInfo: members })).to.equal(200);
    expect(await verdict({ isMatter: true, matterInfo: members })).to.equal(5879);
    expect(await matter({ extra: null, catList: null })).to.equal(200);
    expect(await matter({ catList: [{ cat: null, privilege: null }] })).to.equal(200);
    expect(await bench.code({ productKey: null })).to.equal(5066);
    expect(await bench.code(request({ deviceKey: null }))).to.equal(5067);
    expect(await bench.code(request({ bindingCode: null }))).to.equal(5179);
  });

  it("answers 5066, 5067, 5179 for required fields of any other type, without throwing inside", async () => {
    for (const value of [{ toString: 1 }, [], ["multi"], 5, true, ""]) {
      expect(await bench.code(request({ productKey: value })), JSON.stringify(value)).to.equal(5066);
      expect(await bench.code(request({ deviceKey: value })), JSON.stringify(value)).to.equal(5067);
      expect(await bench.code(request({ bindingCode: value })), JSON.stringify(value)).to.equal(5179);
    }
    expect(bench.events.at(-1)).to.include({ event: "bindingCall", pk: "multi", code: 5179 });
  });

  it("5048: texts of more than 255 characters", async () => {
    for (const [name, length, code] of [
      ["fid", 255, 200],
      ["fid", 256, 5048],
      ["frid", 256, 5048],
    ] as const) {
      // prettier-ignore
      expect(await verdict({ fid: "f", [name]: "é".repeat(length) })).to.equal(code);
    }
    for (const name of ["extra", "matterVersion"]) {
      expect(await matter({ [name]: "x".repeat(255) })).to.equal(200);
      expect(await matter({ [name]: "x".repeat(256) })).to.equal(5048);
    }
  });

  it("takes fabricId and nodeId up to 64 bits, and refuses the integer behind them", async () => {
    const body = (nodeId: string, isMatter = true): string => {
      const text = JSON.stringify(request({ isMatter, matterInfo: { ...MATTER, nodeId: "NODE" } }));
      return text.replace('"NODE"', nodeId);
    };
    expect(await bench.code(body("9223372036854775807"))).to.equal(5460);
    expect(await bench.code(body("9.223372036854775807e18"))).to.equal(5460);
    const escaped = body("9223372036854775808").replace("nodeId", "\\u006eode\\u0049d");
    expect(await bench.code(escaped)).to.equal(5885);
    for (const beyond of ["9223372036854775808", "18446744073709551615", "1e19", "1e400", ...OTHER_FORMS]) {
      expect(await bench.code(body(beyond)), beyond).to.equal(5885);
      expect(await bench.code(body(beyond, false)), beyond).to.equal(5048);
    }
  });

  it("refuses at once what is no JSON and has a quote at each character", () => {
    const begun = performance.now();
    for (const text of ['"\\'.repeat(32_000), '"' + '\\"'.repeat(32_000)]) {
      expect(() => parseJson(text)).to.throw(SyntaxError);
    }
    expect(performance.now() - begun).to.be.below(200);
  });

  const required: [code: number, field: keyof typeof MATTER, outOfRange: unknown[], wrong: unknown[]][] = [
    [5879, "discriminator", [-1, 4096], ["3840", 1.5, ""]],
    [5880, "matterProductId", [-1, 65536], [0.5, {}]],
    [5881, "matterVersion", [""], [1.3, false]],
    [5882, "matterVendorId", [0, 65536], [[], "1"]],
    [5883, "fabricId", [0, -1], ["1", 0.5]],
    [5885, "nodeId", [0], [true, ""]],
  ];
  for (const [code, field, outOfRange, wrong] of required) {
    it(`${code}: matterInfo.${field} is missing or out of range; 5048: of another type`, async () => {
      for (const value of [undefined, null, ...outOfRange]) {
        expect(await matter({ [field]: value }), String(value)).to.equal(code);
      }
      for (const value of wrong) {
        expect(await matter({ [field]: value }), String(value)).to.equal(5048);
        expect(await verdict({ matterInfo: { [field]: value } }), String(value)).to.equal(5048);
      }
    });
  }

  it("asks for the Matter fields in a fixed order, and for nothing that is there", async () => {
    const info: Record<string, unknown> = {};
    for (const [code, field] of required) {
      expect(await verdict({ isMatter: true, matterInfo: { ...info } })).to.equal(code);
      info[field] = MATTER[field];
    }
    expect(await verdict({ isMatter: true, matterInfo: info })).to.equal(200);
    for (const matterInfo of [undefined, null, {}])
      expect(await verdict({ isMatter: true, matterInfo })).to.equal(5879);
    for (const matterInfo of [5, [], "x"]) {
      for (const isMatter of [true, false]) expect(await verdict({ isMatter, matterInfo })).to.equal(5048);
    }
  });

  it("5048: privileges other than View, Operate and Administer, and what is no list of categories", async () => {
    expect(await matter({})).to.equal(200);
    const wrong = [
      {},
      "View",
      [{ privilege: "view" }],
      [{ cat: "1" }],
      [{ cat: 1.5 }],
      [{ cat: 2 ** 31 }],
      [1],
      [null],
      [[]],
      ["View"],
      Array.from({ length: 65 }, () => ({})),
    ];
    for (const catList of wrong) expect(await matter({ catList }), JSON.stringify(catList)).to.equal(5048);
    expect(await matter({ extra: 1 })).to.equal(5048);
  });

  it("remarks on capabilities that the product's devices do not have, but binds", async () => {
    await bench.ready();
    const answer = await bench.bind(request({ capabilitiesBitmask: 7 }));
    expect(answer).to.include({ code: 200, extMsg: "capabilitiesBitmask is 7, but the product's devices have 3" });
    expect(remarks({ name: "", common: true, capabilitiesBitmask: 3 }, 3)).to.deep.equal([]);
    expect(remarks({ name: "", common: true, capabilitiesBitmask: 2, matter: MATTER })).to.have.length(1);
    expect(remarks({ name: "", common: true, capabilitiesBitmask: 10, matter: MATTER })).to.deep.equal([]);
  });
});
