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
}

class AppClient implements Client, LinkEvents {
  open = true;
  randoms = "";
  channel: Channel | undefined = undefined;
  private _stream: FrameStream;
  private _packageId = 0;
  private _timer: Timer | undefined;

  constructor(
    private _platform: Platform,
    private _link: Link,
    received: (frame: Frame, client: Client) => void,
    private _gone: (client: AppClient) => void,
  ) {
    this._stream = new FrameStream(FRAME_LIMIT, (frame) => {
      this._patience(IDLE);
      received(frame, this);
    });
    this._patience(FIRST_FRAME);
  }

  send(id: number, cmd: number, data: string): void {
    if (!id) id = this._packageId = nextPackageId(this._packageId);
    if (this.open) this._link.send(encodeFrame(id, cmd, this.channel ? this.channel.seal(cmd, data) : data));
    this._patience(IDLE);
  }

  /** LinkEvents */
  received(bytes: string): void {
    if (this.open && !this._stream.push(bytes)) this.close();
  }

  /** LinkEvents */
  closed(): void {
    if (!this.open) return;
    this.open = false;
    this._platform.cancel(this._timer);
    this._gone(this);
  }

  close(): void {
    this._link.end();
    this.closed();
  }

  private _patience(milliseconds: number): void {
    this._platform.cancel(this._timer);
    if (this.open) this._timer = this._platform.after(milliseconds, () => this.close());
  }
}

/**
 * Takes in the apps of all transports.
 * @returns what each new connection is handed to; it gives the connection's events
 */
export function createReception(
  platform: Platform,
  received: (frame: Frame, client: Client) => void,
): (link: Link) => LinkEvents {
  const clients: AppClient[] = [];
  return (link) => {
    const client = new AppClient(platform, link, received, (gone) => {
      const at = clients.indexOf(gone);
      if (at >= 0) clients.splice(at, 1);
    });
    if (clients.length < MAX_CLIENTS) clients.push(client);
    else client.close();
    return client;
  };
}
