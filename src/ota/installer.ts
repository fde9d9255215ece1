/**
 * Brings one update into the inactive slot: manifest and signature, then the image piece by piece, each checked as it
 * comes, all of it once more in flash. What a lost connection or a power cut has left there is used.
 */

import { indexIn } from "../codec/bytes.js";
import type { Link } from "../hal/hal.js";
import { UPDATE_INTERRUPTED, UPDATE_LOADING, UPDATE_REQUESTED } from "../codec/commands.js";
import { end, loaded } from "./end.js";
import { HEAD_FILE, isPiece, pieceHolds, read, readHead, storage } from "./files.js";
import { ADDRESS, numberOf, OTHER_SIZE, skipOf } from "./http.js";
import { MAX_MANIFEST, PIECE, readManifest, SIGNATURE_SIZE, type Manifest } from "./manifest.js";
import { APP_FILE } from "./slots.js";
import { go, repeat } from "./turns.js";
import { identity, LETTER, log, module, report, SIZE, TARGET, update, updates, URL } from "./update.js";

/** What the manifest has before it where it is signed. Other things that the same key may sign are no updates. */
const CONTEXT = "\0\x13wifi-binding update";
/** Milliseconds between two looks at a download. */
const TICK = 5000;
/**
 * Looks without a byte after which a connection is given up. The vendor's SDK waits for the header for one only [S]; a
 * server that a whole fleet asks at once takes longer.
 */
const PATIENCE = 3;
/** Attempts in a row that came no further than those before. */
const ATTEMPTS = 6;
/** Milliseconds to the next attempt: doubled by each that has failed, and up to twice that, each device another time. */
const LATER = 1000;
/** Longest header of an answer. */
const MAX_HEADER = 2048;
/** What Storage needs beyond the files: their headers, and a state file. */
const RESERVE = 1024;

let link: Link | undefined;
let manifest: Manifest | undefined; // of this update
let proven: boolean; // whether its signature, in flash, holds
let running: boolean; // an attempt
let attempts = 0;
let furthest = 0; // bytes of the file that were once in flash
let buffer = "";
let at: number; // where the next byte of the buffer belongs in the file; 0: nothing was downloaded in this attempt
let skip: number; // bytes of the body before that one; negative before the header of the answer has come
let idle: number;

/** Ends an attempt. */
export function hangUp(): void {
  if (link) link.end();
  link = undefined;
  buffer = "";
  running = false;
}

/** Ends the update. */
function fail(code: string): void {
  hangUp();
  attempts = furthest = 0;
  proven = false;
  end(code);
}

function interrupt(code: string): void {
  if (++attempts >= ATTEMPTS) return fail(code);
  hangUp();
  log("interrupted " + code);
  report(UPDATE_INTERRUPTED);
  go(begin, (LATER << attempts) * (1 + Math.random()));
}

function lost(): void {
  interrupt("connection");
}

/** What a manifest has that this update has not, or "". */
function difference(found: Manifest | undefined): string {
  if (!found) return "format";
  if (found.whole != update[SIZE]) return "size";
  if (found.pk != identity().pk) return "product";
  return found.target != update[TARGET] ? "version" : "";
}

/** Asks for the file from an offset on. */
function download(from: number, to: number): void {
  const place = update[URL].match(ADDRESS);
  const secure = place && place[1];
  const port = place && numberOf(place[3] || (secure ? "443" : "80"));
  if (!port || port > 65535) return fail("url");
  at = from;
  skip = -1;
  idle = 0;
  go(tick, TICK);
  const result = updates.connect(place[2], port, secure ? {} : undefined, {
    opened() {
      const header = "GET " + place[4] + " HTTP/1.1\r\nHost: " + place[2] + ":" + port + "\r\nRange: bytes=";
      if (link) link.send(header + from + "-" + (to - 1) + "\r\nConnection: close\r\n\r\n");
    },
    received: received,
    closed: lost,
  });
  if (typeof result == "number") lost();
  else link = result;
}

function tick(): void {
  if (++idle > PATIENCE) return interrupt("stalled");
  if (skip >= 0) report(UPDATE_LOADING);
  go(tick, TICK);
}

function received(bytes: string): void {
  idle = 0;
  buffer += bytes;
  if (skip < 0) {
    const end = indexIn(buffer, "\r\n\r\n", 0);
    if (end < 0 && buffer.length < MAX_HEADER) return;
    skip = skipOf(buffer.substr(0, end > MAX_HEADER ? 0 : end), at, update[SIZE]);
    if (skip < 0) return interrupt(skip == OTHER_SIZE ? "size" : "http");
    buffer = buffer.substr(end + 4);
    report(UPDATE_LOADING);
  }
  const passed = Math.min(skip, buffer.length);
  skip -= passed;
  buffer = buffer.substr(passed);
  take();
}

/** Takes a piece of the buffer, and the next one. */
function take(): void {
  if (!manifest) {
    // Nothing is written before it says that this is the update, and that there is space for it.
    if (buffer.length < Math.min(MAX_MANIFEST, update[SIZE])) return;
    const found = readManifest(buffer);
    const problem = difference(found);
    if (problem) return fail(problem);
    manifest = found;
  }
  const now = manifest!;
  const start = at < now.head ? 0 : now.head;
  const end = start ? now.whole : now.head;
  const file = (start ? APP_FILE : HEAD_FILE) + update[LETTER];
  const size = Math.min(PIECE, end - at);
  const bytes = buffer.substr(0, size);
  if (bytes.length < size) return;
  if (start && !isPiece(update[LETTER], now, (at - start) / PIECE, bytes)) return interrupt("image");
  // It is never compacted: no power cut may interrupt that.
  if (at == start && storage.getFree() < now.whole - at + RESERVE) return fail("space");
  try {
    storage.write(file, bytes, at - start, end - start);
  } catch (_error) {}
  if (read(file, at - start, size) != bytes) {
    // A power cut has torn it.
    storage.erase(file);
    return interrupt("storage");
  }
  buffer = buffer.substr(size);
  at += size;
  if (at > furthest) {
    attempts = 0;
    furthest = at;
  }
  if (start) {
    module.emit("progress", { done: at, total: end });
  }
  if (at < end) return take();
  hangUp();
  running = true;
  go(start ? findPieces : verify, 0);
}

/** Checks the signature as it is in flash. */
function verify(): void {
  const file = HEAD_FILE + update[LETTER];
  const length = manifest!.signed;
  const step = require("WifiBindingSlh").verification(
    updates.sha256,
    (offset) => read(file, length + offset, 16),
    updates.key(),
    CONTEXT + read(file, 0, length),
  );
  // It lives as long as its step, also when that is halted.
  Modules.removeCached("WifiBindingSlh");
  repeat(() => {
    const holds = step();
    if (holds === undefined) return undefined;
    proven = holds;
    if (holds) return findPieces;
    storage.erase(file);
    return at ? () => fail("signature") : begin;
  });
}

/** Goes on behind the pieces that are there. */
function findPieces(): void {
  const now = manifest!;
  const file = APP_FILE + update[LETTER];
  let piece = 0;
  // A longer one that begins with the image is another application.
  if (read(file, now.whole - now.head, 1)) storage.erase(file);
  repeat(() => {
    if (piece == now.pieces) return loaded;
    if (!pieceHolds(update[LETTER], now, piece)) return () => download(now.head + piece * PIECE, now.whole);
    piece++;
    return undefined;
  });
}

/** An attempt. */
function begin(): void {
  running = true;
  at = 0;
  report(UPDATE_REQUESTED);
  if (proven) return findPieces();
  const found = readHead(update[LETTER]);
  manifest = difference(found) ? undefined : found;
  if (manifest) return verify();
  download(0, Math.min(MAX_MANIFEST + SIGNATURE_SIZE, update[SIZE]));
}

/** Begins, unless an attempt is under way. */
export function install(): void {
  if (!running) go(begin, 0);
}
