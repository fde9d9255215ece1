/** What a clumsy or hostile HTTP server may answer, and the update comes to its end all the same. */

import { expect } from "chai";

import { ENGINES } from "../../unit/sim/emulator/harness.js";
import { Case, drip, END, FILE, part, partial, split, TOTAL, type Answer } from "./answers.js";

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

for (const name of ENGINES) {
  describe(`updates from a server that answers: what is taken (${name})`, function () {
    this.timeout(90_000);
    const one = new Case(name);

    for (const [what, answer] of Object.entries(TAKEN)) {
      it(`${what}: taken`, async () => {
        await one.push(answer);
        await one.rig.boots("two");
        // As many as are needed: what comes behind an answer is not taken for a failure.
        expect(one.server.asked).to.have.length(what.startsWith("416") ? 3 : 2);
      });
    }
  });
}
