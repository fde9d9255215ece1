/** The handshake's clients over any stream of bytes: frames in, frames out, and no patience with strangers. */

import { encodeFrame, FrameStream, nextPackageId, type Frame } from "../codec/frame.js";
import type { Channel } from "./channel.js";
import type { Link, LinkEvents, Platform, Timer } from "../platform.js";

/** Connections at the same time. */
const MAX_CLIENTS = 4;
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
  platform: Platform,
  link: Link,
  received: (frame: Frame, client: Client) => void,
  gone: (client: Client) => void,
): Client & LinkEvents {
  let packageId = 0;
  let timer: Timer | undefined;

  function patience(milliseconds: number): void {
    platform.cancel(timer);
    if (self.open) timer = platform.after(milliseconds, self.close);
  }

  const stream = new FrameStream(FRAME_LIMIT, (frame) => {
    patience(IDLE);
    received(frame, self);
  });

  const self: Client & LinkEvents = {
    open: true,
    randoms: "",
    channel: undefined,
    send(id, cmd, data) {
      if (!id) id = packageId = nextPackageId(packageId);
      if (self.open) link.send(encodeFrame(id, cmd, self.channel ? self.channel.seal(cmd, data) : data));
      patience(IDLE);
    },
    received(bytes) {
      if (self.open && !stream.push(bytes)) self.close();
    },
    closed() {
      if (!self.open) return;
      self.open = false;
      platform.cancel(timer);
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
  platform: Platform,
  received: (frame: Frame, client: Client) => void,
): (link: Link) => LinkEvents {
  const clients: Client[] = [];
  return (link) => {
    const client = createClient(platform, link, received, (gone) => {
      const at = clients.indexOf(gone);
      if (at >= 0) clients.splice(at, 1);
    });
    if (clients.length < MAX_CLIENTS) clients.push(client);
    else client.close();
    return client;
  };
}
