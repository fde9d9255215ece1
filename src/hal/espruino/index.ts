/** The hal of Espruino. The only file of src that names Espruino's modules and globals. */

import { indexIn, useNativeSum } from "../../codec/bytes.js";
import { FAIL_CLOUD_UNREACHABLE, FAIL_HOST_UNKNOWN, FAIL_TLS } from "../../codec/commands.js";
import { after, cancel, now } from "./clock.js";
import { aes, CRYPTO, hmac, sha256, stringOf } from "./hashes.js";
import { hasModule } from "./modules.js";
import { openLink } from "./tcp.js";
import { createUdp } from "./udp.js";
import type { FlashArea, Link, LinkEvents, Hal, TlsOptions } from "../hal.js";

// process.env is built anew, and large, each time it is read: only what is needed stays.
const BOARD = process.env.BOARD;
const VERSION = process.env.VERSION;
const HAS_TLS = hasModule("tls");

const flash: FlashArea & { start: number } = {
  // A partition of its own on ESP32, the end of the fake flash on Linux builds.
  start: BOARD == "LINUX" ? 0x10030000 : 0x310000,
  erase(offset: number): void {
    const Flash = require("Flash");
    const end = offset + 4096;
    while (offset < end) {
      const page = Flash.getPage(flash.start + offset)!;
      Flash.erasePage(page.addr);
      offset += page.length;
    }
  },
  write(bytes: string, offset: number): void {
    require("Flash").write(bytes, flash.start + offset);
  },
  read(length: number, offset: number): string {
    return stringOf(require("Flash").read(length, flash.start + offset));
  },
};

/** Addresses of the radio's random number, as the headers of ESP-IDF have them, by the start of the board's name. */
const RANDOM_REGISTERS = [0x3ff75144, 0x600260b0, 0x6003507c];
const RANDOM_REGISTER = RANDOM_REGISTERS[["ESP32", "ESP32C3", "ESP32S3"].indexOf(BOARD.split("_")[0])];

function noise(): string {
  const first = RANDOM_REGISTER && peek32(RANDOM_REGISTER);
  const second = RANDOM_REGISTER && peek32(RANDOM_REGISTER);
  // A register that repeats itself is not the one that was meant.
  return getTime() + (first == second ? "" : "," + first + "," + second);
}

function connect(host: string, port: number, tls: TlsOptions | undefined, events: LinkEvents): Link | number {
  let socket: EspruinoSocket | undefined;
  let reason = FAIL_TLS;
  if (tls && !HAS_TLS) return reason;
  try {
    const options = Object.assign({ host: host, port: port }, tls || {});
    socket = (tls ? require("tls") : require("net")).connect(options, events.opened!);
  } catch (error) {
    reason = indexIn(String(error), "host", 0) < 0 ? FAIL_CLOUD_UNREACHABLE : FAIL_HOST_UNKNOWN;
  }
  return socket ? openLink(socket, () => events) : reason;
}

function listen(port: number, accept: (link: Link) => LinkEvents): () => void {
  const server = require("net").createServer((socket) => openLink(socket, accept));
  server.listen(port);
  return () => server.close();
}

/** What a build does not have needs no closing. */
function attempt(action: () => unknown): void {
  try {
    action();
  } catch (_error) {}
}

/** The cloud that Espruino is. */
export const espruino: Hal = {
  now: now,
  after: after,
  cancel: cancel,
  log: (line) => print("WB " + line),
  sha256: sha256,
  hmac: hmac,
  aes: aes,
  base64: (bytes) => btoa(bytes),
  fromBase64: (text) => atob(text),
  crc32: (bytes) => E.CRC32(bytes),
  noise: noise,
  flash: flash,
  connect: connect,
  listen: listen,
  udp: createUdp,
  closeDoors(password) {
    // Asked first: an error where nothing is to be closed costs a tenth of a boot.
    attempt(() => hasModule("TelnetServer") && require("TelnetServer").setOptions({ mode: "off" }));
    attempt(() => typeof NRF != "undefined" && NRF.setServices({}, { uart: false }));
    if (!password) return;
    E.setPassword(password);
    E.lockConsole();
  },
  crypto: !!CRYPTO,
  tls: HAS_TLS,
  wifi: () => require("Wifi"),
  board: BOARD,
  version: VERSION,
};

useNativeSum((bytes) => E.sum(bytes));
