/** A bridge in place of `navigator.bluetooth`: what the page does with it reaches the simulated radio of a device. */

import type { Page } from "playwright-core";

import type { Device } from "../../sim/emulator/index.js";
import { eventually } from "../unit/sim/emulator/harness.js";

/** Runs in the page before its script. Bytes cross the bridge as lists of numbers. */
const IN_PAGE = `(() => {
  const remote = Object.assign(new EventTarget(), {
    startNotifications: () => gattSubscribe(),
    writeValueWithResponse: (bytes) => gattWrite([...bytes]),
  });
  const device = Object.assign(new EventTarget(), { name: "QUEC_BLE_TEST" });
  device.gatt = {
    connect: async () => (await gattConnect(), device.gatt),
    disconnect: () => gattDisconnect(),
    getPrimaryService: async () => ({ getCharacteristic: async () => remote }),
  };
  window.gattIndicated = (bytes) => {
    remote.value = new DataView(Uint8Array.from(bytes).buffer);
    remote.dispatchEvent(new Event("characteristicvaluechanged"));
  };
  window.gattGone = () => device.dispatchEvent(new Event("gattserverdisconnected"));
  Object.defineProperty(navigator, "bluetooth", { value: { requestDevice: async () => device } });
})()`;

type Client = Awaited<ReturnType<Device["bluetooth"]["connect"]>>;

/** To be called before the page is opened. */
export async function bridgeBluetooth(page: Page, { bluetooth }: Pick<Device, "bluetooth">): Promise<void> {
  let client: Client | undefined;
  const tell = (script: string): void => void page.evaluate(script).catch(() => {});
  await page.exposeFunction("gattConnect", async () => {
    await eventually(() => bluetooth.advertisement());
    client = await bluetooth.connect();
    client.onIndication((bytes) => tell(`gattIndicated(${JSON.stringify([...bytes])})`));
    client.onDisconnected(() => tell("gattGone()"));
  });
  await page.exposeFunction("gattSubscribe", () => client!.subscribe());
  await page.exposeFunction("gattWrite", (bytes: number[]) => client!.write(Uint8Array.from(bytes)));
  await page.exposeFunction("gattDisconnect", () => client?.disconnect());
  await page.addInitScript(IN_PAGE);
}
