/** What a clumsy or hostile HTTP server may answer about ranges and lengths: the update fails by a code, and never hangs. */

import { drip, END, FILE, part, partial, refuses, TOTAL, type Refused } from "./answers.js";

/** Never whole: the code. */
const REFUSED: Refused[] = [
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
];

refuses("ranges and lengths", REFUSED);
