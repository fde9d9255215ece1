/** docs/data.md: the frames of its course, byte by byte, are those that the codec makes and reads. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { decodeFrame, encodeFrame } from "../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv } from "../../../src/codec/ttlv.js";
import { toHex } from "../../support/hal.js";
import { COURSE } from "./data-course.js";

describe("docs/data.md", () => {
  const text = readFileSync("docs/data.md", "utf8");

  for (const [label, id, cmd, content] of COURSE) {
    it(label, () => {
      const frame = encodeFrame(id, cmd, encodeTtlv(content));
      const hex = toHex(frame).toUpperCase().replace(/../g, "$& ").trim();
      expect(text).to.include(`${label}\n${hex}\n`);
      if (id) expect(decodeFrame(frame)).to.deep.equal({ id, cmd, data: encodeTtlv(content) });
      if (typeof content !== "string") expect(decodeTtlv(encodeTtlv(content))).to.deep.equal(content);
    });
  }

  it("has no frame besides", () => {
    expect(text.match(/^AA AA .*$/gm)).to.have.length(COURSE.length);
  });
});
