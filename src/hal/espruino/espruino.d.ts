/**
 * The part of Espruino 2v29 that this project uses, typed by hand: @types/espruino knows neither dgram, Storage,
 * crypto nor process. Bytes are strings of characters 0-255 everywhere ("byte strings"). Only this folder and
 * firmware/main.ts may name these.
 */

/** A string whose characters are all 0-255, one per byte. */
type Bytes = string;

interface EspruinoSocket {
  on(event: "data", listener: (data: Bytes) => void): void;
  on(event: "drain" | "end", listener: () => void): void;
  on(event: "close", listener: (hadError?: boolean) => void): void;
  on(event: "error", listener: (error: { code: number; message: string }) => void): void;
  /** Buffers without a limit; always returns false. Only strings are sent as bytes. */
  write(data: Bytes): boolean;
  end(data?: Bytes): void;
  /** Whether it is closed, or will be: a connection whose peer has gone before the callback of its server has no "close". */
  cls?: boolean;
  /** What waits to be sent. */
  dSnd?: string;
}

interface EspruinoServer {
  listen(port: number): void;
  close(): void;
}

interface EspruinoNet {
  /** Blocks while it resolves and connects; throws when refused. */
  connect(options: { host: string; port: number }, connected: () => void): EspruinoSocket;
  createServer(connection: (socket: EspruinoSocket) => void): EspruinoServer;
}

interface EspruinoTls {
  connect(
    options: { host: string; port: number; ca?: string; key?: string; cert?: string },
    connected: () => void,
  ): EspruinoSocket;
}

interface EspruinoDatagramSocket {
  /** Only before `bind`, and for one group. */
  addMembership(group: string, ip: string): void;
  bind(port: number, bound?: () => void): EspruinoDatagramSocket;
  on(event: "message", listener: (message: Bytes, from: { address: string; port: number; size: number }) => void): void;
  on(event: "close" | "error", listener: (error?: unknown) => void): void;
  send(data: Bytes, port: number, address: string): void;
  close(): void;
}

interface EspruinoDgram {
  createSocket(type: "udp4" | { type: "udp4"; reuseAddr?: boolean; recvBufferSize?: number }): EspruinoDatagramSocket;
}

interface EspruinoFlash {
  getPage(address: number): { addr: number; length: number } | undefined;
  getFree(): { addr: number; length: number }[];
  erasePage(address: number): void;
  /** Can only turn ones into zeros. */
  write(data: Bytes | Uint8Array, address: number): void;
  read(length: number, address: number): Uint8Array;
}

interface EspruinoStorage {
  /** A string that points into flash; the whole file, or `length` bytes of it. */
  read(name: string, offset?: number, length?: number): Bytes | undefined;
  /**
   * Writes into a file that is there. At offset 0 it makes the file, of `size` bytes, unless one of that size is there
   * and erased. @throws where something else was written already
   */
  write(name: string, data: Bytes, offset: number, size?: number): boolean;
  erase(name: string): void;
  /** Bytes for files, without those of erased ones, which only compacting brings back. */
  getFree(): number;
  readJSON(name: string, noExceptions?: boolean): unknown;
}

interface EspruinoCrypto {
  SHA256(message: Bytes): ArrayBuffer;
  AES: {
    /** No padding: the length must be a multiple of 16, else undefined. */
    encrypt(message: Bytes, key: Bytes, options: { iv: Bytes; mode: "CBC" }): ArrayBuffer | undefined;
    decrypt(message: Bytes, key: Bytes, options: { iv: Bytes; mode: "CBC" }): ArrayBuffer | undefined;
  };
}

interface EspruinoE {
  reboot(): void;
  /** Restarts the chip after so many seconds without a kick, which the event loop makes unless `auto` is false. */
  enableWatchdog(seconds: number, auto?: boolean): void;
  CRC32(data: Bytes | Uint8Array): number;
  sum(data: Bytes | ArrayLike<number>): number;
  toString(data: ArrayBuffer | ArrayLike<number>): Bytes;
  toUint8Array(data: Bytes | ArrayLike<number>): Uint8Array;
  setPassword(password: string): void;
  lockConsole(): void;
}

declare const E: EspruinoE;
/** The modules that `require` has loaded. */
declare const Modules: { removeCached(name: string): void };
/**
 * What the boot file sets: `appIsGood` says that a new application is good, and exists only while it is on trial;
 * `appSlot` is the letter of the application file that runs.
 */
declare const global: {
  appIsGood?: () => void;
  appSlot?: string;
  clearTimeout: (id: number) => void;
  clearInterval: (id: number) => void;
  [name: string]: unknown;
};

/** Espruino's hidden variables, `global["\xff"]` on every build; by its ESP32 source the value of a characteristic. */
interface HiddenVariables {
  BLE_CHAR_V0?: Bytes;
}

interface EspruinoCharacteristic {
  value?: Bytes;
  writable?: boolean;
  indicate?: boolean;
  onWrite?(event: { data: ArrayBuffer }): void;
}

/** Bluetooth, where the build has it. Services and characteristics are keys, numbers of 16 bits. */
declare const NRF: {
  setServices(services: Record<number, Record<number, EspruinoCharacteristic>>, options: { uart: boolean }): void;
  updateServices(services: Record<number, Record<number, EspruinoCharacteristic>>): void;
  setAdvertising(
    services: Record<number, undefined>,
    options: { interval?: number; manufacturer: number; manufacturerData?: Bytes; showName?: boolean; name?: string },
  ): void;
  getSecurityStatus(): { connected: boolean };
  on(event: "connect" | "disconnect", listener: () => void): void;
  disconnect(): void;
  /** Stops to advertise, and starts again. */
  sleep(): void;
  wake(): void;
};
declare function print(...values: unknown[]): void;
/** Seconds since the epoch or since boot, fractional; jumps when the wall clock is set. */
/** Boots anew from Storage, without a reset of the chip. */
declare function load(): void;
declare function getTime(): number;
/** The 32 bits at an address. */
declare function peek32(address: number): number;
declare function atob(text: string): Bytes;
declare function btoa(bytes: Bytes): string;
declare function setTimeout(callback: (...values: never[]) => void, milliseconds: number, ...values: unknown[]): number;
declare function clearTimeout(id: number): void;
declare function setInterval(callback: () => void, milliseconds: number): number;
declare function clearInterval(id: number): void;

type Pin = object;
/** The level of a pin after an edge. */
interface WatchEvent {
  state: boolean;
}
declare function pinMode(pin: Pin | string, mode: "input_pullup"): void;
declare function setWatch(
  callback: (event: WatchEvent) => void,
  pin: Pin | string,
  options: { repeat: boolean; edge: "both"; debounce: number },
): number;

declare const process: {
  memory(): { free: number; usage: number; total: number };
  env: { VERSION: string; BOARD: string; SERIAL: string; MODULES: string; FLASH?: number };
};

declare function require(module: "net"): EspruinoNet;
declare function require(module: "tls"): EspruinoTls;
declare function require(module: "dgram"): EspruinoDgram;
declare function require(module: "Wifi"): import("../wifi.js").Wifi;
declare function require(module: "Flash"): EspruinoFlash;
declare function require(module: "Storage"): EspruinoStorage;
declare function require(module: "crypto" | "WifiBindingCrypto"): EspruinoCrypto;
declare function require(module: "WifiBindingMdns" | "WifiBindingBle" | "WifiBindingProof" | "WifiBindingOta"): {
  start(binding: object): void;
};
declare function require(module: "WifiBindingSlh"): {
  /** As src/slh/index.ts has it. */
  verification(
    sha256: (bytes: Bytes) => Bytes,
    read: (offset: number) => Bytes,
    key: Bytes,
    message: Bytes,
  ): () => boolean | undefined;
};
declare function require(module: "TelnetServer"): { setOptions(options: { mode: string }): void };

/** Built-ins of ES2015 that Espruino has. */
interface ObjectConstructor {
  assign<T, U, V = U>(target: T, first: U, second?: V): T & U & V;
}
interface String {
  repeat(count: number): string;
}
