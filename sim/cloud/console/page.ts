/** The files of the console's page, with a policy that lets the browser ask this cloud only. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

import type { FastifyInstance } from "fastify";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-cache",
};

/** What a browser writes into a device on a cable. */
const DEVICE = ["firmware", "boot", "WifiBindingBle", "WifiBindingProof", "WifiBindingCrypto"];

type Change = (html: string) => string;

function serveFile(api: FastifyInstance, path: string, file: string, type: string, change?: Change): void {
  const content = (): string | Buffer => (change ? change(readFileSync(file, "utf8")) : readFileSync(file));
  api.get(path, (_request, reply) => reply.headers(HEADERS).type(type).send(content()));
}

/** Serves the files for devices that a directory has. */
export function serveDeviceFiles(api: FastifyInstance, directory: string): void {
  for (const name of DEVICE.map((one) => `${one}.min.js`)) {
    const file = join(directory, name);
    if (existsSync(file)) serveFile(api, `/console/device/${name}`, file, TYPES[".js"]!);
  }
}

/**
 * Serves each file of a directory, and index.html at `/`.
 * @param change what is done to index.html
 * @throws the system's error when there is no directory
 */
export function servePage(api: FastifyInstance, directory: string, change?: Change): void {
  for (const name of readdirSync(directory)) {
    const type = TYPES[extname(name)];
    if (!type) continue;
    const index = name === "index.html";
    serveFile(api, index ? "/" : `/console/${name}`, join(directory, name), type, index ? change : undefined);
  }
}
