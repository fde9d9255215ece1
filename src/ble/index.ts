/**
 * BLE, a module of its own: `require("WifiBindingBle").start(require("WifiBinding"))` after WifiBinding's own start.
 * The same handshake as over TCP, for one app at a time. Of src, this file is one of the few that name Espruino's own.
 */

import { CAPABILITY_BLE } from "../codec/commands.js";
import type { Link, LinkEvents } from "../hal/hal.js";
import { GattLink } from "./gatt-link.js";

/** Bytes of a write that arrive: an event of Espruino's queue has 64 with its header. */
const MOST_WRITTEN = 61;
/** Company in the manufacturer data: nobody's [C]. The data itself [P]: MAC, and PK while the device is unbound. */
const COMPANY = 0xffff;
const PK_LENGTH = 6;

/** The part of WifiBinding that this module uses. */
export interface Core {
  identity(): { pk: string; dk: string };
  state(): string;
  on(event: string, listener: () => void): void;
  attach(link: Link): LinkEvents;
  advertise(bit: number, on: boolean): void;
}

let core: Core;
let running = false;
let known = false; // whether start has been here before
let unbound = false;
let connected = false;
let stale = false; // what is advertised is to be changed when the app has gone
let unserved = false; // the services are to be set when the app has gone
let link: GattLink | undefined;
let app: LinkEvents | undefined;

// Service and characteristic stand as literals: Espruino takes no computed keys.
function indicate(fragment: string): void {
  NRF.updateServices({ 0x180a: { 0x9c40: { value: fragment, indicate: true } } });
}

/** On ESP32 this ends only connections that the device itself has made: then the app stays, and is a new one. */
function hangUp(): void {
  try {
    NRF.disconnect();
  } catch (error) {
    print("WB ble: " + String(error));
  }
}

function attach(): void {
  link = new GattLink(indicate, hangUp, setTimeout);
  app = core.attach(link);
}

function detach(): void {
  if (link) link.open = false;
  link = undefined;
  if (app) app.closed();
  app = undefined;
}

function written(event: { data: ArrayBuffer }): void {
  if (!running) return;
  if (!link || !link.open) attach();
  app!.received(E.toString(event.data));
}

/** Six bytes of the Wi-Fi station. */
function mac(): string {
  return require("Wifi")
    .getIP()
    .mac.split(":")
    .map((part) => String.fromCharCode(parseInt(part, 16)))
    .join("");
}

/** Not while an app is there: ESP32 would let a second one in. */
function advertise(): void {
  stale = connected;
  if (stale) return;
  NRF.setAdvertising(
    { 0x180a: undefined },
    {
      showName: false,
      discoverable: true,
      manufacturer: COMPANY,
      manufacturerData: mac() + (unbound ? core.identity().pk.substr(0, PK_LENGTH) : ""),
    },
  );
}

/** While it joins and connects the device is what it was; one that has just booted with a network is most likely bound. */
function look(): void {
  const state = core.state();
  const now = state == "joining" || state == "connecting" ? unbound : state != "bound";
  if (now == unbound) return;
  unbound = now;
  if (running) advertise();
}

/** Espruino keeps the old services while somebody is connected, and for ever unless they are set once more. */
function serve(): void {
  const characteristic = { maxLen: MOST_WRITTEN, writable: true, indicate: true, onWrite: written };
  unserved = connected = NRF.getSecurityStatus().connected;
  NRF.setServices({ 0x180a: { 0x9c40: characteristic } }, { uart: false });
}

function listen(): void {
  known = true;
  core.on("state", look);
  // ESP32 says it once for each service.
  NRF.on("connect", () => {
    connected = true;
    if (running && !link) attach();
  });
  NRF.on("disconnect", () => {
    connected = false;
    detach();
    if (running) {
      if (unserved) serve();
      if (stale) advertise();
      return;
    }
    // ESP32 advertises again whenever an app goes, also when it is asleep.
    NRF.wake();
    NRF.sleep();
  });
}

/**
 * Advertises and serves apps from now on, and closes Espruino's console over BLE.
 * @param binding what `require("WifiBinding")` gives, started
 * @throws Error on a build without Bluetooth, and on a device without an identity
 */
export function start(binding: Core): void {
  if (typeof NRF == "undefined") throw new Error("this build of Espruino has no Bluetooth");
  if (!binding.identity().dk) throw new Error("no identity in flash: write one with the factory tool");
  if (running) return;
  core = binding;
  running = true;
  if (known) NRF.wake();
  else listen();
  serve();
  look();
  advertise();
  core.advertise(CAPABILITY_BLE, true);
}

/** Advertises and serves no more, until `start`. */
export function stop(): void {
  if (!running) return;
  running = false;
  core.advertise(CAPABILITY_BLE, false);
  detach();
  hangUp();
  NRF.sleep();
}
