/** TCP sockets of Espruino as device code sees them: deaf and mute once they are closed from either side. */

import type { Link, LinkEvents } from "../hal.js";

/** A socket knows its link by a member of its own: listeners that all share take less than closures of each. */
type Socket = EspruinoSocket & { _link: SocketLink };

interface SocketLink extends Link {
  _socket: EspruinoSocket | undefined;
  _events: LinkEvents;
}

/** Bytes that may wait until the network takes them: Espruino has no limit but its memory. */
const MOST_WAITING = 4096;

function received(this: Socket, bytes: string): void {
  if (this._link._socket) this._link._events.received(bytes);
}

function closed(this: Socket): void {
  const link = this._link;
  if (!link._socket) return;
  link._socket = undefined;
  link._events.closed();
}

function send(this: SocketLink, bytes: string): boolean {
  const socket = this._socket;
  if (!socket || (socket.dSnd || "").length > MOST_WAITING) return false;
  socket.write(bytes);
  return true;
}

function end(this: SocketLink): void {
  if (this._socket) {
    // Espruino keeps a socket whose bytes are not taken, and has removed a listener that ran out of memory.
    this._socket.on("data", ignore);
    this._socket.end();
  }
  this._socket = undefined;
}

export function ignore(): void {}

/**
 * Attaches the listeners at once: Espruino loses or repeats bytes that come before a late one.
 * @param accept gives the events of the connection; it may end it at once
 */
export function openLink(socket: EspruinoSocket, accept: (link: Link) => LinkEvents): Link {
  const link = { _socket: socket, send: send, end: end } as unknown as SocketLink;
  link._events = accept(link);
  // A connection that was not taken is over by now.
  if (!link._socket) return link;
  (socket as Socket)._link = link;
  socket.on("data", received);
  socket.on("error", ignore);
  socket.on("close", closed);
  // One whose peer was gone before this callback has told nobody.
  if (socket.cls) closed.call(socket as Socket);
  return link;
}
