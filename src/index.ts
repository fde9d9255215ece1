/** The public API of the module that a device `require`s. One device, one instance; the identity is in flash. */

import { createBinding } from "./binding/index.js";
import { espruino } from "./hal/espruino/index.js";

export type { Events } from "./events.js";
export type { Failure } from "./failure.js";
export type { Options } from "./options.js";

const binding = createBinding(espruino);

/**
 * Starts the device with its options (see options.ts): joins the saved network and connects, or opens provisioning.
 * A device without an identity in flash emits `error` (code "identity") and serves nothing.
 * @throws Failure "option" when one is missing or out of range, "started" when it is
 */
export const start = binding.start;

/**
 * Says good-bye to the cloud, leaves the network, closes all sockets and the access point: the device can sleep. Flash
 * stays as it is; an open window ends as by a loss of power, unless `start` comes first. Modules are stopped before, each
 * by its own `stop`. `start` works again, with the options of the first time.
 */
export const stop = binding.stop;

/**
 * `openWindow(seconds?, code?)` opens a binding window with a new bindingCode, in place of one that is open, and
 * reports it as soon as the cloud can be reached.
 * seconds: 1-3600, default the option `window`. code: 16 characters 0-9A-F, default random.
 * @returns false, with an `error` event, on a device without a factory seed, or whose flash is worn out
 * @throws Failure "seconds" or "code" when these are malformed, "stopped" before `start`
 */
export const openWindow = binding.openWindow;

/** Closes the window: the code becomes worthless, here and at the cloud. */
export const closeWindow = binding.closeWindow;

/** The open window's { code, seconds left }, or undefined. */
export const window = binding.window;

/** "idle", "provisioning", "joining", "connecting", "online" or "bound". */
export const state = binding.state;

/** The capabilitiesBitmask that is true now: 1 WAN, 2 LAN, 4 BLE, 8 Matter, summed. */
export const capabilities = binding.capabilities;

/** Forgets network, DS, codes, bindingSecret and binding, tells the cloud when it can, and opens provisioning. */
export const reset = binding.reset;

/** Forgets the network only, and opens provisioning. */
export const remove = binding.remove;

/** Opens provisioning, as a button would; the network that is saved stays until another one has worked. */
export const provision = binding.provision;

/** `on(event, listener)`: the events are those of Events. Each listener runs in a turn of its own. */
export const on = binding.on;

/**
 * The ProductKey and DeviceKey in flash, the URL of the cloud, and whether the identity holds a proof of possession:
 * { pk, dk, server, proof }.
 * @throws Failure "stopped" before `start`, or when it has refused
 */
export const identity = binding.identity;

/**
 * Serves the handshake over another transport: one connected app.
 * @param link `send(bytes)` and `end()`, which this module calls; false of `send` means that the bytes are lost: the connection
 * ends
 * @returns `received(bytes)` and `closed()`, which the transport calls; bytes are strings of characters 0-255
 * @throws Failure "stopped" before `start`
 */
export const attach = binding.attach;

/**
 * Answers a command of apps, for a module of its own: `handler(app, id, nodes, data, cmd)`, and `app.send(id, cmd, nodes)`.
 * 0011 and 0013 come only from apps that have logged in.
 */
export const serve = binding.serve;

/**
 * The session with the cloud, for a module of its own: `on(cmd, handler)`, where `handler(id, nodes, data, cmd)` may return a
 * code of 00A4, `publish(kind, cmd, content, done?, again?)` with QoS 1, `send(kind, cmd, content, id?)` with QoS 0, and
 * `encode(nodes)`. kind: the topic's class. content: nodes, or bytes. The event `state` says "online" or "bound" when the
 * session is there.
 * @throws Failure "stopped" before `start`
 */
export const cloud = binding.cloud;

/**
 * `push(cmd, content)`: sends a frame to every app that has logged in, over the LAN or another transport.
 * @throws Failure "stopped" before `start`
 */
export const push = binding.push;

/** For the module WifiBindingProof: hands it what it needs on a device whose identity holds a proof. */
export const guard = binding.guard;

/** `boots(value?)`: a number in flash, 0 at first, in which a program counts its boots. Each value that is set is a write. */
export const boots = binding.boots;

/** For the module WifiBindingOta: hands it what it needs on a device that has started. */
export const updates = binding.updates;

/** Switches a bit of the capabilitiesBitmask on or off, for a module that serves it: 4 while BLE advertises. */
export const advertise = binding.advertise;
