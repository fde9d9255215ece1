/**
 * mDNS, a module of its own: `require("WifiBindingMdns").start(require("WifiBinding"))`. Apps find the device as
 * `_wifi-binding._udp.local`. Of src, this file and espruino-platform.ts alone name Espruino's globals and modules.
 */

import { announcement, answerTo, MDNS_PORT, type Presence } from "./responder.js";

const GROUP = "224.0.0.251";
/** A second announcement follows the first (RFC 6762, 8.3), in milliseconds. */
const AGAIN = 1000;
/** Milliseconds from the last datagram to the end of its socket. */
const LINGER = 100;
/** Answers in a second, to all askers together. */
const MOST_ANSWERS = 10;
/** States by name, in the order of their numbers. */
const STATES = ["idle", "provisioning", "joining", "connecting", "online", "bound"];

/** The part of WifiBinding that this module uses. */
export interface Core {
  identity(): { pk: string; dk: string };
  state(): string;
  capabilities(): number;
  on(event: string, listener: () => void): void;
}

let core: Core | undefined;
let socket: EspruinoDatagramSocket | undefined;
let address = "";
let timer: number | undefined;
let second = 0;
let answers = 0;

function presence(): Presence {
  const identity = core!.identity();
  return {
    pk: identity.pk,
    dk: identity.dk,
    ip: address,
    capabilities: core!.capabilities(),
    state: STATES.indexOf(core!.state()),
  };
}

function may(): boolean {
  const now = Math.floor(getTime());
  if (now != second) {
    second = now;
    answers = 0;
  }
  return ++answers <= MOST_ANSWERS;
}

function announce(going: boolean): void {
  if (socket) socket.send(announcement(presence(), going), MDNS_PORT, GROUP);
}

/** Tells everybody what is true now, twice. */
function announceTwice(): void {
  if (timer !== undefined) clearTimeout(timer);
  announce(false);
  timer = setTimeout(() => {
    timer = undefined;
    announce(false);
  }, AGAIN);
}

function received(datagram: string, from: { address: string; port: number }): void {
  const answer = answerTo(datagram, from.port, presence());
  if (!answer || !socket || !may()) return;
  if (answer.alone) socket.send(answer.bytes, from.port, from.address);
  else socket.send(answer.bytes, MDNS_PORT, GROUP);
}

function close(): void {
  const old = socket;
  socket = undefined;
  if (timer !== undefined) clearTimeout(timer);
  timer = undefined;
  // What was sent last has to leave first.
  if (old) setTimeout(() => old.close(), LINGER);
}

/** Joins the group with the address that the device has now; Espruino can do that only before the socket is bound. */
function open(): void {
  const mine = require("dgram").createSocket({ type: "udp4", reuseAddr: true, recvBufferSize: 1500 });
  socket = mine;
  mine.addMembership(GROUP, address);
  mine.bind(MDNS_PORT, () => {});
  mine.on("message", received);
  mine.on("error", () => {});
  mine.on("close", () => {
    // A few datagrams of no length close a bound socket.
    if (socket != mine) return;
    socket = undefined;
    setTimeout(look, 100);
  });
  announceTwice();
}

/** Comes and goes with the network, and tells every change. */
function look(): void {
  const ip = require("Wifi").getIP().ip;
  const now = core && ip != "0.0.0.0" ? ip : "";
  if (socket && now == address) return announceTwice();
  announce(true);
  close();
  address = now;
  if (address) open();
}

/** Answers from now on. @param binding what `require("WifiBinding")` gives */
export function start(binding: Core): void {
  const first = !core;
  core = binding;
  if (first) binding.on("state", look);
  look();
}

/** Says good-bye, and answers no more until `start`. */
export function stop(): void {
  announce(true);
  close();
  address = "";
  core = undefined;
}
