/**
 * BLE, a module of its own: `require("WifiBindingBle").start(require("WifiBinding"))` after WifiBinding's own start.
 * The same session as over TCP, for one app at a time. Of src, this file is one of the few that name Espruino's own.
 */

import { BLE_BINDABLE, BLE_BOUND, BLE_COMPANY, BLE_CONFIGURED, BLE_NAME, CAPABILITY_BLE } from "../codec/commands.js";
import { failure } from "../failure.js";
import type { On } from "../binding/emitter.js";
import type { Link, LinkEvents } from "../hal/hal.js";
import { manufacturerData } from "./advertisement.js";
import { createGattLink, type GattLink } from "./gatt-link.js";

/** Bytes of a write that its event carries: one of Espruino's queue has 64 with its header. */
const EVENT = 61;
/** Milliseconds of an advertisement's turn, and between two of its packets: a phone that listens for 1 s hears both. */
const TURN = 500;
const INTERVAL = 100;

/** The part of WifiBinding that this module uses. */
export interface Core {
  /** `server`: URL of the cloud. */
  identity(): { pk: string; dk: string; server: string };
  state(): string;
  window(): object | undefined;
  capabilities(): number;
  on: On;
  attach(link: Link): LinkEvents;
  advertise(bit: number, on: boolean): void;
}

let core: Core;
let running = false;
let known = false; // whether start has been here before
let bound = false;
let named = false; // whether the advertisement with the name is on the air
let turn: number | undefined; // the timer of the next one
let unserved = false; // the services are to be set when the app has gone
let link: GattLink | undefined;
let app: LinkEvents; // of the link

// Service and characteristic are literals: Espruino takes no computed keys.
function indicate(fragment: string): void {
  NRF.updateServices({ 0x180a: { 0x9c40: { value: fragment, indicate: true } } });
}

/** On ESP32 this ends only connections that the device itself has made: then the app stays, and is a new one. */
function hangUp(): void {
  try {
    NRF.disconnect();
  } catch (_error) {}
}

function attach(): void {
  let own: LinkEvents;
  link = createGattLink(
    indicate,
    (untold) => {
      if (untold) own.closed();
      hangUp();
    },
    setTimeout,
  );
  app = own = core.attach(link);
}

function detach(): void {
  if (link && link.close()) app.closed();
  link = undefined;
}

/**
 * The event carries the beginning. On ESP32 the whole is by then the value of the first characteristic, which Espruino
 * keeps among its hidden variables; another one if the next write, or an indication, has come since.
 */
function written(event: { data: ArrayBuffer }): void {
  let bytes = E.toString(event.data);
  if (!running || !bytes) return;
  if (!link || !link.open()) attach();
  if (bytes.length == EVENT) {
    const whole = String((global[String.fromCharCode(255)] as HiddenVariables).BLE_CHAR_V0);
    if (whole.substr(0, EVENT) == bytes) bytes = whole;
  }
  link!.widen(bytes.length);
  if (link!.heard()) app.received(bytes);
}

function connected(): boolean {
  return NRF.getSecurityStatus().connected;
}

/** @returns the bits of the advertised status */
function status(): number {
  const state = core.state();
  const waiting = state == "provisioning";
  return (
    (waiting || state == "idle" ? 0 : BLE_CONFIGURED) |
    (bound ? BLE_BOUND : 0) |
    (waiting || core.window() ? BLE_BINDABLE : 0)
  );
}

/**
 * ESP32 has no scan response: what the device is and its name take turns while it can be bound. Not while an app is
 * connected: ESP32 would let a second one in.
 */
function advertise(): void {
  turn = undefined;
  if (!running || connected()) return;
  const own = core.identity();
  const bits = status();
  named = !named && (bits & BLE_BINDABLE) > 0;
  const name = BLE_NAME + own.dk.substr(-4).toUpperCase();
  const secure = /^mqtts/i.test(own.server);
  NRF.setAdvertising(
    named ? { 0x180a: undefined } : {},
    named
      ? { name: name, manufacturer: 0 }
      : {
          showName: false,
          manufacturer: BLE_COMPANY,
          manufacturerData: manufacturerData(own.pk, own.dk, bits, core.capabilities(), secure),
          // Stays what it is in the other's turn.
          interval: INTERVAL,
        },
  );
  if (bits & BLE_BINDABLE) turn = setTimeout(advertise, TURN);
}

function rest(): void {
  if (turn) clearTimeout(turn);
  turn = undefined;
}

/** Advertises what is true now. While it joins and connects, the device is bound if it was. */
function look(event?: { bound?: boolean; state?: string; seconds?: number }): void {
  const state = core.state();
  if (state == "bound" || state == "online") bound = state == "bound";
  if (event && event.bound !== undefined) bound = event.bound;
  rest();
  named = true;
  advertise();
}

/** Espruino keeps the old services while somebody is connected, and for ever unless they are set once more. */
function serve(): void {
  unserved = connected();
  NRF.setServices({ 0x180a: { 0x9c40: { writable: true, indicate: true, onWrite: written } } }, { uart: false });
}

function listen(): void {
  known = true;
  core.on("state", look);
  core.on("window", look);
  core.on("bound", look);
  NRF.on("connect", () => {
    // Of two that came at once, ESP32 indicates to the second.
    detach();
    if (running) attach();
  });
  NRF.on("disconnect", () => {
    detach();
    if (running) {
      if (unserved) serve();
      look();
      return;
    }
    // ESP32 advertises again whenever an app goes, also when it is asleep.
    NRF.wake();
    NRF.sleep();
  });
}

/**
 * Advertises and serves apps from now on, and closes Espruino's console over BLE.
 * @param binding what `require("WifiBinding")` returns, started
 * @throws Failure "bluetooth" on a build without, "stopped" where the binding has not started
 */
export function start(binding: Core): void {
  if (typeof NRF == "undefined") throw failure("bluetooth", "this build of Espruino has no Bluetooth");
  if (running) return;
  core = binding;
  core.identity();
  running = true;
  if (known) NRF.wake();
  else listen();
  serve();
  core.advertise(CAPABILITY_BLE, true);
  look();
}

/** Advertises and serves no more, until `start`. */
export function stop(): void {
  if (!running) return;
  running = false;
  rest();
  core.advertise(CAPABILITY_BLE, false);
  detach();
  hangUp();
  NRF.sleep();
}
