/** The socket of the connection to the broker. */

import type { Server } from "../codec/server.js";
import type { Hal, Link, LinkEvents, TlsOptions } from "../hal/hal.js";

export interface Wire {
  /** @returns 0, or why it failed at once (as Hal.connect) */
  open(server: Server, tls: TlsOptions | undefined, events: LinkEvents): number;
  isOpen(): boolean;
  /** Sends, if it is open. */
  write(bytes: string): void;
  /** @param last is sent before, or "" @returns whether it was open */
  end(last: string): boolean;
}

/** @once */
export function createWire(hal: Hal): Wire {
  let link: Link | undefined;

  function write(bytes: string): void {
    if (link) link.send(bytes);
  }

  return {
    open(server, tls, events) {
      const opened = hal.connect(server.host, server.port, server.secure ? tls || {} : undefined, events);
      if (typeof opened == "number") return opened;
      link = opened;
      return 0;
    },
    isOpen: () => !!link,
    write: write,
    end(last) {
      const old = link;
      if (!old) return false;
      link = undefined;
      if (last) old.send(last);
      old.end();
      return true;
    },
  };
}
