/** What a clumsy or hostile HTTP server may answer in its header, and connections that end: the update fails by a code, and never hangs. */

import { drip, END, FILE, partial, refuses, split, TOTAL, type Refused } from "./answers.js";

/** Never whole: the code. */
const REFUSED: Refused[] = [
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

refuses("headers and connections", REFUSED);
