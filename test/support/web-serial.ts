/** A bridge in place of `navigator.serial`: what the page does with a port reaches a console that is served on TCP. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";

import type { Page } from "playwright-core";

/** Runs in the page before its script. Bytes cross the bridge as lists of numbers. */
const IN_PAGE = `(() => {
  let incoming;
  const port = {
    readable: null,
    writable: null,
    async open() {
      await serialOpen();
      port.readable = new ReadableStream({ start: (controller) => void (incoming = controller) });
      port.writable = new WritableStream({ write: (bytes) => serialWrite([...bytes]) });
    },
    async close() {
      port.readable = port.writable = null;
      await serialClose();
    },
  };
  window.serialHeard = (bytes) => port.readable && incoming.enqueue(Uint8Array.from(bytes));
  window.serialGone = () => {
    port.readable = null;
    incoming.error(new Error("The device has been lost."));
  };
  Object.defineProperty(navigator, "serial", { value: { requestPort: async () => port } });
})()`;

/** To be called before the page is opened. @param address `tcp://HOST:PORT` */
export async function bridgeSerial(page: Page, address: string): Promise<void> {
  const { hostname, port } = new URL(address);
  let socket: Socket | undefined;
  const tell = (script: string): void => void page.evaluate(script).catch(() => {});
  await page.exposeFunction("serialOpen", async () => {
    const opened = connect(Number(port), hostname).setNoDelay();
    await once(opened, "connect");
    socket = opened.on("error", () => {});
    opened.on("data", (bytes) => tell(`serialHeard(${JSON.stringify([...bytes])})`));
    opened.on("close", () => socket === opened && tell("serialGone()"));
  });
  await page.exposeFunction("serialWrite", (bytes: number[]) => void socket?.write(Uint8Array.from(bytes)));
  await page.exposeFunction("serialClose", () => {
    const closed = socket;
    socket = undefined;
    closed?.destroy();
  });
  await page.addInitScript(IN_PAGE);
}
