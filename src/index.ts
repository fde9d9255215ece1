/** The public API of the module that a device `require`s. One device, one instance; the identity is in flash. */

import { Binding } from "./binding.js";
import type { Listener } from "./emitter.js";
import type { Options } from "./options.js";
import { espruino } from "./platform.js";

const binding = new Binding(espruino);

/**
 * Starts the device: joins the saved network and connects, or opens provisioning.
 * A device without an identity in flash emits `error` (code "identity") and serves nothing.
 * @throws Error when an option is missing or out of range
 */
export function start(options: Options): void {
  binding.start(options);
}

/**
 * Opens a binding window with a new bindingCode, in place of one that is open, and reports it as soon as the platform
 * can be reached.
 * @param seconds 1-3600, default the option `window`
 * @param code 16 characters 0-9A-F, default random
 * @returns false, with an `error` event, on a device without a factory seed
 * @throws Error when seconds or code are malformed
 */
export function openWindow(seconds?: number, code?: string): boolean {
  return binding.openWindow(seconds, code);
}

/** Closes the window: the code becomes worthless, here and at the platform. */
export function closeWindow(): void {
  binding.closeWindow();
}

/** The open window's code and the seconds that it has left, or undefined. */
export function window(): { code: string; seconds: number } | undefined {
  return binding.window();
}

/** "idle", "provisioning", "joining", "connecting", "online" or "bound". */
export function state(): string {
  return binding.state();
}

/** The capabilitiesBitmask that is true now: 1 WAN, 2 LAN, 4 BLE, 8 Matter, summed. */
export function capabilities(): number {
  return binding.capabilities();
}

/** Back to factory: forgets network, DS, codes, bindingSecret and binding, and opens provisioning. */
export function reset(): void {
  binding.reset();
}

/**
 * Events: `state` {state, reason?}, `window` {seconds, 0 when it closes}, `reported` {seconds}, `bound` {bound},
 * `provisioning` {error, 0 for success}, `error` {code, message}. Several listeners may hear one event.
 */
export function on(event: string, listener: Listener): void {
  binding.on(event, listener);
}
