/** Captures as people have them: hexadecimal in all spellings, dumps, lines of `tap`, bytes. */
import { execFileSync } from "node:child_process";

import { expect } from "chai";
import fc from "fast-check";

import { captureLine, readHex, type Piece } from "../../../../sim/decode/capture.js";
import { CaptureReader } from "../../../../sim/decode/reader.js";
import { UsageError } from "../../../../sim/errors.js";

const BYTES = Uint8Array.of(0xaa, 0xaa, 0x00, 0x05, 0x8b, 0x03, 0xe8, 0x70, 0x30);

/** @param step bytes that come at once */
function readCapture(content: Uint8Array, name: string, step = content.length || 1) {
  const reader = new CaptureReader(name);
  const pieces: Piece[] = [];
  for (let at = 0; at < content.length; at += step) pieces.push(...reader.push(content.subarray(at, at + step)));
  pieces.push(...reader.end());
  const { cut, passedOver } = reader;
  return { pieces, cut, passedOver };
}

function bytesIn(text: string | Uint8Array): number[] {
  const content = typeof text === "string" ? Buffer.from(text) : text;
  return readCapture(content, "x").pieces.flatMap(({ bytes }) => [...bytes]);
}

describe("captures", () => {
  const spellings: [name: string, text: string][] = [
    ["without spaces", "aaaa00058b03e87030"],
    ["in pairs", "AA AA 00 05 8B 03 E8 70 30"],
    ["in groups of four", "aaaa 0005 8b03 e870 30"],
    ["with 0x and commas", "0xAA, 0xaa, 0x00, 0x05, 0x8b, 0x03, 0xe8, 0x70, 0x30"],
    ["with colons", "aa:aa:00:05:8b:03:e8:70:30"],
    ["as a C string", "\\xaa\\xaa\\x00\\x05\\x8b\\x03\\xe8\\x70\\x30"],
  ];
  for (const [name, text] of spellings) {
    it(`takes hexadecimal ${name}, in an argument and in a file`, () => {
      expect([...readHex(text)]).to.deep.equal([...BYTES]);
      expect(bytesIn(text + "\n")).to.deep.equal([...BYTES]);
    });
  }

  it("takes dumps of xxd and of hexdump -C", () => {
    expect(bytesIn("00000000: aaaa 0005 8b03 e870 30                   .......p0\n")).to.deep.equal([...BYTES]);
    const lines = "00000000  aa aa 00 05 8b 03 e8 70  30                       |.......p0|\n00000009\n";
    expect(bytesIn(lines)).to.deep.equal([...BYTES]);
  });

  it("takes dumps whose lines end by CRLF, also when the last one is cut in the middle of that", () => {
    for (const line of ["00000000: 058b 03e8 7030  ....p0", "00000000  05 8b 03 e8 70 30  |....p0|"]) {
      for (const end of ["", "\r", "\r\n"]) expect(bytesIn(line + end)).to.deep.equal([...BYTES.subarray(3)]);
    }
  });

  it("takes what xxd makes of any bytes, where there is one", function () {
    try {
      execFileSync("xxd", ["-v"], { stdio: "ignore" });
    } catch {
      return this.skip();
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        expect(bytesIn(execFileSync("xxd", { input: bytes }).toString())).to.deep.equal([...bytes]);
      }),
      { numRuns: 20 },
    );
  });

  it("finds frames in a log, and counts the lines without", () => {
    const log =
      "12:00:01.123 sent AA AA 00 05 8B 03 E8 70 30\nnothing here\n\n12:00:02 AA AA 00 05 8B 03 E8 70 30 (9 bytes)\n";
    expect(readCapture(Buffer.from(log), "x").passedOver).to.equal(1);
    expect(bytesIn(log)).to.deep.equal([...BYTES, ...BYTES]);
  });

  it("takes bytes as they are", () => {
    expect(bytesIn(BYTES)).to.deep.equal([...BYTES]);
  });

  it("reads what comes before a last line that was cut while it was written, and names it", () => {
    const { pieces, cut } = readCapture(Buffer.from('{"hex":"AA"}\n{"hex":"BB"}\n{"hex":"C'), "x");
    expect(pieces.map(({ bytes }) => bytes[0])).to.deep.equal([0xaa, 0xbb]);
    expect(cut).to.equal(3);
    expect(readCapture(Buffer.from('{"hex":"AA"}\n{"hex":"BB"}'), "x").cut).to.equal(undefined);
  });

  it("reads the same, however a file comes", () => {
    const pieces = (text: string | Uint8Array, step?: number) => readCapture(Buffer.from(text), "x", step);
    const line = captureLine({ connection: 0, direction: "up", time: 5, bytes: BYTES });
    const long = `é ${"AA AA 00 05 8B 03 E8 70 30 ".repeat(600)}\r\n`;
    for (const text of [
      `${line}\n`.repeat(99) + '{"hex',
      `# a name\n${long}AA BB`,
      Uint8Array.of(0xaa, 0xaa, 0, ...BYTES),
    ]) {
      const whole = pieces(text);
      for (const step of [1, 7, 4096]) {
        const parts = pieces(text, step);
        expect(Buffer.concat(parts.pieces.map(({ bytes }) => bytes))).to.deep.equal(Buffer.concat(whole.pieces.map(({ bytes }) => bytes))); // prettier-ignore
        expect([parts.cut, parts.passedOver]).to.deep.equal([whole.cut, whole.passedOver]);
      }
    }
    expect(pieces(`${line}\n`, 3).pieces[0]).to.deep.include({ connection: 0, direction: "up", time: 5 });
    expect(pieces(`${line}\n`.repeat(99) + '{"hex').cut).to.equal(100);
  });

  it("takes the lines that tap saves", () => {
    const piece = { connection: 2, direction: "up" as const, time: 5, bytes: BYTES };
    const [read] = readCapture(Buffer.from(`${captureLine(piece)}\n{"event":"ended","connection":2}\n`), "x").pieces;
    expect({ ...read, bytes: [...read.bytes] }).to.deep.equal({ ...piece, bytes: [...BYTES] });
  });

  it("takes the lines that the console saves: the way of each frame, and what a key has opened", () => {
    const [up, down] = readCapture(
      Buffer.from('{"hex":"aaaa","up":true,"sealed":true}\n{"hex":"aaaa","up":false,"sealed":false}\n'),
      "x",
    ).pieces;
    expect(up).to.include({ direction: "up", opened: true });
    expect(down).to.include({ direction: "down" }).and.not.have.property("opened");
  });

  it("refuses a line without end at once, whatever is in it, and takes one of a million bytes", () => {
    const line = "12".repeat(1_000_000);
    expect(bytesIn(line)).to.have.length(1_000_000);
    for (const text of [`${line}${line}${line}`, `{"hex":"${line}${line}${line}"}`, `{"time":${line}${line}${line}}`]) {
      const reader = new CaptureReader("x");
      let read = 0;
      const push = (): void => {
        for (; read < text.length; read += 65_536)
          Array.from(reader.push(Buffer.from(text.slice(read, read + 65_536))));
      };
      expect(push).to.throw(UsageError, /^line 1 of x is longer than 4194304 characters: give the bytes as they are/);
      expect(read).to.be.below(4_400_000);
    }
  });

  const refused: [name: string, text: string, says: RegExp][] = [
    ["a line that is cut in the middle", '{"hex":"AA"}\n{"hex":"A\n{"hex":"AA"}', /^line 2 of x is not JSON/],
    ["a secret that was left out", '{"hex":"AA AA **"}', /^line 1 of x has a secret left out/],
    ["half a byte", '{"hex":"AAA"}', /in line 1 of x is no hexadecimal/],
    ["a number for bytes", '{"hex":17}', /in line 1 of x is no hexadecimal/],
  ];
  for (const [name, text, says] of refused) {
    it(`refuses ${name}`, () => {
      expect(() => readCapture(Buffer.from(text), "x")).to.throw(UsageError, says);
    });
  }

  it("names the place of what is no digit", () => {
    expect(() => readHex("AA AA 0G")).to.throw(UsageError, /^"G" at position 8/);
    expect(() => readHex("0xAA 0xZZ")).to.throw(UsageError, /^"Z" at position 8/);
    expect(() => readHex("AAA")).to.throw(UsageError, /one is missing/);
  });
});
