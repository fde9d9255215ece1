/** `wifi-binding demo --open`: a second device that waits in the console for its user. */
import { provision } from "../../sim/app/index.js";
import type { Press } from "../../sim/cloud/index.js";
import type { Device } from "../../sim/emulator/index.js";
import { newDeviceKey } from "../factory/identity-file.js";
import { press } from "./button.js";
import { startDevice, type DeviceSetup } from "./start-device.js";

/** The buttons of the devices of this process, by their DeviceKey. */
export class Buttons {
  private readonly devices = new Map<string, Device>();

  add(dk: string, device: Device): void {
    this.devices.set(dk, device);
  }

  /** @returns what presses the button of a device, or undefined for one of another process */
  find = (_pk: string, dk: string): ((what: Press) => Promise<void>) | undefined => {
    const device = this.devices.get(dk);
    return device && ((what) => press(device, what));
  };
}

/** Starts a device and provisions it, so that its binding window is open. */
export async function startWaiting(
  setup: Omit<DeviceSetup, "dk"> & { dk?: string; networks: { ssid: string; password: string }[] },
  buttons: Buttons,
): Promise<Device> {
  const { dk = newDeviceKey() } = setup;
  const device = await startDevice({ ...setup, dk });
  buttons.add(dk, device);
  const [{ ssid, password }] = setup.networks;
  await provision({ address: setup.host, dk, ssid, password, server: setup.server });
  return device;
}
