/** The optional fields of the binding call: name, room, capabilities, Matter. */

import { expect } from "chai";

import { NAME_LIMIT, readRequest, remarks } from "../../../../sim/cloud/request.js";
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

/** The code that a request is refused with; 200 when it is well formed. */
function verdict(more: object): number {
  const result = readRequest(request(more) as Record<string, unknown>);
  return "msg" in result ? result.code : 200;
}

const matter = (more: object): number => verdict({ isMatter: true, matterInfo: { ...MATTER, ...more } });

describe("the binding call's optional fields", () => {
  it("5333: a name of more characters than the limit, however many bytes they take", () => {
    expect(verdict({ deviceName: "🏠".repeat(NAME_LIMIT) })).to.equal(200);
    expect(verdict({ deviceName: "x".repeat(NAME_LIMIT + 1) })).to.equal(5333);
  });

  it("5048: wrong types, a capabilitiesBitmask outside of 0-15, a room without its family", () => {
    for (const capabilitiesBitmask of [0, 3, 15]) expect(verdict({ capabilitiesBitmask })).to.equal(200);
    for (const capabilitiesBitmask of [-1, 16, 1.5, "3", null]) {
      expect(verdict({ capabilitiesBitmask }), String(capabilitiesBitmask)).to.equal(5048);
    }
    const wrong = [{ deviceName: 5 }, { fid: {} }, { fid: "f", frid: [] }, { isCommonDevice: "yes" }, { isMatter: 1 }];
    for (const more of [...wrong, { frid: "room" }]) expect(verdict(more), JSON.stringify(more)).to.equal(5048);
    expect(verdict({ fid: "family", frid: "room", isCommonDevice: false })).to.equal(200);
  });

  it("passes over fields that it does not know, and over matterInfo without isMatter", () => {
    expect(verdict({ surprise: { deep: [1] } })).to.equal(200);
    expect(verdict({ matterInfo: { discriminator: "x" } })).to.equal(200);
    expect(verdict({ isMatter: false, matterInfo: 5 })).to.equal(200);
  });

  const required: [code: number, field: keyof typeof MATTER, outOfRange: unknown[]][] = [
    [5879, "discriminator", [-1, 4096, "3840"]],
    [5880, "matterProductId", [-1, 65536, 0.5]],
    [5881, "matterVersion", [1.3, false]],
    [5882, "matterVendorId", [0, 65536]],
    [5883, "fabricId", [0, "1"]],
    [5885, "nodeId", [0, true]],
  ];
  for (const [code, field, outOfRange] of required) {
    it(`${code}: matterInfo.${field} is missing, empty or out of range`, () => {
      for (const value of [undefined, null, "", ...outOfRange]) {
        expect(matter({ [field]: value }), String(value)).to.equal(code);
      }
    });
  }

  it("asks for the Matter fields in a fixed order, and for nothing that is there", () => {
    const info: Record<string, unknown> = {};
    for (const [code, field] of required) {
      expect(verdict({ isMatter: true, matterInfo: { ...info } })).to.equal(code);
      info[field] = MATTER[field];
    }
    expect(verdict({ isMatter: true, matterInfo: info })).to.equal(200);
    for (const matterInfo of [undefined, null, 5, []]) expect(verdict({ isMatter: true, matterInfo })).to.equal(5879);
  });

  it("5048: privileges other than View, Operate and Administer, and what is no list of categories", () => {
    expect(matter({})).to.equal(200);
    const wrong = [
      {},
      [{ privilege: "view" }],
      [{ privilege: "" }],
      [{ cat: "1" }],
      [{ cat: 1.5 }],
      [[{ cat: "1" }][0]],
    ];
    for (const catList of wrong) expect(matter({ catList }), JSON.stringify(catList)).to.equal(5048);
    expect(matter({ extra: 1 })).to.equal(5048);
  });

  it("remarks on capabilities that the product's devices do not have, but binds", async () => {
    const bench = await Bench.start();
    try {
      await bench.ready();
      const answer = await bench.bind(request({ capabilitiesBitmask: 7 }));
      expect(answer).to.include({ code: 200, extMsg: "capabilitiesBitmask is 7, but the product's devices have 3" });
    } finally {
      await bench.stop();
    }
    expect(remarks({ name: "", common: true, capabilitiesBitmask: 3 }, 3)).to.deep.equal([]);
    expect(remarks({ name: "", common: true, capabilitiesBitmask: 2, matter: MATTER })).to.have.length(1);
    expect(remarks({ name: "", common: true, capabilitiesBitmask: 10, matter: MATTER })).to.deep.equal([]);
  });
});
