/** Files of the factory, as spreadsheets, editors and full disks leave them. */
import { expect } from "chai";
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { accessPointPassword } from "../../../../sim/app/level1.js";
import { UsageError } from "../../../../sim/errors.js";
import { readJson } from "../../../../sim/json.js";
import { readLineOf, readTextFile } from "../../../../sim/text-file.js";
import { readDevices } from "../../../../tools/factory/device-list.js";
import { appendLabel, prepareLabels, readLabels } from "../../../../tools/factory/labels-file.js";
import { readIdentityFile, writePrivate } from "../../../../tools/factory/identity-file.js";
import { encodeIdentity } from "../../../../tools/factory/identity-image.js";
import { accessPointName, isPop, isPrefix } from "../../../../tools/factory/names.js";
import { readModelFile } from "../../../../tools/model/file.js";
import { temporaryFolder } from "../command/harness.js";

const POP = "ABCDEFGH23456789";

describe("factory files", () => {
  const folder = temporaryFolder();
  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  describe("text", () => {
    const cases: [name: string, content: string | Buffer, text: string][] = [
      ["UTF-8", "zażółć", "zażółć"],
      ["a byte order mark", "\ufeffsecret", "secret"],
      ["a newline", "secret\n", "secret"],
      ["CRLF", "secret\r\n", "secret"],
      ["a mark and CRLF", "\ufeffsecret\r\n", "secret"],
      ["one newline only", "secret\n\n", "secret\n"],
      ["spaces, which are part of it", " secret ", " secret "],
      ["nothing", "", ""],
    ];
    for (const [name, content, text] of cases) {
      it(`with ${name}`, () => expect(readTextFile(file("text.txt", content))).to.equal(text));
    }

    it("is refused by name when it is something else, and quotes nothing", () => {
      const utf16 = Buffer.from("\ufeffsecret", "utf16le");
      for (const bytes of [utf16, Buffer.from("secr\xe9t", "latin1"), Buffer.from([0xc3])]) {
        expect(() => readTextFile(file("bytes.txt", bytes))).to.throw(UsageError, /bytes\.txt is not UTF-8 text/);
      }
      expect(() => readTextFile(join(folder, "absent"))).to.throw(UsageError, /there is no file .*absent/);
      expect(() => readTextFile(folder)).to.throw(UsageError, /cannot read/);
      expect(() => readLineOf(file("lines.txt", "one\ntwo\n"))).to.throw(UsageError, /more than one line/);
    });
  });

  describe("lists of devices", () => {
    const read = (content: string | Buffer): unknown[] => {
      return readDevices(file("list.csv", content)).map(({ row, dk, ds }) => [row, dk, ds]);
    };
    const EXPECTED = [
      [1, "AAAA", "secret-1"],
      [2, "BBBB", undefined],
      [3, undefined, undefined],
    ];
    const good: [name: string, content: string][] = [
      ["commas", "dk,ds\nAAAA,secret-1\nBBBB,\n,\n"],
      ["semicolons", "dk;ds\nAAAA;secret-1\nBBBB;\n;\n"],
      ["tabs", "dk\tds\nAAAA\tsecret-1\nBBBB\t\n\t\n"],
      ["CRLF and a byte order mark", "\ufeffdk;ds\r\nAAAA;secret-1\r\nBBBB;\r\n;\r\n"],
      ["columns the other way round, in capitals, quoted", '"DS","DK"\n"secret-1","AAAA"\n,"BBBB"\n"",""\n'],
      ["no newline at the end, and spaces", "dk , ds\n AAAA , secret-1\nBBBB,\n,"],
    ];
    for (const [name, content] of good) {
      it(`with ${name}`, () => expect(read(content)).to.deep.equal(EXPECTED));
    }
    it("with one column", () => expect(read("dk\nAAAA\n")).to.deep.equal([[1, "AAAA", undefined]]));

    const bad: [name: string, content: string | Buffer, why: RegExp][] = [
      ["no header", "AAAA,hunter2-secret\n", /first line must be a header of the columns dk,ds/],
      ["other columns", "DeviceKey,DeviceSecret\nAAAA,hunter2-secret\n", /must be a header/],
      ["a column more", "dk,ds,name\nAAAA,hunter2-secret,x\n", /must be a header/],
      ["a column twice", "dk,dk\nAAAA,BBBB\n", /must be a header/],
      ["two delimiters", "dk,ds;\n", /must be a header/],
      ["another delimiter in the rows", "dk,ds\nAAAA;hunter2-secret\n", /line 2 is no row/],
      ["a row that is too short", "dk,ds\nAAAA,\nBBBB\n", /line 3 is no row/],
      ["a quote within", 'dk,ds\nAAAA,hunter2"secret\n', /line 2 is no row/],
      ["nothing", "", /must be a header|lists no device/],
      ["a header only", "dk,ds\n", /lists no device/],
      ["a DK that is none", "dk\nAAAA\nx\n", /1 of 2 rows refused.*row 2: dk must be/],
      ["a DK twice", "dk\nAAAA\nAAAA\n", /row 2: AAAA is in row 1 too/],
      ["a DK twice, once in small letters", "dk\nAAAA\nBBBB\naaaa\n", /row 3: aaaa is in row 1 too/],
      ["a DS with an accent", "dk,ds\nAAAA,hunter2secr\u00e9t\n", /row 1: ds must be 1-32 printable ASCII/],
      ["a DS with a control character", "dk,ds\nAAAA,hunter2\x01x\n", /row 1: ds must be/],
      ["a DS that is too long", `dk,ds\nAAAA,${"hunter2".repeat(5)}\n`, /row 1: ds must be/],
      ["a DS without its DK", "dk,ds\n,hunter2-secret\n", /row 1: a ds is issued for one dk/],
      ["Latin-1", Buffer.from("dk,ds\nAAAA,secr\xe9t\n", "latin1"), /not UTF-8/],
    ];
    for (const [name, content, why] of bad) {
      it(`are refused with ${name}`, () => {
        expect(() => read(content))
          .to.throw(UsageError, why)
          .with.property("message")
          .not.contain("hunter2");
      });
    }
  });

  describe("labels", () => {
    const one = { row: 1, pk: "p1", dk: "AAAA", ssid: 'my "own", net-AAAA', pop: POP };
    const two = { row: 0, pk: "p1", dk: "BBBB", ssid: "WB; -BBBB", pop: "" };
    const three = { row: 3, pk: "p1", dk: "CCCC", ssid: "WB-CCCC", pop: POP + "X" };

    it("are private, survive any SSID, and are read back", () => {
      const path = join(folder, "labels.csv");
      expect(readLabels(path)).to.deep.equal([]);
      appendLabel(path, one);
      appendLabel(path, two);
      expect(readLabels(path)).to.deep.equal([one, two]);
      expect(statSync(path).mode & 0o777).to.equal(0o600);
      expect(readFileSync(path, "utf8")).to.contain(accessPointPassword(POP));
      expect(() => readLabels(file("other.csv", "a,b\n1,2\n"))).to.throw(/must be a header of the columns row,pk,dk/);
      expect(() => readLabels(file("none.csv", "hello"))).to.throw(/must be a header/);
    });

    it("cut at any byte: the next label does not stick to what is left, and a cut row is no label", () => {
      const path = file("cut.csv", "");
      appendLabel(path, one);
      const { length } = readFileSync(path);
      appendLabel(path, three);
      const whole = readFileSync(path);
      for (let bytes = 0; bytes <= whole.length; bytes++) {
        writeFileSync(path, whole.subarray(0, bytes));
        // A line that lacks its newline only is whole.
        const expected = [...(bytes >= length - 1 ? [one] : []), ...(bytes >= whole.length - 1 ? [three] : [])];
        expect(readLabels(path), `cut at ${bytes}`).to.deep.equal(expected);
        if (bytes % 2) prepareLabels(path);
        appendLabel(path, two);
        expect(readLabels(path), `cut at ${bytes}`).to.deep.equal([...expected, two]);
      }
    });

    it("saved by a spreadsheet with semicolons, CRLF and a mark are read, and added to in the same way", () => {
      const path = file("sheet.csv", "");
      appendLabel(path, one);
      const text = readFileSync(path, "utf8");
      const [header, line] = text.split("\n");
      const cells = line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/);
      writeFileSync(path, `\ufeff${header.replaceAll(",", ";")}\r\n${cells.join(";")}\r\n`);
      appendLabel(path, two);
      appendLabel(path, three);
      expect(readLabels(path)).to.deep.equal([one, two, three]);
    });

    it("with a damaged row in the middle are refused, by its number", () => {
      const path = file("damaged.csv", "");
      appendLabel(path, one);
      appendFileSync(path, `2,p1,BBBB,WB-BBBB,${accessPointPassword(POP)},${POP}Z\n`);
      appendLabel(file("fresh.csv", ""), three);
      expect(() => readLabels(path)).to.throw(UsageError, /label 2 is damaged/);
      expect(() => appendLabel(path, three)).to.throw(/CCCC is written, but its label is not in .*damaged/);
    });
  });

  it("an identity and its label are written both or none, and never over another file", () => {
    const [json, label] = [join(folder, "new.json"), file("new.label", "an only copy")];
    expect(() => writePrivate({ [json]: "{}", [label]: "WB:" })).to.throw(UsageError, /new\.label exists/);
    expect([existsSync(json), readFileSync(label, "utf8")]).to.deep.equal([false, "an only copy"]);
    expect(() => writePrivate({ [json]: "{}", [join(folder, "no", "x")]: "" })).to.throw(UsageError, /cannot write/);
    expect(existsSync(json)).to.equal(false);
    writePrivate({ [json]: "{}" });
    expect([readFileSync(json, "utf8"), statSync(json).mode & 0o777]).to.deep.equal(["{}", 0o600]);
  });

  it("an identity and a thing model with a name twice are refused by it", () => {
    const identity = file("twice.json", '{"pk":"p1","ps":"0123456789abcdef","dk":"AAAA","dk":"BBBB","seed":""}');
    expect(() => readIdentityFile(identity)).to.throw(UsageError, /twice\.json holds no identity \(it has "dk" twice/);
    const model = file("model.json", '{"properties":[{"id":1,"code":"a","i\\u0064":2}]}');
    expect(() => readModelFile(model)).to.throw(UsageError, /model\.json has "id" twice/);
  });

  it("a name twice is found behind a text of many megabytes, whatever is in it", () => {
    for (const part of ["x", "\\n", '\\"', "],{"]) {
      const text = part.repeat(10_000_000 / part.length);
      expect(readJson(`{"a":"${text}","b":[{"a":1}]}`, "it")).to.include.keys("a", "b");
      expect(() => readJson(`{"a":"${text}","b":1,"b":2}`, "it")).to.throw(UsageError, 'it has "b" twice');
    }
  });

  it("an identity with a misspelt name is refused by it: a device without its proof would come of it", () => {
    const identity = file(
      "misspelt.json",
      '{"pk":"p1","ps":"0123456789abcdef","dk":"AAAA","popp":"hunter2","seed":""}',
    );
    expect(() => readIdentityFile(identity)).to.throw(UsageError, /it has "popp": is "pop" meant\?/);
  });

  it("a name may come again in another object, or as a text", () => {
    const text = '{"a":{"a":"a","b":["a","a",{"a":"\\"a\\":"}]},"b":"a","{":[{"a":1},{"a":1}]}';
    expect(readJson(text, "it")).to.deep.equal(JSON.parse(text));
  });

  it("one rule for proofs of possession: ASCII, as a phone and a device make the same bytes of it", () => {
    const identity = { pk: "p1", ps: "0123456789abcdef", dk: "AAAA" };
    for (const pop of [
      "\u00e9".repeat(16),
      "x".repeat(15),
      "x".repeat(65),
      "x".repeat(16) + "\n",
      "x".repeat(16) + "\u00a0",
    ]) {
      expect(isPop(pop), pop).to.equal(false);
      expect(() => encodeIdentity({ ...identity, pop })).to.throw(UsageError, /must be 16-64 printable ASCII/);
    }
    for (const pop of ["x".repeat(16), "my own proof of it", "x".repeat(64)]) encodeIdentity({ ...identity, pop });
  });

  it("one rule for prefixes: the name of the access point has 1-32 bytes of ASCII", () => {
    const good = ["WB", "x", "my lamp", "a".repeat(27)];
    const bad = ["", "a".repeat(28), "a".repeat(36), "lámpara", "a\x01", "日本"];
    expect(good.map(isPrefix)).to.not.include(false);
    expect(bad.map(isPrefix)).to.not.include(true);
    for (const prefix of good) expect(Buffer.byteLength(accessPointName(prefix, "AABBCCDD"))).to.be.within(1, 32);
  });
});
