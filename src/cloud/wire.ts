/** The socket of the connection to the broker. */

import type { Server } from "../codec/server.js";
import type { Hal, Link, LinkEvents, TlsOptions } from "../hal/hal.js";

export interface Wire {
  /** @returns 0, or why it failed at once (as Hal.connect) */
  open(server: Server, tls: TlsOptions | undefined, events: LinkEvents): number;
  isOpen(): boolean;
  /** @returns false when it is lost: it is closed, or too much waits already */
  write(bytes: string): boolean;
  /** @returns whether it was open */
  end(): boolean;
}

/** @once */
export function createWire(hal: Hal): Wire {
  let link: Link | undefined;

  function write(bytes: string): boolean {
    return !!link && link.send(bytes);
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
    end() {
      const old = link;
      if (!old) return false;
      link = undefined;
      old.end();
      return true;
    },
  };
}
