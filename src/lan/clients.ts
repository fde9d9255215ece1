/** The handshake's clients over any stream of bytes: frames in, frames out, and no patience with strangers. */

import { encodeFrame, nextFrame, nextPackageId, type Frame, type FrameBuffer } from "../codec/frame.js";
import type { Channel } from "./channel.js";
import type { Link, LinkEvents, Hal, Timer } from "../hal/hal.js";

/** Connections at the same time. */
const MAX_CLIENTS = 4;
/** Frames to an app that wait for being sent: who asks for more without hearing the answers goes. */
const MAX_WAITING = 16;
/** Largest frame in bytes. */
const FRAME_LIMIT = 1024;
/** Milliseconds to the first whole frame, and between two frames. */
const FIRST_FRAME = 10000;
const IDLE = 60000;

/** One app, whatever transport it came over. */
export interface Client {
  /** Sends a frame; an answer repeats the request's package id, 0 takes the next of the device's own. */
  send(id: number, cmd: number, data: string): void;
  /** Whether the app is still there. */
  open: boolean;
  /** The randoms of a proof that is under way, the app's and the device's; "" when there is none. */
  randoms: string;
  /** Seals the frames of an app that has proved its possession. */
  channel: Channel | undefined;
  /** Ends the connection. */
  close(): void;
}

/** Serves the app at the other end. @param gone called once, when it is there no more */
function createClient(
  hal: Hal,
  link: Link,
  received: (frame: Frame, client: Client) => void,
  gone: (client: Client) => void,
): Client & LinkEvents & FrameBuffer {
  let packageId = 0;
  let waiting = 0;
  let timer: Timer | undefined;

  function patience(milliseconds: number): void {
    hal.cancel(timer);
    if (self.open) timer = hal.after(milliseconds, self.close);
  }

  const self: Client & LinkEvents & FrameBuffer = {
    open: true,
    bytes: "",
    broken: false,
    randoms: "",
    channel: undefined,
    send(id, cmd, data) {
      if (!id) id = packageId = nextPackageId(packageId);
      if (++waiting > MAX_WAITING) return self.close();
      // Sealed as it is now, but in a turn of its own: that goes deep, and the stack is small.
      const channel = self.channel;
      hal.after(0, () => {
        waiting--;
        if (self.open) link.send(encodeFrame(id, cmd, channel ? channel.seal(cmd, data) : data));
      });
      patience(IDLE);
    },
    received(bytes) {
      let frame: Frame | undefined;
      self.bytes += bytes;
      while (self.open && (frame = nextFrame(self, FRAME_LIMIT))) {
        patience(IDLE);
        received(frame, self);
      }
      if (self.broken) self.close();
    },
    closed() {
      if (!self.open) return;
      self.open = false;
      hal.cancel(timer);
      gone(self);
    },
    close() {
      link.end();
      self.closed();
    },
  };
  patience(FIRST_FRAME);
  return self;
}

/**
 * Takes in the apps of all transports.
 * @once
 * @returns what each new connection is handed to; it gives the connection's events
 */
export function createReception(
  hal: Hal,
  received: (frame: Frame, client: Client) => void,
): (link: Link) => LinkEvents {
  const clients: Client[] = [];
  return (link) => {
    const client = createClient(hal, link, received, (gone) => {
      const at = clients.indexOf(gone);
      if (at >= 0) clients.splice(at, 1);
    });
    if (clients.length < MAX_CLIENTS) clients.push(client);
    else client.close();
    return client;
  };
}
