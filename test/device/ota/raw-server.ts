/** A file server whose answers are bytes, for those that no HTTP server sends. */

import { createServer, type AddressInfo, type Socket } from "node:net";

export interface Request {
  /** First and last byte that is asked for. */
  from: number;
  last: number;
  /** How many requests came before it. */
  earlier: number;
}

export interface RawServer {
  url: string;
  /** What each request asked for. */
  asked: Request[];
  stop(): void;
}

export async function startRawServer(answer: (socket: Socket, request: Request) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    // The device closes when it has what it wants.
    socket.on("error", () => socket.destroy());
    let header = "";
    socket.on("data", (bytes) => {
      const before = header.includes("\r\n\r\n");
      header += bytes.toString("latin1");
      if (before || !header.includes("\r\n\r\n")) return;
      const [, from, last] = /\r\nRange: bytes=(\d+)-(\d+)\r\n/.exec(header)!.map(Number);
      const request = { from: from!, last: last!, earlier: self.asked.length };
      self.asked.push(request);
      answer(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const self: RawServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/two.wbu`,
    asked: [],
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return self;
}
