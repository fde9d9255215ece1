/** Espruino's packets over a console: what is written, what an answer is, what passes beside it. */
import { expect } from "chai";

import { Packets } from "../../../../tools/flash/packets.js";

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

/** A packet of the device's. */
function answer(text: string, type = 0): string {
  return String.fromCharCode(16, 1, (type | text.length) >> 8, text.length & 255) + text;
}

describe("flash: packets", () => {
  let written: string[];
  let lines: string[];
  let text: string;
  let packets: Packets;

  beforeEach(() => {
    written = [];
    lines = [];
    text = "";
    packets = new Packets({
      write: async (piece) => void written.push(Buffer.from(piece).toString("latin1")),
      onLine: (line) => lines.push(line),
      onText: (more) => (text += more),
    });
  });

  const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 5));
  const failure = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => "none",
      (error: Error) => error.message,
    );

  it("sends an expression with its length, and takes the answer byte by byte", async () => {
    const value = packets.eval("1+1", 1000);
    await settled();
    expect(written).to.deep.equal(["\x10\x01\x20\x031+1"]);
    for (const byte of bytes("\x06" + answer('"two"'))) packets.receive(Uint8Array.of(byte));
    expect(await value).to.equal("two");
    expect(text).to.equal("");
  });

  it("reads texts with the escapes that Espruino writes, and nothing else", async () => {
    const escaped: [string, string | undefined][] = [
      ['"a\\"b\\\\c\\n\\x00\\xe9\\u20ac\\7\\101"', 'a"b\\c\n\x00\xe9\u20ac\x07A'],
      ["7", undefined],
      ['"open', undefined],
      ['"a"b"', undefined],
    ];
    for (const [literal, wanted] of escaped) {
      const value = packets.eval("x", 1000);
      packets.receive(bytes(answer(literal)));
      expect(await value, literal).to.equal(wanted);
    }
  });

  it("passes on what a program prints around a packet, and whole lines of it", async () => {
    const value = packets.eval("x", 1000);
    packets.receive(bytes("be" + answer('"1"') + "fore\r\nnext\r\nre"));
    packets.receive(bytes("st\r\n"));
    expect(await value).to.equal("1");
    expect(lines).to.deep.equal(["before", "next", "rest"]);
    expect(text).to.equal("before\r\nnext\r\nrest\r\n");
  });

  it("fails when the device refuses the packet, when no answer comes, and when the port is gone", async () => {
    const refused = packets.eval("x", 1000);
    packets.receive(bytes("\x15"));
    expect(await failure(refused)).to.include("refused");
    expect(await failure(packets.eval("x", 20))).to.include("in time");
    packets = new Packets({ write: () => Promise.reject(new Error("gone")), onLine() {}, onText() {} });
    expect(await failure(packets.eval("x", 1000))).to.equal("gone");
  });

  it("passes over packets that are no answer", async () => {
    const value = packets.eval("x", 1000);
    packets.receive(bytes(answer("data", 0x8000) + answer('"1"')));
    expect(await value).to.equal("1");
  });

  it("writes in pieces, and waits while the device holds it back", async () => {
    const value = packets.eval("x".repeat(300), 5000);
    packets.receive(bytes("\x13"));
    await settled();
    const held = written.length;
    await new Promise((done) => setTimeout(done, 100));
    expect(written.length).to.equal(held);
    packets.receive(bytes("\x11"));
    await new Promise((done) => setTimeout(done, 100));
    expect(written.map((piece) => piece.length)).to.deep.equal([256, 48]);
    packets.receive(bytes(answer('""')));
    expect(await value).to.equal("");
  });
});
