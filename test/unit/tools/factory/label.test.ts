/** The label's text. */
import { expect } from "chai";
import fc from "fast-check";

import { encodeLabel, parseLabel } from "../../../../tools/factory/label.js";
import { UsageError } from "../../../../sim/errors.js";

const GOOD = { pk: "p1TEST", dk: "ABCD12345678", pop: "7KQ2MZ4XPRT9WHB3E", ssid: "WB-5678" };
const TEXT = 'WB:{"v":1,"pk":"p1TEST","dk":"ABCD12345678","pop":"7KQ2MZ4XPRT9WHB3E","ssid":"WB-5678"}';

describe("label", () => {
  it("known answer, both ways", () => {
    expect(encodeLabel(GOOD)).to.equal(TEXT);
    expect(parseLabel(` ${TEXT}\n`)).to.deep.equal(GOOD);
  });

  it("has no proof for a device that demands none", () => {
    const text = encodeLabel({ ...GOOD, pop: "" });
    expect(text).to.equal('WB:{"v":1,"pk":"p1TEST","dk":"ABCD12345678","ssid":"WB-5678"}');
    expect(parseLabel(text)).to.deep.equal({ ...GOOD, pop: "" });
  });

  const bad: [name: string, text: string][] = [
    ["nothing", ""],
    ["another scheme", TEXT.slice(1)],
    ["JSON that is cut", TEXT.slice(0, -1)],
    ["null", "WB:null"],
    ["a later version", TEXT.replace('"v":1', '"v":2')],
    ["no DK", TEXT.replace('"dk"', '"dx"')],
    ["a PK that is none", TEXT.replace("p1TEST", "p1-TEST")],
    ["a short proof", TEXT.replace("WHB3E", "")],
    ["a proof with accents", TEXT.replace("7KQ2M", "7KQ2\u00e9")],
    ["a proof with a control character", TEXT.replace("7KQ2M", "7KQ2\\u0007")],
    ["a proof of 65 characters", TEXT.replace("7KQ2", "7KQ2".repeat(13))],
    ["no SSID", TEXT.replace("WB-5678", "")],
    ["an SSID of 33 bytes", TEXT.replace("WB-5678", "é".repeat(16) + "x")],
    ["a proof that is a number", TEXT.replace('"7KQ2MZ4XPRT9WHB3E"', "12345678901234567")],
  ];
  for (const [name, text] of bad) {
    it(`refuses ${name}, and repeats nothing of it`, () => {
      expect(() => parseLabel(text))
        .to.throw(UsageError)
        .with.property("message")
        .not.contain("7KQ2");
    });
  }

  it("gives back every label, and throws nothing else on any text", () => {
    const key = (least: number) => fc.stringMatching(new RegExp(`^[0-9A-Za-z]{${least},32}$`));
    const text = fc.string({ unit: "binary", minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(key(1), key(4), fc.string({ minLength: 16, maxLength: 64 }), text, (pk, dk, pop, ssid) => {
        expect(parseLabel(encodeLabel({ pk, dk, pop, ssid }))).to.deep.equal({ pk, dk, pop, ssid });
      }),
    );
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (noise) => {
        expect(() => parseLabel(`WB:${noise}`)).to.throw(UsageError);
      }),
    );
  });
});
