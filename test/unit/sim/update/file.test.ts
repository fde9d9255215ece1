/** The update file: what it holds, byte by byte, and what is wrong with other bytes, by name. */
import { createHash } from "node:crypto";

import { expect } from "chai";

import { decodeUpdate, LARGEST_UPDATE, UpdateError } from "../../../../sim/update/file.js";
import { compareVersions, isVersion } from "../../../../sim/update/version.js";
import { verifyUpdate } from "../../../../sim/update/signature.js";
import { IMAGE, SIGNED, unsigned } from "../../../support/updates.js";

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "";
  } catch (error) {
    return (error as UpdateError).code;
  }
};

describe("an update file", () => {
  const file = unsigned("multi", "1.2.0");

  it("is laid out as docs/update-format.md says", () => {
    const length = 12 + 5 + 5 + 32 * 3;
    expect(file.toString("latin1", 0, 4)).to.equal("WBU1");
    expect(file.readUInt16BE(4)).to.equal(length);
    expect(file.readUInt32BE(6)).to.equal(IMAGE.length);
    expect(file.toString("latin1", 10, 22)).to.equal("\x05multi\x051.2.0");
    const last = createHash("sha256").update(IMAGE.subarray(4096)).digest();
    expect(file.subarray(length - 32, length)).to.deep.equal(last);
    expect(file.length).to.equal(length + 7856 + IMAGE.length);
    expect(file.subarray(length + 7856)).to.deep.equal(IMAGE);
  });

  it("is read back", () => {
    const { pk, version, image, manifest } = decodeUpdate(file);
    expect({ pk, version, image }).to.deep.equal({ pk: "multi", version: "1.2.0", image: IMAGE });
    expect(manifest).to.deep.equal(file.subarray(0, 118));
  });

  it("of the largest application has at most the bytes that the cloud takes", () => {
    const largest = unsigned("p".repeat(32), "123456.123456.123456.123456", Buffer.alloc(131_072));
    expect(largest.length).to.be.within(LARGEST_UPDATE - 5, LARGEST_UPDATE);
    expect(codeOf(() => unsigned("p", "1", Buffer.alloc(131_073)))).to.equal("size");
  });

  it("is refused by name at every length but its own", () => {
    for (let end = 0; end < file.length; end += end < 200 ? 1 : 997) {
      expect(
        codeOf(() => decodeUpdate(file.subarray(0, end))),
        `${end} bytes`,
      ).to.equal("truncated");
    }
    expect(codeOf(() => decodeUpdate(Buffer.concat([file, Buffer.of(0)])))).to.equal("longer");
  });

  it("is refused when any byte of its manifest or image is another", () => {
    for (let at = 0; at < file.length; at += at < 120 ? 1 : 501) {
      if (at >= 118 && at < 118 + 7856) continue;
      const bad = Buffer.from(file);
      bad[at] ^= 0x80;
      expect(
        codeOf(() => decodeUpdate(bad)),
        `byte ${at}`,
      ).to.not.equal("");
    }
  });

  it("is verified by the public key: a signature of its manifest, of no other, by no other key", () => {
    const good = SIGNED.file;
    const publicKey = Buffer.from(SIGNED.publicKey, "hex");
    expect(verifyUpdate(publicKey, good).version).to.equal("1.1.0");
    const other = Buffer.from(good);
    other[12]++;
    expect(codeOf(() => verifyUpdate(publicKey, other))).to.equal("signature");
    expect(codeOf(() => verifyUpdate(publicKey, unsigned("multi")))).to.equal("signature");
    expect(codeOf(() => verifyUpdate(Buffer.alloc(32), good))).to.equal("signature");
  });
});

describe("a version", () => {
  it("is one to four numbers", () => {
    for (const good of ["1", "1.2", "0.0.0.0", "123456.1.10"]) expect(isVersion(good), good).to.equal(true);
    for (const bad of ["", ".", "1.", "1..2", "1.2.3.4.5", "v1", "1234567", "1.2a", " 1", "-1"]) {
      expect(isVersion(bad), bad).to.equal(false);
    }
  });

  it("is compared number by number", () => {
    const ordered = ["0.9", "1", "1.0.0.1", "1.9", "1.10", "2.0"];
    for (const [at, version] of ordered.entries()) {
      for (const [other, second] of ordered.entries()) {
        expect(Math.sign(compareVersions(version, second))).to.equal(Math.sign(at - other));
      }
    }
    expect(compareVersions("1.2", "1.2.0")).to.equal(0);
  });
});
