/** The platform that Espruino is. The only file of src that names Espruino's modules and globals. */

import { useNativeSum } from "./codec/bytes.js";
import { FAIL_CLOUD_UNREACHABLE, FAIL_HOST_UNKNOWN, FAIL_TLS } from "./codec/commands.js";
import { openUdp } from "./espruino-udp.js";
import type { Address, FlashArea, Link, LinkEvents, Platform, Timer, TlsOptions } from "./platform.js";

// process.env is built anew, and large, each time it is read: only what is needed stays.
const BOARD = process.env.BOARD;
const VERSION = process.env.VERSION;
const HAS_TLS = process.env.MODULES.split(",").indexOf("tls") >= 0;
// Builds without `crypto` have a module of this project in its place.
const CRYPTO: EspruinoCrypto | undefined =
  process.env.MODULES.split(",").indexOf("crypto") >= 0
    ? require("crypto")
    : require("Storage").read("WifiBindingCrypto") !== undefined
      ? require("WifiBindingCrypto")
      : undefined;

/** Seconds that one look at the wall clock may be ahead of the last before it counts as set, not passed. */
const MAX_STEP = 600;
let lastTime = getTime();
let elapsed = 0;

function now(): number {
  const time = getTime();
  const step = time - lastTime;
  lastTime = time;
  if (step > 0 && step < MAX_STEP) elapsed += step * 1000;
  return Math.floor(elapsed);
}

function after(milliseconds: number, callback: () => void): Timer {
  const timer: Timer = { _id: undefined };
  const end = now() + milliseconds;
  // A wall clock that is set forward makes Espruino's timers fire early.
  const fire = (): void => {
    const left = end - now();
    timer._id = undefined;
    if (left > 20) timer._id = setTimeout(fire, left);
    else callback();
  };
  timer._id = setTimeout(fire, milliseconds);
  return timer;
}

function cancel(timer: Timer | undefined): void {
  if (timer && timer._id !== undefined) {
    clearTimeout(timer._id);
    timer._id = undefined;
  }
}

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
    return E.toString(require("Flash").read(length, flash.start + offset));
  },
};

/** Addresses of the radio's random number, as the headers of ESP-IDF have them, by the start of the board's name. */
const RANDOM_REGISTERS: Record<string, number> = {
  ESP32: 0x3ff75144,
  ESP32C3: 0x600260b0,
  ESP32S3: 0x6003507c,
};
const RANDOM_REGISTER = RANDOM_REGISTERS[BOARD.split("_")[0]];

function noise(): string {
  const first = RANDOM_REGISTER && peek32(RANDOM_REGISTER);
  const second = RANDOM_REGISTER && peek32(RANDOM_REGISTER);
  // A register that repeats itself is not the one that was meant.
  return getTime() + (first == second ? "" : "," + first + "," + second);
}

/** A socket as the rooms see it: deaf and mute once it is closed from either side. */
class SocketLink implements Link {
  constructor(private _socket: EspruinoSocket | undefined) {}

  /** Attaches the handlers at once: Espruino loses or repeats bytes that come before a late one. */
  _attach(events: LinkEvents): void {
    const socket = this._socket;
    // A connection that was not taken is over by now.
    if (!socket) return;
    socket.on("data", (bytes) => {
      if (this._socket) events.received(bytes);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this._socket = undefined;
      events.closed();
    });
  }

  send(bytes: string): void {
    if (this._socket) this._socket.write(bytes);
  }

  end(): void {
    if (this._socket) this._socket.end();
    this._socket = undefined;
  }
}

function connect(host: string, port: number, tls: TlsOptions | undefined, events: LinkEvents): Link | number {
  let socket: EspruinoSocket;
  try {
    if (tls) {
      if (!HAS_TLS) return FAIL_TLS;
      socket = require("tls").connect(
        { host: host, port: port, ca: tls.ca, key: tls.key, cert: tls.cert },
        events.opened!,
      );
    } else {
      socket = require("net").connect({ host: host, port: port }, events.opened!);
    }
  } catch (error) {
    return String(error).indexOf("host") < 0 ? FAIL_CLOUD_UNREACHABLE : FAIL_HOST_UNKNOWN;
  }
  const link = new SocketLink(socket);
  link._attach(events);
  return link;
}

function listen(port: number, accept: (link: Link) => LinkEvents): void {
  require("net")
    .createServer((socket) => {
      const link = new SocketLink(socket);
      link._attach(accept(link));
    })
    .listen(port);
}

function udp(port: number, received: (bytes: string, from: Address) => void): (bytes: string, to: Address) => void {
  const socket = openUdp(port, received);
  return (bytes, to) => socket.send(bytes, to.port, to.address);
}

/** What a build does not have needs no closing. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (_error) {}
}

/** The platform that Espruino is. */
export const espruino: Platform = {
  now: now,
  after: after,
  cancel: cancel,
  log: (line) => print("WB " + line),
  sha256: (bytes) => E.toString(CRYPTO!.SHA256(bytes)),
  xor(bytes, word) {
    const words = new Uint32Array(E.toUint8Array(bytes).buffer);
    for (let i = 0; i < words.length; i++) words[i] ^= word;
    return E.toString(words.buffer);
  },
  aes(encrypt, bytes, key, iv) {
    const AES = CRYPTO!.AES;
    const options: { iv: string; mode: "CBC" } = { iv: iv, mode: "CBC" };
    return E.toString((encrypt ? AES.encrypt(bytes, key, options) : AES.decrypt(bytes, key, options))!);
  },
  base64: (bytes) => btoa(bytes),
  crc32: (bytes) => E.CRC32(bytes),
  noise: noise,
  flash: flash,
  connect: connect,
  listen: listen,
  udp: udp,
  closeDoors(password) {
    attempt(() => require("TelnetServer").setOptions({ mode: "off" }));
    attempt(() => NRF.setServices({}, { uart: false }));
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
// The monotonic clock needs a look at the wall clock more often than MAX_STEP.
setInterval(now, 60000);
