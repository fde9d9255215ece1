/** The manufacturer data of an advertisement: the published example, keys that do not fit, and what an app reads in it. */

import { readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";

import { readAdvertised } from "../../../../sim/app/index.js";
import { manufacturerData } from "../../../../src/ble/advertisement.js";
import { BLE_COMPANY } from "../../../../src/codec/commands.js";

const hex = (bytes: string): string => Buffer.from(bytes, "latin1").toString("hex");
const read = (bytes: string) => readAdvertised(BLE_COMPANY, Buffer.from(bytes, "latin1"))!;
interface Vector {
  what: string;
  data: string;
  use: "expect" | "info";
  pk: string;
  dk: string;
  version: number;
  status: number;
  flags: number;
}

const vectors = JSON.parse(readFileSync("test/vectors/advertisement.json", "utf8")) as Vector[];
const ACCESS = 7 << 9;
/** Bytes that an advertisement of 31 has for it, behind flags, head and company. */
const MOST = 24;

describe("what a device advertises", () => {
  it("is the published example, but for the access bits", () => {
    const example = "454300010670" + "3144454d4f06a1b2c3d4e5f600";
    expect(hex(manufacturerData("p1DEMO", "A1B2C3D4E5F6", 0, 7, false))).to.equal(`${example}0712`);
    const seen = readAdvertised(BLE_COMPANY, Buffer.from(`${example}0710`, "hex"));
    expect(seen).to.deep.equal({
      ...{ version: 1, pk: "p1DEMO", dk: "A1B2C3D4E5F6", configured: false, bound: false, bindable: false },
      ...{ capabilities: 7, access: "none" },
    });
  });

  for (const { what, data, pk, dk, version, status, flags, use } of vectors) {
    it(`${use === "expect" ? "is read and written as by public clients" : "is read"}: ${what}`, () => {
      const bytes = Buffer.from(data, "hex");
      expect(bytes.readUInt16LE(0)).to.equal(BLE_COMPANY);
      const seen = readAdvertised(BLE_COMPANY, bytes.subarray(2))!;
      expect(seen).to.include({ version, pk, bound: (status & 4) > 0, configured: (status & 2) > 0 });
      expect(seen).to.include({ dk, bindable: (status & 8) > 0, capabilities: flags & 15 });
      if (use !== "expect" || version !== 1) return;
      const written = Buffer.from(manufacturerData(pk, dk, status, flags & 15, false), "latin1");
      // Each of them has its own access; DKs of digits alone are capitals here.
      written.writeUInt16LE(
        (written.readUInt16LE(written.length - 2) & ~ACCESS) | (flags & ACCESS),
        written.length - 2,
      );
      expect(written.toString("hex")).to.equal(data.slice(4));
    });
  }

  it("has the status in bits 1-3, the capabilities in 0-3, and the access in 9-11 of the flags", () => {
    expect(hex(manufacturerData("p", "00ab", 2 + 4 + 8, 15, true)).slice(-6)).to.equal("0e0f06");
    expect(hex(manufacturerData("p", "00ab", 0, 3, false)).slice(-6)).to.equal("000302");
    const seen = read(manufacturerData("p", "00ab", 2 + 8, 6, true));
    expect(seen).to.include({ configured: true, bound: false, bindable: true, capabilities: 6, access: "tls" });
  });

  it("packs a DeviceKey of an odd number of digits with a 0 behind, and says so", () => {
    const bytes = manufacturerData("p1DEMO", "86000000000002F", 0, 7, false);
    expect(hex(bytes)).to.contain("08860000000000" + "02f000");
    expect(read(bytes).dk).to.equal("86000000000002F");
    expect(read(manufacturerData("p", "abc", 0, 0, false)).dk).to.equal("abc");
  });

  it("leaves a DeviceKey out that is no hexadecimal number of one case", () => {
    for (const dk of ["demo1", "aBcd", "12g4", "123x", "x123", "0x12", "12 4", "12-4", "+1", "1.23", "1e5g"]) {
      expect(read(manufacturerData("p1DEMO", dk, 0, 7, false)), dk).to.include({ pk: "p1DEMO", dk: "" });
    }
  });

  it("leaves out whole what does not fit: the DeviceKey first", () => {
    const long = "0123456789abcdef01";
    expect(read(manufacturerData("p1DEMO", long, 0, 7, false))).to.include({ pk: "p1DEMO", dk: long });
    expect(read(manufacturerData("p1DEMO", `${long}2`, 0, 7, false))).to.include({ pk: "p1DEMO", dk: "" });
    expect(read(manufacturerData("p".repeat(13), "0123", 0, 7, false))).to.include({ pk: "p".repeat(13), dk: "0123" });
    expect(read(manufacturerData("p".repeat(14), "0123", 0, 7, false))).to.include({ pk: "p".repeat(14), dk: "" });
    expect(read(manufacturerData("p".repeat(16), "0123", 0, 7, false))).to.include({ pk: "", dk: "0123" });
  });

  it("says nothing of the form of a DeviceKey that it leaves out", () => {
    for (const dk of ["DEMO1", "x123", "0123456789abcdef012", "ABCDEF0123456789ABCDE"]) {
      expect(hex(manufacturerData("p1DEMO", dk, 0, 7, false)).slice(-8), dk).to.equal("00000702");
    }
  });

  it("never has more bytes than there are, and an app never reads a key that is not the device's", () => {
    const key = fc.stringMatching(/^[0-9A-Za-z]{1,32}$/);
    const digits = fc.oneof(fc.stringMatching(/^[0-9A-F]{4,32}$/), fc.stringMatching(/^[0-9a-f]{4,32}$/), key);
    fc.assert(
      fc.property(key, digits, fc.nat(15), fc.nat(15), fc.boolean(), (pk, dk, status, capabilities, secure) => {
        const bytes = manufacturerData(pk, dk, status, capabilities, secure);
        const seen = read(bytes);
        expect(bytes.length).to.be.at.most(MOST);
        expect([pk, ""]).to.include(seen.pk);
        expect([dk, ""]).to.include(seen.dk);
        expect(seen.capabilities).to.equal(capabilities);
      }),
    );
  });
});

describe("an app that reads an advertisement", () => {
  const read = (text: string, company = BLE_COMPANY) => readAdvertised(company, Buffer.from(text, "hex"));

  it("passes over other companies and other data", () => {
    expect(read("45430001067031444", 0xffff)).to.equal(undefined);
    for (const text of ["", "45", "4543", "45430001", "4543000106", "454300010670314445", "ffff0001000000"]) {
      expect(read(text), text).to.equal(undefined);
    }
    expect(readAdvertised(undefined, undefined)).to.equal(undefined);
  });

  it("takes the form without flags, and never reads beyond the end", () => {
    expect(read("45430001017002abcd04")).to.include({ pk: "p", dk: "abcd", bound: true, access: "none" });
    expect(read("45430001017002abcd0401")).to.include({ dk: "abcd", capabilities: 0 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        readAdvertised(BLE_COMPANY, Buffer.concat([Buffer.from("4543", "hex"), bytes]));
      }),
    );
  });
});
