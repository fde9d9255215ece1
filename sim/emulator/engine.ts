/** What every engine that can run the flashed bundle offers: one interface, so that one test runs in all of them. */

import type { Bluetooth } from "./ble/gatt.js";
import type { Pins } from "./pins.js";

/** A Wi-Fi network of the simulated radio. */
export interface AccessPoint {
  ssid: string;
  /** 8-63 bytes, or a key of 64 hexadecimal digits; empty or absent: an open network. */
  password?: string;
  /** Signal at the device in dBm, default -50. */
  rssi?: number;
  /** What a scan calls its security, default "wpa2" or "open"; ESP32 says "unknown" of WPA3 and of enterprise networks. */
  authMode?: string;
  /** Beacons without its name; it can be joined but is not in a scan. */
  hidden?: boolean;
  /** False: associates, but never gives an address (default true). */
  dhcp?: boolean;
}

/** The world around the antenna. Changing it takes effect at once: a network that goes away drops its stations. */
export interface Radio {
  /** Replaces the networks that the device can hear. */
  setNetworks(networks: AccessPoint[]): Promise<void>;
  /** The access point that the device itself has open now, if any. */
  softAp(): Promise<{ ssid: string; password: string } | undefined>;
  /** The SSID that the device is joined to now, if any. */
  station(): Promise<string | undefined>;
}

export interface DeviceOptions {
  /** Loopback address of the device's sockets (the real interpreter always listens on every address). Default 127.0.0.1. */
  host?: string;
  /** Files that stand in Espruino's Storage before the first boot, by name: `.bootcde`, `WifiBinding`, `binding.json`… Latin-1 text. */
  storage: Record<string, string>;
  /** Raw flash contents before the first boot: bytes at an offset from the start of the binding area. */
  flash?: { offset: number; bytes: Uint8Array }[];
  networks?: AccessPoint[];
  /** Whether the build has Bluetooth (`NRF`). Default false. */
  bluetooth?: boolean;
  /** Whether it has buttons, lights and a deep sleep (`setWatch`, `digitalWrite`, `BTN1`, `LED1`, `ESP32`). Default false. */
  pins?: boolean;
  /** Each line that the device prints on its console. */
  onLine?: (line: string) => void;
  /** Milliseconds that joining a network takes in the simulated radio. Default 50. */
  joinDelay?: number;
  /** Path of the real interpreter; default $ESPRUINO or `espruino` on the PATH. The emulator needs none. */
  binary?: string;
}

/** One running device. */
export interface Device {
  readonly engine: EngineName;
  readonly host: string;
  readonly radio: Radio;
  /** What a phone sees and does; of use only where the build has Bluetooth. */
  readonly bluetooth: Bluetooth;
  /** Its buttons and lights, with the option `pins`. */
  readonly pins: Pins;
  /** Everything printed since the start, line by line. */
  readonly lines: readonly string[];
  /** `Uncaught …` messages and engine failures seen so far. A test that ends with any has failed. */
  readonly uncaught: readonly string[];
  /** The 64 KiB of flash that belong to the binding, as they are now. */
  readonly flash: Uint8Array;
  /** Evaluates an expression in the device's global scope and returns its value, passed through JSON. */
  eval(expression: string): Promise<unknown>;
  /** Cuts the power and boots again: RAM is lost, flash stays. */
  reboot(): Promise<void>;
  /** Cuts the power for good and releases sockets, process and files. */
  stop(): Promise<void>;
}

export type EngineName = "emulator" | "espruino";

export interface Engine {
  readonly name: EngineName;
  start(options: DeviceOptions): Promise<Device>;
}
