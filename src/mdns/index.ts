/**
 * WifiBindingMdns: makes the device findable as `_wifi-binding._udp.local` while it is on a network.
 * `require("WifiBindingMdns").start(require("WifiBinding"))`, after the start of WifiBinding.
 */

import type { Binding } from "../binding/index.js";
import { createUdp } from "../hal/espruino/udp.js";
import { MDNS_GROUP, MDNS_PORT } from "./published.js";
import { recordsOf } from "./records.js";
import { createResponder } from "./responder.js";

/** Names of the STATE_… numbers, as the API gives them. */
const STATES = ["idle", "provisioning", "joining", "connecting", "online", "bound"];
const STATE_JOINING = 2;
const NOWHERE = "0.0.0.0";

type Core = Pick<Binding, "identity" | "state" | "capabilities" | "on">;

let core: Core;
let running = false;
let listening = false;

const wifi = require("Wifi");
const responder = createResponder(
  (bytes, port, address) => socket.send(bytes, { port: port, address: address }),
  setTimeout,
  Math.random,
);

/** The four bytes of an address. */
function addressBytes(text: string): string {
  return text
    .split(".")
    .map((part) => String.fromCharCode(parseInt(part)))
    .join("");
}

/** Whether an address is of the network that the device is in. */
function isNear(address: string): boolean {
  const own = wifi.getIP();
  const mask = addressBytes(own.netmask);
  const mine = addressBytes(own.ip);
  const theirs = addressBytes(address);
  for (let i = 0; i < 4; i++) if ((mine.charCodeAt(i) ^ theirs.charCodeAt(i)) & mask.charCodeAt(i)) return false;
  return true;
}

const socket = createUdp(
  MDNS_PORT,
  (bytes, from) => responder.received(bytes, from.address, from.port, isNear(from.address)),
  MDNS_GROUP,
  () => wifi.getIP().ip,
);

function open(): void {
  if (!running) return;
  try {
    socket.open();
  } catch (error) {
    print("WB error mdns: port " + MDNS_PORT + ": " + String(error));
  }
}

function leave(farewell: boolean): void {
  responder.withdraw(farewell);
  socket.close();
}

/** Says what is true now. */
function refresh(): void {
  const state = STATES.indexOf(core.state());
  const ip = wifi.getIP().ip;
  if (!running || state < STATE_JOINING || ip == NOWHERE) return;
  open();
  const who = core.identity();
  responder.publish(
    recordsOf({ pk: who.pk, dk: who.dk, capabilities: core.capabilities(), state: state, address: addressBytes(ip) }),
  );
}

/** An event of the binding, which leaves the network soon when it waits for an app; all else has time. */
function changed(): void {
  if (running && STATES.indexOf(core.state()) < STATE_JOINING) leave(true);
  else setTimeout(refresh, 0);
}

/**
 * Announces the device from now on, whenever it is on a network.
 * @param binding what `require("WifiBinding")` returns, started
 * @throws Failure "stopped" where the binding has not started
 */
export function start(binding: Core): void {
  core = binding;
  core.identity();
  running = true;
  if (!listening) {
    listening = true;
    core.on("state", changed);
    core.on("capabilities", changed);
    // Espruino's own mDNS on ESP32 takes the port for itself as soon as there is an address: come before it.
    wifi.on("associated", open);
    wifi.on("connected", refresh);
    wifi.on("disconnected", () => leave(false));
  }
  refresh();
}

/** Takes everything back that was announced, and closes the port. */
export function stop(): void {
  if (running) leave(true);
  running = false;
}
