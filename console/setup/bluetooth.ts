/** Web Bluetooth as the transport of the app: characteristic 9C40 of service 180A. */
import type { Duplex } from "node:stream";

import { openGatt, type Characteristic } from "../../sim/app/gatt.js";
import { BLE_NAME } from "../../src/codec/commands.js";

const SERVICE = 0x180a;
const CHARACTERISTIC = 0x9c40;

/** The part of Web Bluetooth that is used here; TypeScript's DOM has none of it. */
interface Remote extends EventTarget {
  value?: DataView;
  startNotifications(): Promise<unknown>;
  writeValueWithResponse(bytes: Uint8Array): Promise<void>;
}
interface Server {
  connect(): Promise<Server>;
  disconnect(): void;
  getPrimaryService(id: number): Promise<{ getCharacteristic(id: number): Promise<Remote> }>;
}
export interface Chosen extends EventTarget {
  name?: string;
  gatt: Server;
}
interface Bluetooth {
  requestDevice(options: { filters: object[]; optionalServices: number[] }): Promise<Chosen>;
}

const bluetooth = (): Bluetooth | undefined => (navigator as { bluetooth?: Bluetooth }).bluetooth;

export const hasBluetooth = (): boolean => bluetooth() !== undefined;

/** Lets the person choose a device that is near. */
export function chooseDevice(): Promise<Chosen> {
  const options = { filters: [{ namePrefix: BLE_NAME }], optionalServices: [SERVICE] };
  return bluetooth()!
    .requestDevice(options)
    .catch((error: unknown) => {
      throw new Error("no device was chosen: switch Bluetooth on, hold the device's button for 5 s, and begin again", {
        cause: error,
      });
    });
}

async function characteristicOf(device: Chosen): Promise<Characteristic> {
  const server = await device.gatt.connect();
  const remote = await (await server.getPrimaryService(SERVICE)).getCharacteristic(CHARACTERISTIC);
  return {
    subscribe: async () => void (await remote.startNotifications()),
    write: (bytes) => remote.writeValueWithResponse(Uint8Array.from(bytes)),
    onIndication: (listener) =>
      remote.addEventListener("characteristicvaluechanged", () => {
        const { buffer, byteOffset, byteLength } = remote.value!;
        listener(new Uint8Array(buffer, byteOffset, byteLength));
      }),
    onDisconnected: (listener) => device.addEventListener("gattserverdisconnected", listener),
    disconnect: async () => server.disconnect(),
  };
}

/** The device as a stream, for the app's links. */
export const transportOf = (device: Chosen) => (): Promise<Duplex> => openGatt(() => characteristicOf(device));
