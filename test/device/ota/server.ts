/** A file server that serves ranges, or does what a test wants in place of it. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse, range: [from: number, to: number]) => void;

export interface FileServer {
  url: string;
  /** The ranges that were asked for, as `from-last`. */
  asked: string[];
  /** Serves another file, or answers in a way of its own from now on. */
  file: Buffer;
  answer: Answer | undefined;
  stop(): void;
}

/** As a server does that knows ranges. */
export function serveRange(file: Buffer, response: ServerResponse, [from, to]: [number, number]): void {
  const part = file.subarray(from, to);
  response.writeHead(206, {
    "content-range": `bytes ${from}-${from + part.length - 1}/${file.length}`,
    "content-length": part.length,
  });
  response.end(part);
}

export async function startFileServer(file: Buffer): Promise<FileServer> {
  const http = createServer((request, response) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    self.asked.push(`${first}-${last}`);
    const range: [number, number] = [Number(first), Math.min(Number(last) + 1, self.file.length)];
    if (self.answer) self.answer(request, response, range);
    else serveRange(self.file, response, range);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const self: FileServer = {
    url: `http://127.0.0.1:${port}/two.wbu`,
    asked: [],
    file,
    answer: undefined,
    stop() {
      http.close();
      http.closeAllConnections();
    },
  };
  return self;
}
