/** The engines that run the flashed bundle: the emulator, and the driver of a real Espruino. */

import { EmulatedDevice } from "./device.js";
import type { Engine, EngineName } from "./engine.js";
import { findEspruino } from "./interpreter/find.js";
import { InterpreterDevice } from "./interpreter/device.js";

export type { AccessPoint, Device, DeviceOptions, Engine, EngineName, Radio } from "./engine.js";
export { RealClock, VirtualClock, type Alarm, type Clock } from "./clock.js";
export { EmulatedDevice, type EmulatorOptions, type PowerCut } from "./device.js";
export { BLE_PORT } from "./ble/air.js";
export { bluetoothAt } from "./ble/phone.js";
export { serveBluetooth } from "./ble/visits.js";
export type { FlashOperation, Tear } from "./modules/flash.js";
export { startBoard, TELNET_PORT, type Board } from "./interpreter/board.js";
export { InterpreterDevice } from "./interpreter/device.js";
export { findEspruino };

const engines: Record<EngineName, Engine> = {
  emulator: { name: "emulator", start: (options) => EmulatedDevice.start(options) },
  espruino: { name: "espruino", start: (options) => InterpreterDevice.start(options) },
};

/** The engine of that name. Starting a device of `espruino` fails where no binary is found. */
export function engine(name: EngineName): Engine {
  return engines[name];
}
