/** What the owner of the product chooses, with its defaults. */

import { parseServer } from "./codec/server.js";
import { failure } from "./failure.js";
import type { TlsOptions } from "./hal/hal.js";

export interface Options {
  /** URL of the cloud's MQTT server: mqtt://host[:port] or mqtts://host[:port]. Required. */
  server: string;
  /** Seconds that a binding window stays open, 1-3600. Default 120. */
  window?: number;
  /** For devices without a button: opens a window of this many seconds, 10-3600, after another while it is unbound. */
  autoRotate?: number;
  /** MQTT keepalive in seconds, 1-65535. Default 120. */
  keepalive?: number;
  /** MQTT user name; the cloud's devices send none. */
  username?: string;
  /** Whether to ask the cloud for a session key that encrypts every frame in both directions. Default false. */
  encrypt?: boolean;
  /** Certificates for mqtts, in the form that Espruino's tls takes. Espruino verifies none of them. */
  tls?: TlsOptions;
  /** Name of the access point is this, a dash, and the last four characters of the DeviceKey. Default "WB". */
  prefix?: string;
  /** Seconds after which provisioning gives up, 180-600, or 65535 for never. Default 300. */
  provisioning?: number;
  /** What happens then: true (default) goes back to the network that it had, false waits for `provision()`. */
  reconnect?: boolean;
  /**
   * Keeps the consoles that Espruino leaves open without a password (telnet, Bluetooth), and logs how many frames of apps
   * were dropped. Default false.
   */
  debug?: boolean;
  /** Locks the console with this password. */
  console?: string;
  /**
   * A secret of 16 characters or more that is not in this flash, from an eFuse say: identity and journal are sealed with
   * it. Chosen at the factory, once: with another one, or without, the device serves nothing.
   */
  flashKey?: string;
  /** Address of the 64 KiB of flash for identity and journal. Default 0x310000 on ESP32. */
  flashStart?: number;
  /** Whether this module also runs a Matter stack. Default false. */
  matter?: boolean;
  /** Reported to the cloud. Default: the board's name. */
  model?: string;
  /** Version of the application, reported to the cloud. Default "1.0.0". */
  firmware?: string;
}

/** The options that are needed for as long as the device runs, with a value in place. */
export interface Settings {
  server: string;
  window: number;
  /** 0: never. */
  autoRotate: number;
  keepalive: number;
  username: string | undefined;
  encrypt: boolean;
  tls: TlsOptions | undefined;
  prefix: string;
  provisioning: number;
  reconnect: boolean;
  debug: boolean;
  matter: boolean;
  model: string;
  firmware: string;
}

/** For mqtts://, of the owner or of an app. */
export const NO_TLS = "server: this build has no TLS for mqtts://";

type Numeric = "window" | "autoRotate" | "keepalive" | "provisioning";

/** The number that was given, or the default. @throws a sentence that names the option when it is out of range */
function within(options: Options, name: Numeric, fallback: number, least: number, most: number): number {
  const value = options[name];
  if (value === undefined) return fallback;
  if (!(value >= least && value <= most)) throw failure("option", "option " + name + " must be " + least + "-" + most);
  return value;
}

/**
 * Checks the options and fills in defaults.
 * @param tls whether the build has TLS
 * @throws Error with one sentence for the option that is wrong
 */
export function settingsOf(options: Options, board: string, tls: boolean): Settings {
  const url = options.server;
  const server = url && parseServer(url);
  if (!server) throw failure("option", "option server must be mqtt://host:port or mqtts://host:port");
  if (server.secure && !tls) throw failure("option", NO_TLS);
  if (options.flashKey && options.flashKey.length < 16)
    throw failure("option", "option flashKey must be 16 characters or more");
  return {
    server: url,
    window: within(options, "window", 120, 1, 3600),
    autoRotate: within(options, "autoRotate", 0, 10, 3600),
    keepalive: within(options, "keepalive", 120, 1, 65535),
    username: options.username,
    encrypt: !!options.encrypt,
    tls: options.tls,
    prefix: options.prefix || "WB",
    provisioning: options.provisioning == 0xffff ? 0xffff : within(options, "provisioning", 300, 180, 600),
    reconnect: options.reconnect !== false,
    debug: !!options.debug,
    matter: !!options.matter,
    model: options.model || board,
    firmware: options.firmware || "1.0.0",
  };
}
