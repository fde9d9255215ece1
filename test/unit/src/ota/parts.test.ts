/** Versions, manifests and the little of HTTP. */

import { expect } from "chai";
import fc from "fast-check";

import { parseUrl, request, skipOf } from "../../../../src/ota/http.js";
import { hashAt, piecesOf, readManifest } from "../../../../src/ota/manifest.js";
import { rank, versionEnd } from "../../../../src/ota/version.js";

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
    expect(["1.0.0-app1", "2.1app", "3", "x", ""].map(versionEnd)).to.deep.equal([5, 3, 1, 0, 0]);
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

  it("say whose image they are of, and where each hash is", () => {
    const found = readManifest(bytes + "signature")!;
    const { product, version, size, total, length } = found;
    expect({ product, version, size }).to.deep.equal({ product: "p1demo", version: "1.2.0", size: 5000 });
    expect([total, length, piecesOf(found)]).to.deep.equal([bytes.length + 7856 + 5000, bytes.length, 3]);
    expect([0, 1, 2].map((piece) => bytes[hashAt(found, piece)])).to.deep.equal(["A", "B", "C"]);
  });

  it("are whole or nothing, and bounded", () => {
    for (let length = 0; length < bytes.length; length++)
      expect(readManifest(bytes.slice(0, length))).to.equal(undefined);
    const wrong = [manifest("", "1", 9), manifest("p", "", 9), manifest("p".repeat(33), "1", 9), manifest("p", "1", 0)];
    for (const one of [...wrong, manifest("p", "1", 131_073), bytes.replace("WBU1", "WBU2")]) {
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
        if (found) expect(found.length).to.equal(bytes.length);
      }),
    );
  });
});

describe("update: HTTP", () => {
  it("takes addresses apart", () => {
    const of = (url: string): unknown[] => Object.values(parseUrl(url) ?? {});
    expect(of("http://updates.example/a/b.wbu?x=1")).to.deep.equal(["updates.example", 80, false, "/a/b.wbu?x=1"]);
    expect(of("HTTPS://h.example:8443/")).to.deep.equal(["h.example", 8443, true, "/"]);
    expect(of("https://h.example/x")).to.deep.equal(["h.example", 443, true, "/x"]);
    const wrong = ["", "h/x", "ftp://h/x", "http://h", "http://u@h/x", "http://h:0/x", "http://h:x/x", "http:///x"];
    for (const url of [...wrong, "http://h/a b", "http://h/\r\nHost: x", `http://h/${"x".repeat(512)}`]) {
      expect(parseUrl(url), url).to.equal(undefined);
    }
  });

  it("asks for a range, with the port", () => {
    const text = request(parseUrl("http://h.example/x")!, 10, 20);
    expect(text).to.match(/^GET \/x HTTP\/1\.1\r\nHost: h\.example:80\r\nRange: bytes=10-19\r\n.*\r\n\r\n$/s);
  });

  it("reads the header of an answer, in any letters", () => {
    const range = (value: string): string => `HTTP/1.1 206 Partial\r\nCONTENT-Range: ${value}\r\nX: y`;
    const whole = (more: string): string => `HTTP/1.1 200 OK${more}`;
    const rows: [string, number | string][] = [
      [range("bytes 10-19/100"), 0],
      [range("bytes 10-99/*"), 0],
      [range("bytes 11-19/100"), "http"],
      [range("bytes 10-19/99"), "size"],
      ["HTTP/1.1 206 Partial", "http"],
      [whole("\r\ncontent-length:100"), 10],
      [whole("\r\nContent-Length: 100 "), 10],
      [whole("\r\nContent-Length: 99"), "size"],
      [whole(""), "size"],
      [whole("\r\nTransfer-Encoding: chunked"), "http"],
      [whole("\r\nContent-Type: text/HTML\r\nContent-Length: 100"), "http"],
      ["HTTP/1.1 302 Found\r\nContent-Length: 100", "http"],
      ["HTTP/2 200", "http"],
      ["", "http"],
    ];
    for (const [header, expected] of rows) expect(skipOf(header, 10, 100), header).to.equal(expected);
  });
});
