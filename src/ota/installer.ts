/**
 * Brings one update into the inactive slot: manifest and signature, then the image piece by piece, each checked as it
 * comes, all of it once more in flash. What a lost connection or a power cut has left there is used.
 */

import type { Link } from "../hal/hal.js";
import type { Updates } from "../binding/index.js";
import { APP_FILE, HEAD_FILE, hasSpace, pieceHolds, readHead, storage } from "./files.js";
import { MAX_HEADER, parseUrl, request, skipOf } from "./http.js";
import { hashAt, MAX_MANIFEST, PIECE, piecesOf, readManifest, type Manifest } from "./manifest.js";
import { SIGNATURE_SIZE, verification } from "./slh-dsa.js";
import { rank } from "./version.js";

/** Of the signature: other things that the same key may sign are no updates. */
const CONTEXT = "wifi-binding update";
/** Milliseconds of a turn after which the next one goes on, and between two looks at a download. */
const TURN = 5;
const TICK = 5000;
/** Looks without a byte after which a connection is given up: the header must come within one [S]. */
const PATIENCE = 3;
/** Attempts in a row without a piece that was new. */
const ATTEMPTS = 6;
/** Milliseconds to the next attempt, times how many have failed. */
const LATER = 2000;

export interface Wanted {
  url: string;
  /** Bytes of the whole file. */
  total: number;
  product: string;
  version: string;
  /** The oldest version that is taken. */
  floor: string;
  /** The slot that it goes to. */
  letter: string;
}

export interface InstallerEvents {
  /** An attempt begins; its bytes come; it has failed, and the next one follows. */
  begun(): void;
  loading(): void;
  interrupted(code: string): void;
  progress(done: number, total: number): void;
  /** All of it is verified, in flash. */
  loaded(): void;
  /** It is of no use. */
  failed(code: string): void;
}

/** Begins soon. @returns begins the next attempt at once, with another URL */
export function createInstaller(core: Updates, wanted: Wanted, events: InstallerEvents): (url: string) => void {
  const letter = wanted.letter;
  const headFile = HEAD_FILE + letter;
  const appFile = APP_FILE + letter;
  let link: Link | undefined;
  let timer: number | undefined; // of the download, or of the next attempt
  let manifest: Manifest | undefined; // in flash, and of this update
  let header = true; // whether that of the answer is still to come
  let buffer = "";
  let at = 0; // where the next byte of the buffer belongs in the file
  let skip = 0;
  let idle = 0;
  let attempts = 0;
  let fresh = false; // whether the manifest in flash has come in this attempt
  let proven = false; // whether its signature has been found to hold since the boot
  let over = false;

  function hangUp(): void {
    const old = link;
    link = undefined;
    if (timer !== undefined) clearInterval(timer);
    timer = undefined;
    buffer = "";
    if (old) old.end();
  }

  function fail(code: string): void {
    hangUp();
    over = true;
    events.failed(code);
  }

  function interrupt(code: string): void {
    hangUp();
    if (++attempts >= ATTEMPTS) return fail(code);
    events.interrupted(code);
    timer = setTimeout(begin, LATER * attempts);
  }

  /** Does a step in turns until it says something else than undefined. */
  function inTurns<T>(step: () => T | undefined, done: (result: T) => void): void {
    const end = getTime() + TURN / 1000;
    let result: T | undefined;
    do result = step();
    while (result === undefined && getTime() < end);
    const found = result;
    setTimeout(() => (found === undefined ? inTurns(step, done) : done(found)), 0);
  }

  /** What a manifest has that this update has not, or "". */
  function difference(found: Manifest): string {
    if (found.total != wanted.total) return "size";
    if (found.product != wanted.product) return "product";
    const version = rank(found.version);
    return !version || version != rank(wanted.version) || version < rank(wanted.floor) ? "version" : "";
  }

  /** Asks for the file from an offset on. */
  function download(from: number, to: number): void {
    const place = parseUrl(wanted.url);
    if (!place) return fail("url");
    header = true;
    idle = 0;
    at = from;
    timer = setInterval(tick, TICK);
    const opened = (): void => {
      if (link) link.send(request(place, from, to));
    };
    const result = core.connect(place.host, place.port, place.secure ? {} : undefined, {
      opened: opened,
      received: received,
      closed() {
        link = undefined;
        interrupt("connection");
      },
    });
    if (typeof result == "number") interrupt("connection");
    else link = result;
  }

  function tick(): void {
    if (header || ++idle > PATIENCE) interrupt("stalled");
    else events.loading();
  }

  function received(bytes: string): void {
    idle = 0;
    buffer += bytes;
    if (header) {
      const end = buffer.indexOf("\r\n\r\n");
      if (end < 0) {
        if (buffer.length > MAX_HEADER) interrupt("http");
        return;
      }
      const answer = skipOf(buffer.substr(0, end), at, wanted.total);
      if (typeof answer == "string") return interrupt(answer);
      header = false;
      skip = answer;
      buffer = buffer.substr(end + 4);
      events.loading();
    }
    if (skip) {
      const passed = Math.min(skip, buffer.length);
      skip -= passed;
      buffer = buffer.substr(passed);
    }
    while (link && takePart()) {}
  }

  /** @returns whether there may be more in the buffer */
  function takePart(): boolean {
    if (!manifest) return takeManifest();
    const head = manifest.length + SIGNATURE_SIZE;
    const inHead = at < head;
    const start = inHead ? at : at - head;
    const size = Math.min(PIECE, (inHead ? head : manifest.size) - start);
    if (buffer.length < size) return false;
    const bytes = buffer.substr(0, size);
    buffer = buffer.substr(size);
    if (!write(inHead ? headFile : appFile, bytes, start, inHead ? head : manifest.size)) return false;
    at += size;
    if (inHead) {
      if (at < head) return true;
      fresh = true;
      hangUp();
      setTimeout(verify, 0);
      return false;
    }
    attempts = 0;
    events.progress(at, wanted.total);
    if (at < wanted.total) return true;
    hangUp();
    setTimeout(verifyImage, 0);
    return false;
  }

  /** Nothing is written before it says that this is the update, and that there is space for it. */
  function takeManifest(): boolean {
    if (buffer.length < Math.min(MAX_MANIFEST, wanted.total)) return false;
    const found = readManifest(buffer);
    const problem = found ? difference(found) : "format";
    if (problem) fail(problem);
    else if (!hasSpace(wanted.total)) fail("space");
    else manifest = found;
    return !problem;
  }

  /** @returns false when that has failed: what a power cut has torn is erased */
  function write(file: string, bytes: string, offset: number, size: number): boolean {
    if (file == appFile && core.sha256(bytes) != hashOf(offset / PIECE)) {
      interrupt("image");
      return false;
    }
    if (!offset && !hasSpace(size)) {
      fail("space");
      return false;
    }
    let written = false;
    try {
      written = storage.write(file, bytes, offset, size);
    } catch (_error) {}
    if (written && storage.read(file, offset, bytes.length) == bytes) return true;
    storage.erase(file);
    interrupt("storage");
    return false;
  }

  function hashOf(piece: number): string {
    return storage.read(headFile, hashAt(manifest!, piece), 32)!;
  }

  /** Checks the signature as it is in flash. */
  function verify(): void {
    const now = manifest!;
    const step = verification(
      core.sha256,
      (offset, length) => storage.read(headFile, now.length + offset, length) || "",
      core.key(),
      CONTEXT,
      storage.read(headFile, 0, now.length)! + "",
    );
    inTurns(step, (holds) => {
      proven = holds;
      if (holds) return findPieces(0);
      storage.erase(headFile);
      if (fresh) fail("signature");
      else begin();
    });
  }

  /** Goes on behind the pieces that are there. */
  function findPieces(piece: number): void {
    const now = manifest!;
    const pieces = piecesOf(now);
    inTurns(
      () => {
        if (piece < pieces && pieceHolds(core.sha256, letter, now, piece)) piece++;
        else return piece;
        return undefined;
      },
      (found) => {
        if (found < pieces) download(now.length + SIGNATURE_SIZE + found * PIECE, wanted.total);
        else verifyImage();
      },
    );
  }

  function verifyImage(): void {
    const now = manifest!;
    let piece = 0;
    inTurns(
      () => {
        if (!pieceHolds(core.sha256, letter, now, piece)) return false;
        return ++piece < piecesOf(now) ? undefined : true;
      },
      (holds) => {
        if (holds) {
          over = true;
          return events.loaded();
        }
        storage.erase(appFile);
        interrupt("image");
      },
    );
  }

  function begin(): void {
    const found = readHead(letter);
    fresh = false;
    events.begun();
    manifest = found && !difference(found) ? found : undefined;
    if (manifest && proven) findPieces(0);
    else if (manifest) verify();
    else download(0, Math.min(MAX_MANIFEST + SIGNATURE_SIZE, wanted.total));
  }

  // Not from here: it may fail at once.
  timer = setTimeout(begin, 0);
  return (url) => {
    wanted.url = url;
    if (over || link || timer === undefined) return;
    hangUp();
    begin();
  };
}
