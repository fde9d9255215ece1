/** One emulated device: boots what is in its Storage, runs one job at a time, and loses everything but flash with its power. */

import type { AccessPoint, Device, DeviceOptions, Radio } from "./engine.js";
import { RealClock, type Clock } from "./clock.js";
import { Console } from "./console.js";
import { Machine } from "./machine.js";
import { FlashCells, type FlashOperation, type OnOperation, type Tear } from "./modules/flash.js";
import { StorageFiles } from "./modules/storage.js";
import { bluetoothOf, type Bluetooth } from "./ble/gatt.js";
import { NRF_MODULE, NRF_MODULE_NAME } from "./ble/nrf.js";
import { PINS_MODULE, PINS_MODULE_NAME, pinsOf, type Pins } from "./pins.js";
import { radioOf } from "./radio/radio.js";
import { RADIO_FILE, radioFile, WIFI_MODULE, WIFI_MODULE_NAME } from "./radio/wifi.js";

export interface EmulatorOptions extends DeviceOptions {
  /** The time that the device lives in; default: the machine's. */
  clock?: Clock;
  /** Nested calls that its stack has room for. Default 16, measured on Espruino with ESP32's 25,000 bytes. */
  stack?: number;
}

/** Where the power goes: after so many flash operations from now, in the middle of the next one. */
export interface PowerCut {
  afterOperations: number;
  /** Bytes of the next operation that still happen. Default 0. */
  bytes?: number;
  /** The bits of it that still happen, in place of whole bytes. */
  tear?: Tear;
  /** Told of each operation up to that one, before it is made. */
  onOperation?: (operation: FlashOperation) => void;
}

/** Nested calls that typical class code survives on ESP32's stack; the worst of the measured shapes. */
const STACK_CALLS = 16;

/** A device in this process. */
export class EmulatedDevice implements Device {
  readonly engine = "emulator";
  readonly host: string;
  readonly radio: Radio;
  readonly bluetooth: Bluetooth;
  readonly pins: Pins = pinsOf((expression) => this.eval(expression));
  readonly clock: Clock;
  private readonly console: Console;
  private readonly cells = new FlashCells();
  private readonly files = new StorageFiles();
  private machine: Machine | undefined;
  private readonly calls: number;
  private boots = 0;

  private constructor(options: EmulatorOptions) {
    this.host = options.host ?? "127.0.0.1";
    this.clock = options.clock ?? new RealClock();
    this.calls = options.stack ?? STACK_CALLS;
    this.console = new Console(options.onLine);
    const save = (networks: AccessPoint[] | undefined): void => {
      this.install(RADIO_FILE, radioFile(this.host, networks, options.joinDelay));
    };
    this.install(WIFI_MODULE_NAME, WIFI_MODULE);
    if (options.bluetooth) this.install(NRF_MODULE_NAME, NRF_MODULE);
    if (options.pins) this.install(PINS_MODULE_NAME, PINS_MODULE);
    save(options.networks);
    for (const [name, text] of Object.entries(options.storage)) this.install(name, text);
    for (const { offset, bytes } of options.flash ?? []) this.cells.bytes.set(bytes, offset);
    this.bluetooth = bluetoothOf((expression) => this.eval(expression));
    this.radio = radioOf(
      (expression) => this.eval(expression),
      async (networks) => save(networks),
    );
  }

  /** Installs and boots a device. */
  static async start(options: EmulatorOptions): Promise<EmulatedDevice> {
    const device = new EmulatedDevice(options);
    device.boot(true);
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
    return this.cells.bytes;
  }

  /** Whether the device has power. */
  get alive(): boolean {
    return this.machine !== undefined && !this.machine.dead;
  }

  async eval(expression: string): Promise<unknown> {
    if (!this.machine || this.machine.dead) throw new Error("the device has no power");
    const text = this.machine.evaluate(expression);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Cuts the power at a flash operation; the device is dead from then on until `reboot`. */
  cutPower(cut: PowerCut): void {
    const { bytes = 0, tear = (at) => (at < bytes ? 0xff : 0) } = cut;
    let left = cut.afterOperations;
    this.observe((operation) => {
      cut.onOperation?.(operation);
      return left-- > 0 ? undefined : tear;
    });
  }

  /** Calls back before each flash operation; undefined stops that. */
  onFlash(listener: ((operation: FlashOperation) => void) | undefined): void {
    this.observe((operation) => {
      listener?.(operation);
      return undefined;
    });
  }

  /** The binding's flash and Storage are one chip. */
  private observe(onOperation: OnOperation): void {
    this.cells.onOperation = this.files.onOperation = onOperation;
  }

  /** @param cut where the power goes again, counted from the first operation of the boot */
  reboot(cut?: PowerCut): Promise<void> {
    return this.restart(true, cut);
  }

  async stop(): Promise<void> {
    const machine = this.machine;
    this.machine = undefined;
    await machine?.stop();
  }

  private async restart(bootCode: boolean, cut?: PowerCut): Promise<void> {
    if (!cut) this.onFlash(undefined);
    await this.stop();
    this.boot(bootCode, cut);
  }

  private boot(bootCode: boolean, cut?: PowerCut): void {
    if (cut) this.cutPower(cut);
    this.machine = new Machine({
      host: this.host,
      clock: this.clock,
      calls: this.calls,
      console: this.console,
      cells: this.cells,
      files: this.files,
      boots: this.boots++,
      // A cut to come, which counts on.
      restarted: (bootCode) => void this.stop().then(() => this.boot(bootCode)),
    });
    if (bootCode) this.machine.boot();
  }

  private install(name: string, text: string): void {
    this.files.install(name, Buffer.from(text, "latin1"));
  }
}
