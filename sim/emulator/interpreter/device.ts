/** A device in the real interpreter: its Linux build, booted from its fake flash exactly as a chip from its own. */

import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { AccessPoint, Device, DeviceOptions, Radio } from "../engine.js";
import { Console } from "../console.js";
import { RADIO_FILE, radioFile, WIFI_MODULE, WIFI_MODULE_NAME } from "../radio/wifi.js";
import { bluetoothOf, type Bluetooth } from "../ble/gatt.js";
import { NRF_MODULE, NRF_MODULE_NAME } from "../ble/nrf.js";
import { PINS_MODULE, PINS_MODULE_NAME, pinsOf, type Pins } from "../pins.js";
import { radioOf } from "../radio/radio.js";
import { FLASH_SIZE } from "../modules/flash.js";
import { findEspruino } from "./find.js";
import { FLASH_START, install } from "./install.js";
import { literal } from "../../../compiler/literal.js";
import { BOOT_FIRST, InterpreterProcess } from "./process.js";

/** The Linux build has only this address, and listens on all. */
const HOST = "127.0.0.1";
/** The fake flash, in the device's folder, and the address of its first byte. */
const FLASH_FILE = "espruino.flash";
const FILE_START = 0x10000000;

export class InterpreterDevice implements Device {
  readonly engine = "espruino";
  readonly host = HOST;
  readonly radio: Radio;
  readonly bluetooth: Bluetooth = bluetoothOf((expression) => this.eval(expression));
  readonly pins: Pins = pinsOf((expression) => this.eval(expression));
  private readonly console: Console;
  private readonly folder = mkdtempSync(join(tmpdir(), "espruino-"));
  private process: InterpreterProcess | undefined;

  private constructor(
    private readonly binary: string,
    options: DeviceOptions,
  ) {
    this.console = new Console(options.onLine);
    const save = async (networks: AccessPoint[]): Promise<void> => {
      const text = radioFile(HOST, networks, options.joinDelay);
      await this.eval(`require("Storage").write("${RADIO_FILE}",${literal(text)})`);
    };
    this.radio = radioOf((expression) => this.eval(expression), save);
  }

  /**
   * Installs and boots a device.
   * @throws Error when there is no interpreter, or another address than 127.0.0.1 is asked for
   */
  static async start(options: DeviceOptions): Promise<InterpreterDevice> {
    const binary = options.binary ?? findEspruino();
    if (!binary) throw new Error("no `espruino` found: put it on the PATH or name it in $ESPRUINO");
    if (options.host && options.host !== HOST) throw new Error(`the real interpreter has only the address ${HOST}`);
    const device = new InterpreterDevice(binary, options);
    try {
      await install(binary, device.folder, storageOf(options), options.flash);
      await device.boot();
    } catch (error) {
      await device.stop();
      throw error;
    }
    return device;
  }

  get lines(): readonly string[] {
    return this.console.lines;
  }

  get uncaught(): readonly string[] {
    return this.console.uncaught;
  }

  /** The 64 KiB of flash that belong to the binding, as they are now. */
  get flash(): Uint8Array {
    const bytes = Buffer.alloc(FLASH_SIZE, 0xff);
    const file = openSync(join(this.folder, FLASH_FILE), "r");
    try {
      readSync(file, bytes, 0, FLASH_SIZE, FLASH_START - FILE_START);
    } finally {
      closeSync(file);
    }
    return bytes;
  }

  /** Whether the device has power. */
  get alive(): boolean {
    return this.process !== undefined;
  }

  async eval(expression: string): Promise<unknown> {
    if (!this.process) throw new Error("the device has no power");
    const text = await this.process.evaluate(expression);
    return text === "undefined" ? undefined : JSON.parse(text);
  }

  async reboot(): Promise<void> {
    await this.powerOff();
    await this.boot();
  }

  /** Cuts the power, at any moment, also while it boots; it stays away until `reboot`. */
  async powerOff(): Promise<void> {
    const running = this.process;
    this.process = undefined;
    await running?.kill();
  }

  async stop(): Promise<void> {
    await this.powerOff();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async boot(): Promise<void> {
    this.process = new InterpreterProcess(
      this.binary,
      [],
      this.folder,
      (line) => this.console.print(line),
      (why) => {
        this.process = undefined;
        this.console.fail(why);
      },
    );
    // The first answer comes when the boot code has run.
    await this.process.evaluate("1");
  }
}

/**
 * The plain Linux build has few JsVars and adds more in steps, when none is left: until then it collects garbage at each
 * one that it needs, and has no long piece in a row for what needs one. A chip has all of its own from the start,
 * and they are smaller.
 */
const GROW = `(function(a){while(process.memory(0).blocksize>16&&process.memory(0).total<16000){for(var i=0;i<999;i++)a.push({})}})([]);`;

function storageOf(options: DeviceOptions): Record<string, string> {
  const bluetooth = options.bluetooth ? `NRF=require("${NRF_MODULE_NAME}");` : "";
  const pins = options.pins ? `require("${PINS_MODULE_NAME}");` : "";
  return {
    [WIFI_MODULE_NAME]: WIFI_MODULE,
    ...(options.bluetooth ? { [NRF_MODULE_NAME]: NRF_MODULE } : {}),
    ...(options.pins ? { [PINS_MODULE_NAME]: PINS_MODULE } : {}),
    [RADIO_FILE]: radioFile(HOST, options.networks, options.joinDelay),
    ...options.storage,
    ".boot0": GROW + BOOT_FIRST + bluetooth + pins + (options.storage[".boot0"] ?? ""),
  };
}
