/** Serves the files of updates to devices, whole or by Range, in the form that the vendor's SDK reads. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import type { Updates } from "./updates.js";

/** Where devices download. */
export const FILE_PATH = "/updates/:id/:pk/:dk";

const RANGE = /^bytes=(\d{1,9})-(\d{0,9})$/;

/** First byte and end of what is asked for; undefined for all of it, "none" when it begins behind the end. */
function rangeOf(header: string | undefined, size: number): { from: number; end: number } | "none" | undefined {
  const [, first, last] = RANGE.exec(header ?? "") ?? [];
  if (first === undefined) return undefined;
  const from = Number(first);
  const end = last ? Math.min(Number(last) + 1, size) : size;
  return from < end ? { from, end } : "none";
}

/** Answers past fastify, which writes header names in lower case: the SDK reads `Content-Length: ` in this letter case only. */
function answer(reply: FastifyReply, status: number, headers: Record<string, string | number>, body: Buffer): void {
  reply.hijack();
  reply.raw.writeHead(status, { "Content-Length": body.length, Connection: "close", ...headers });
  reply.raw.end(reply.request.method === "HEAD" ? undefined : body);
}

export function addFiles(api: FastifyInstance, updates: Updates): void {
  api.get(FILE_PATH, (request: FastifyRequest, reply: FastifyReply) => {
    const { id, pk, dk } = request.params as Record<string, string>;
    const [release, device] = [updates.releases.find(id), updates.registry.find(pk, dk)];
    if (!release || !device || release.pk !== pk) return answer(reply, 404, {}, Buffer.alloc(0));
    const { bytes } = updates.downloadFor(device, release);
    const type = { "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes" };
    const range = rangeOf(request.headers.range, bytes.length);
    if (range === "none") return answer(reply, 416, { "Content-Range": `bytes */${bytes.length}` }, Buffer.alloc(0));
    const { from, end } = range ?? { from: 0, end: bytes.length };
    const part = bytes.subarray(from, end);
    reply.raw.once("finish", () => updates.served(device, end));
    if (!range) return answer(reply, 200, type, part);
    answer(reply, 206, { ...type, "Content-Range": `bytes ${from}-${end - 1}/${bytes.length}` }, part);
  });
}
