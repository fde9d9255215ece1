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

/** The options that are needed for as long as the device runs, with a value in place; no secret is among them. */
export interface Settings extends Omit<Options, "console" | "flashKey"> {
  window: number;
  /** 0: never. */
  autoRotate: number;
  keepalive: number;
  prefix: string;
  provisioning: number;
  model: string;
  firmware: string;
}

/** For mqtts://, of the owner or of an app. */
export const NO_TLS = "server: no TLS in this build for mqtts://";

function refuse(problem: string): void {
  throw failure("option", "option " + problem);
}

type Numeric = "window" | "autoRotate" | "keepalive" | "provisioning";

/** Puts the default in place. @throws a sentence that names the option when it is out of range */
function within(settings: Settings, name: Numeric, fallback: number, least: number, most: number): void {
  const value = settings[name];
  if (value === undefined) settings[name] = fallback;
  else if (!(value >= least && value <= most)) refuse(name + " must be " + least + "-" + most);
}

/**
 * Checks the options and fills in defaults.
 * @param tls whether the build has TLS
 * @throws Error with one sentence for the option that is wrong
 */
export function settingsOf(options: Options, board: string, tls: boolean): Settings {
  const server = options.server && parseServer(options.server);
  if (!server) refuse("server must be mqtt(s)://host:port");
  else if (server.secure && !tls) refuse(NO_TLS);
  if (options.flashKey && options.flashKey.length < 16) refuse("flashKey must be 16 characters or more");
  const settings = Object.assign({}, options, { flashKey: "", console: "" }) as Settings;
  within(settings, "window", 120, 1, 3600);
  within(settings, "autoRotate", 0, 10, 3600);
  within(settings, "keepalive", 120, 1, 65535);
  if (settings.provisioning != 0xffff) within(settings, "provisioning", 300, 180, 600);
  settings.prefix = settings.prefix || "WB";
  settings.model = settings.model || board;
  settings.firmware = settings.firmware || "1.0.0";
  return settings;
}
