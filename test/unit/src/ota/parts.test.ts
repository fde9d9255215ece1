/** Versions, manifests and the little of HTTP. */

import { expect } from "chai";
import fc from "fast-check";

import { ADDRESS, OTHER_SIZE, skipOf } from "../../../../src/ota/http.js";
import { readManifest } from "../../../../src/ota/manifest.js";
import { rank, VERSION } from "../../../../src/ota/version.js";

describe("update: versions", () => {
  it("are compared number by number, and a missing one is 0", () => {
    const inOrder = ["0.9.99", "1", "1.2", "1.2.0.1", "1.10", "1.10.1", "2.0.0", "10", "999999.0"];
    inOrder.slice(1).forEach((version, at) => expect(rank(version) > rank(inOrder[at]), version).to.equal(true));
    expect(rank("1.2")).to.equal(rank("1.2.0.0")).and.to.equal(rank("01.002"));
  });

  it("compare as lists of numbers do", () => {
    const parts = fc.array(fc.nat(999_999), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const at = one.findIndex((number, i) => number !== other[i]);
        const newer = at >= 0 && one[at] > other[at];
        expect(rank(one.join(".")) > rank(other.join("."))).to.equal(newer);
      }),
    );
  });

  it("are nothing else", () => {
    for (const text of ["", ".", "1.", ".1", "1..2", "1.2.3.4.5", "1234567", "1.x", "v1", " 1", "1-2", "1.2\n"]) {
      expect(rank(text), text).to.equal("");
    }
  });

  it("end where the application's suffix begins", () => {
    const ends = ["1.0.0-app1", "2.1app", "3", "x", ""].map((text) => VERSION.exec(text)![0].length);
    expect(ends).to.deep.equal([5, 3, 1, 0, 0]);
  });
});

/** As docs/update-format.md has it. */
function manifest(product: string, version: string, size: number): string {
  const pieces = Math.ceil(size / 2048);
  const length = 12 + product.length + version.length + 32 * pieces;
  const head = Buffer.from("WBU1......", "latin1");
  head.writeUInt16BE(length, 4);
  head.writeUInt32BE(size, 6);
  const text = (value: string): string => String.fromCharCode(value.length) + value;
  const hashes = Array.from({ length: pieces }, (_, at) => String.fromCharCode(65 + (at & 15)).repeat(32)).join("");
  return head.toString("latin1") + text(product) + text(version) + hashes;
}

describe("update: manifests", () => {
  const bytes = manifest("p1demo", "1.2.0", 5000);

  it("say whose image they are of, and how long all parts are", () => {
    const found = readManifest(bytes + "signature")!;
    const head = bytes.length + 7856;
    expect(found).to.deep.equal({
      pk: "p1demo",
      target: "1.2.0",
      signed: bytes.length,
      head,
      whole: head + 5000,
      pieces: 3,
    });
  });

  it("are whole or nothing, and bounded", () => {
    for (let length = 0; length < bytes.length; length++)
      expect(readManifest(bytes.slice(0, length))).to.equal(undefined);
    for (const one of [manifest("p", "1", 0), manifest("p", "1", 140_000), bytes.replace("WBU1", "WBU2")]) {
      expect(readManifest(one)).to.equal(undefined);
    }
    expect(readManifest(manifest("p".repeat(32), "1".repeat(32), 131_072))).not.to.equal(undefined);
  });

  it("are never read from bytes that are none", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = bytes.slice(0, at) + String.fromCharCode(bytes.charCodeAt(at) ^ change) + bytes.slice(at + 1);
        const found = readManifest(other);
        // A text or a hash may be another one: the signature is for that.
        if (found) expect(found.signed).to.equal(bytes.length);
      }),
    );
  });
});

describe("update: HTTP", () => {
  it("takes addresses apart", () => {
    const of = (url: string): string[] => [...(ADDRESS.exec(url) ?? [])].slice(1);
    expect(of("http://updates.example/a/b.wbu?x=1")).to.deep.equal(["", "updates.example", "", "/a/b.wbu?x=1"]);
    expect(of("HTTPS://h.example:8443/")).to.deep.equal(["S", "h.example", "8443", "/"]);
    expect(of("https://h.example/x")).to.deep.equal(["s", "h.example", "", "/x"]);
    const wrong = ["", "h/x", "ftp://h/x", "http://h", "http://u@h/x", "http://h:x/x", "http:///x", "http://h/a b"];
    for (const url of [...wrong, "http://h/\r\nHost: x", "http://h/x\n", "http://h:80:80/"]) {
      expect(of(url), url).to.deep.equal([]);
    }
  });

  it("reads the header of an answer, in any letters", () => {
    const range = (value: string): string => `HTTP/1.1 206 Partial\r\nCONTENT-Range: ${value}\r\nX: y`;
    const whole = (more: string): string => `HTTP/1.1 200 OK${more}`;
    const [http, size] = [-1, OTHER_SIZE];
    const rows: [string, number][] = [
      [range("bytes 10-19/100"), 0],
      [range("bytes 8-19/100"), 2],
      [range("bytes 10-99/*"), http],
      [range("bytes 11-19/100"), http],
      [range("bytes 10-19/99"), size],
      ["HTTP/1.1 206 Partial", http],
      [whole("\r\ncontent-length:100"), 10],
      [whole("\r\nContent-Length: 100 "), 10],
      [whole("\r\nContent-Length: 99"), size],
      [whole(""), http],
      [whole("\r\nTransfer-Encoding: chunked"), http],
      [whole("\r\nContent-Type: text/HTML\r\nContent-Length: 100"), http],
      ["HTTP/1.1 302 Found\r\nContent-Length: 100", http],
      ["HTTP/2 200", http],
      ["", http],
    ];
    for (const [header, expected] of rows) expect(skipOf(header, 10, 100), header).to.equal(expected);
  });
});
