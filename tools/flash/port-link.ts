/** A device's console by the name of its port: a serial port, or TCP where it serves telnet. */

import { connect } from "node:net";
import type { Duplex } from "node:stream";

import { FailedError, messageOf } from "../../sim/errors.js";
import { readUrl } from "../../sim/urls.js";
import { ClosedError, Console, type ConsoleOptions } from "./console.js";
import { serialPort, type SerialStream } from "./espruino-tools.js";
import type { Link } from "./link.js";

/** Milliseconds in which a port must open. */
const OPEN_TIMEOUT = 5000;
const TELNET_PORT = 23;
/** Espruino's Linux build resets a telnet client that connects while it still drops the one before. */
const OPEN_ATTEMPTS = 3;
/** Milliseconds between them, and in which the last one begins. */
const OPEN_AGAIN = 1000;
const OPEN_WITHIN = 3000;

/** Host and TCP port of `tcp://host[:port]`; undefined for the path of a serial port. @throws UsageError */
export function tcpAddress(port: string): { host: string; port: number } | undefined {
  if (!/^[a-z]+:\/\//i.test(port)) return undefined;
  const url = readUrl(port, ["tcp"], "tcp://127.0.0.1:2323, or the path of a serial port such as /dev/ttyUSB0");
  return { host: url.host, port: url.port ?? TELNET_PORT };
}

function start(port: string, baudRate: number): [stream: Duplex, opened: string] {
  const address = tcpAddress(port);
  if (address) return [connect({ ...address, noDelay: true }), "connect"];
  return [new (serialPort())({ path: port, baudRate }), "open"];
}

/** Closes a port at once. A serial port that is only destroyed stays open, and keeps the process alive. */
function closeStream(stream: Duplex): void {
  if (stream.closed || stream.destroyed) return;
  if ("close" in stream) (stream as SerialStream).close(() => {});
  else stream.destroy();
}

const linkOf = (stream: Duplex): Link => ({
  write: (bytes) =>
    new Promise((resolve, reject) => stream.write(bytes, (error) => (error ? reject(error) : resolve()))),
  onData: (listener) => stream.on("data", listener),
  onClose: (listener) => stream.once("close", listener),
  close: () => closeStream(stream),
});

/** The system's reason, of which the library of serial ports repeats what was tried. */
const reasonOf = (error: unknown, port: string): string =>
  messageOf(error)
    .replace(/^Error: /, "")
    .replace(`, cannot open ${port}`, "");

/** Waits until a port is open. @throws FailedError with the system's reason, after 5 s at most */
async function openLink(port: string, stream: Duplex, opened: string): Promise<Link> {
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no answer within 5 s")), OPEN_TIMEOUT);
      stream.once(opened, () => (clearTimeout(timer), resolve()));
      stream.once("error", (error) => (clearTimeout(timer), reject(error)));
      stream.once("close", () => (clearTimeout(timer), reject(new Error("it was closed"))));
    });
  } catch (error) {
    closeStream(stream);
    throw new FailedError(`cannot open ${port}: ${reasonOf(error, port)}`);
  }
  // A later failure is followed by `close`, which is what counts.
  stream.on("error", () => {});
  return linkOf(stream);
}

/** How a console is opened. */
export interface Opening extends ConsoleOptions {
  /** Of a serial port, default 115200. */
  baud?: number;
  /** Ends the attempt, at once; a console that is open already stays open. */
  signal?: AbortSignal;
}

async function openOnce(port: string, options: Opening): Promise<Console> {
  const { baud = 115200, signal } = options;
  signal?.throwIfAborted();
  const [stream, opened] = start(port, baud);
  const stop = (): void => closeStream(stream);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Console.over(port, await openLink(port, stream, opened), options);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/**
 * Opens a port and waits until Espruino answers on it. A link that is closed before its first byte is opened again.
 * @throws FailedError when the port cannot be opened, stays silent, or is locked; after 20 s at most
 */
export async function openConsole(port: string, options: Opening = {}): Promise<Console> {
  const end = Date.now() + OPEN_WITHIN;
  for (let attempt = 1; ; attempt++) {
    try {
      return await openOnce(port, options);
    } catch (error) {
      const unheard = error instanceof ClosedError && !error.heard && !options.signal?.aborted;
      if (!unheard || attempt === OPEN_ATTEMPTS || Date.now() + OPEN_AGAIN > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN));
  }
}
