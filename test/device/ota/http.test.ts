/** What a clumsy or hostile HTTP server may answer: the update comes to its end, or fails by a code, and never hangs. */

import { expect } from "chai";
import type { Socket } from "node:net";

import { UPDATE_FAILED } from "../../../src/codec/commands.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { updateFile } from "./files.js";
import { startRawServer, type RawServer, type Request } from "./raw-server.js";
import { Rig } from "./rig.js";

const FILE = updateFile();
const TOTAL = FILE.length;
const END = "\r\n\r\n";

type Answer = (socket: Socket, request: Request) => void;

const partial = (from: number, last: number, total: number | string = TOTAL): string =>
  `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes ${from}-${last}/${total}`;
const part = ({ from, last }: Request): Buffer => FILE.subarray(from, last + 1);

/** Writes pieces, each a moment after the one before, while somebody is there. */
function drip(socket: Socket, pieces: (string | Buffer)[], end = true): void {
  const [first, ...rest] = pieces;
  if (socket.destroyed) return;
  if (first === undefined) {
    if (end) socket.end();
    return;
  }
  socket.write(first);
  setTimeout(() => drip(socket, rest, end), 1);
}

const split = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, at) => text.slice(at * length, (at + 1) * length));

/** Whole in the end. */
const TAKEN: Record<string, Answer> = {
  "a header that is cut at every byte": (socket, request) =>
    drip(socket, [...split(partial(request.from, request.last) + END, 1), part(request)]),
  "a body in pieces of odd lengths": (socket, request) => {
    const bytes = part(request);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 997) }, (_, at) =>
      bytes.subarray(at * 997, (at + 1) * 997),
    );
    drip(socket, [partial(request.from, request.last) + END, ...pieces]);
  },
  "header and body in one segment": (socket, request) =>
    socket.end(Buffer.concat([Buffer.from(partial(request.from, request.last) + END), part(request)])),
  "the whole file, and 200, for each range": (socket) =>
    drip(socket, [`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}${END}`, FILE]),
  "HTTP/1.0": (socket) => drip(socket, [`HTTP/1.0 200 OK\r\ncontent-length: ${TOTAL}${END}`, FILE]),
  "a range that begins earlier": (socket, { from, last }) => {
    const first = Math.max(0, from - 3000);
    drip(socket, [partial(first, last) + END, FILE.subarray(first, last + 1)]);
  },
  "more bytes than were asked for, and than the header says": (socket, request) =>
    drip(socket, [
      partial(request.from, request.last) + `\r\nContent-Length: 1${END}`,
      part(request),
      ...Array.from({ length: 50 }, () => Buffer.alloc(2000, "junk")),
    ]),
  "a connection that is never closed": (socket, request) =>
    drip(socket, [partial(request.from, request.last) + END, part(request)], false),
  "a Content-Length with zeros before it": (socket) =>
    drip(socket, [`HTTP/1.1 200 OK\r\nContent-Length: 000${TOTAL}${END}`, FILE]),
  "416 once, then what was asked for": (socket, request) => {
    if (!request.earlier) return drip(socket, [`HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0${END}`]);
    drip(socket, [partial(request.from, request.last) + END, part(request)]);
  },
};

/** Never whole: the code. */
const REFUSED: [what: string, code: string, answer: Answer][] = [
  [
    "chunks",
    "http",
    (socket, request) =>
      drip(socket, [
        partial(request.from, request.last) + "\r\nTransfer-Encoding: chunked" + END,
        `${part(request).length.toString(16)}\r\n`,
        part(request),
      ]),
  ],
  ["416", "http", (socket) => drip(socket, [`HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */9${END}`])],
  ["206 for a later range", "http", (socket, { from, last }) => drip(socket, [partial(from + 1, last) + END, FILE])],
  ["206 of a file of another length", "size", (socket, { from, last }) => drip(socket, [partial(from, last, 1) + END])],
  ["206 of a file of any length", "http", (socket, { from, last }) => drip(socket, [partial(from, last, "*") + END])],
  ["a Content-Length that is too short", "size", (socket) => drip(socket, [`HTTP/1.1 200 OK\r\nContent-Length: 9${END}`, FILE])], // prettier-ignore
  ["a Content-Length that is no number", "http", (socket) => drip(socket, [`HTTP/1.1 200 OK\r\nContent-Length: -9${END}`, FILE])], // prettier-ignore
  [
    "a range of 400 digits",
    "size",
    (socket, { last }) => drip(socket, [partial(0, last, "1".repeat(400)) + END, FILE]),
  ],
  ["a range from 400 digits", "http", (socket, { last }) => drip(socket, [partial(Number.NaN, last).replace("NaN", "1".repeat(400)) + END, FILE])], // prettier-ignore
  ["a Content-Length of 400 digits", "size", (socket) => drip(socket, [`HTTP/1.1 200 OK\r\nContent-Length: ${"9".repeat(400)}${END}`, FILE])], // prettier-ignore
  [
    "a body that is shorter than the header says",
    "connection",
    (socket) => drip(socket, [`HTTP/1.1 200 OK\r\nContent-Length: ${TOTAL}${END}`, FILE.subarray(0, 3000)]),
  ],
  ["a header of 3 KB, at once", "http", (socket) => drip(socket, [`HTTP/1.1 200 OK\r\nX: ${"x".repeat(3000)}\r\nContent-Length: ${TOTAL}${END}`, FILE])], // prettier-ignore
  ["a header of 3 KB, in pieces", "http", (socket) => drip(socket, split(`HTTP/1.1 200 OK\r\nX: ${"x".repeat(3000)}\r\nContent-Length: ${TOTAL}${END}`, 500))], // prettier-ignore
  ["a header that ends with its connection", "connection", (socket) => drip(socket, ["HTTP/1.1 200 OK\r\nContent-"])],
  ["the file without a header", "http", (socket) => drip(socket, [FILE])],
  ["an empty header", "http", (socket) => drip(socket, [END + partial(0, 1) + END, FILE])],
  ["lines that end with LF alone", "http", (socket) => drip(socket, [`HTTP/1.1 200 OK\nContent-Length: ${TOTAL}\n\n`, FILE])], // prettier-ignore
  ["1xx", "http", (socket) => drip(socket, [`HTTP/1.1 100 Continue${END}`, partial(0, TOTAL - 1) + END, FILE])],
  ["another protocol", "http", (socket) => drip(socket, ["SSH-2.0-server\r\n\r\n", FILE])],
  [
    "a connection that is closed after each byte",
    "connection",
    (socket, { from, last }) => drip(socket, [partial(from, last) + END, FILE.subarray(from, from + 1)]),
  ],
  ["a connection that is closed at once", "connection", (socket) => socket.destroy()],
  ["a connection that is reset in the header", "connection", (socket) => (socket.write("HTTP/1.1"), socket.resetAndDestroy())], // prettier-ignore
];

for (const name of ENGINES) {
  describe(`updates from a server that answers (${name})`, function () {
    this.timeout(90_000);
    let rig: Rig;
    let server: RawServer;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const push = async (answer: Answer): Promise<void> => {
      server = await startRawServer(answer);
      rig = await Rig.start(name, { haste: 20 });
      await rig.push(server.url, TOTAL);
    };

    afterEach(async () => {
      server.stop();
      await rig.device.stop();
      expect(rig.device.uncaught.slice(0, 2)).to.deep.equal([]);
    });

    for (const [what, answer] of Object.entries(TAKEN)) {
      it(`${what}: taken`, async () => {
        await push(answer);
        await rig.boots("two");
        // As many as are needed: what comes behind an answer is not taken for a failure.
        expect(server.asked).to.have.length(what.startsWith("416") ? 3 : 2);
      });
    }

    for (const [what, code, answer] of REFUSED) {
      it(`${what}: ${code}`, async () => {
        await push(answer);
        expect(await rig.failure(60_000)).to.equal(code);
        await eventually(async () => (await rig.states()).at(-1) === UPDATE_FAILED);
        expect(await rig.told("failed")).to.have.length(1);
        expect(server.asked).to.have.length(6);
        expect(await rig.device.eval("appSlot")).to.equal("a");
      });
    }
  });
}
