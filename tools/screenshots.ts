/** `npm run screenshots`: the console's views at two widths, from a demo cloud with devices, into docs/img. */
import { mkdirSync, statSync } from "node:fs";
import { chromium, type Page } from "playwright-core";

import { demoProducts, startCloud } from "../sim/cloud/index.js";
import { Buttons, startWaiting } from "./command/demo-open.js";
import { consoleOf } from "./command/page.js";

const FOLDER = "docs/img";
const VIEWS = ["devices", "bind", "data", "traffic", "setup"];
const WIDTHS = [
  { width: 1280, height: 800, colorScheme: "light" },
  { width: 390, height: 844, colorScheme: "dark" },
] as const;
const LARGEST = 200_000;
const NETWORK = { ssid: "home", password: "a password" };

/** Brightness of the lamp, one value after the other. */
const COURSE = [80, 80, 65, 30, 30, 55, 90, 90, 72];

/** What is to be seen besides the view itself. */
async function prepare(page: Page, view: string): Promise<void> {
  if (view === "devices") await page.locator(".device .row").last().click();
  if (view === "traffic") {
    await page.locator(".frame").first().waitFor();
    await page.locator(".frames").evaluate((box: { scrollTo(x: number, y: number): void }) => box.scrollTo(0, 0));
    await page.locator(".frame", { hasText: "0044" }).first().click();
  }
  if (view === "data") await page.locator(".plot canvas").waitFor();
  await page.waitForTimeout(500);
}

async function shoot(url: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    for (const { width, height, colorScheme } of WIDTHS) {
      const page = await (await browser.newContext({ viewport: { width, height }, colorScheme })).newPage();
      // Chromium on Linux hides it until it is switched on.
      await page.addInitScript("navigator.bluetooth ?? Object.defineProperty(navigator, 'bluetooth', { value: {} })");
      for (const view of VIEWS) {
        await page.goto(`${url}/#${view}`);
        await page.getByText("Live", { exact: true }).waitFor();
        await prepare(page, view);
        const path = `${FOLDER}/console-${view}-${width}.png`;
        await page.screenshot({ path });
        const { size } = statSync(path);
        console.log(`${path} ${Math.round(size / 1000)} KB`);
        if (size > LARGEST) throw new Error(`${path} is larger than ${LARGEST} bytes`);
      }
    }
  } finally {
    await browser.close();
  }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Waits until a device has come, binds it to the first user, and sets its brightness. */
async function bindLamp(http: string, user: string): Promise<void> {
  const call = async (path: string, body: object): Promise<number> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(http + path, { method: "POST", headers, body: JSON.stringify(body) });
    return ((await response.json()) as { code: number }).code;
  };
  const body = { user, productKey: pk, deviceKey: LAMP, fromWindow: true, deviceName: "Lamp" };
  while ((await call("/dev/console/bind", body)) !== 200) await pause(200);
  for (const brightness of COURSE) {
    await call(`/dev/devices/${pk}/${LAMP}/data`, { user, values: { switch: true, brightness } });
    await pause(700);
  }
}

const LAMP = "A1B2C3D4E5F6";
const { products, users } = demoProducts();
const buttons = new Buttons();
const cloud = await startCloud({ products, users, console: consoleOf(buttons.find) });
const { pk, ps } = products[0];
const setup = { engine: "emulator", pk, ps, server: cloud.mqtt } as const;
const devices = [];
try {
  const lamp = { ...setup, networks: [NETWORK], host: "127.77.0.1", dk: LAMP, app: "examples/lamp.js" };
  devices.push(await startWaiting(lamp, buttons));
  devices.push(await startWaiting({ ...setup, networks: [NETWORK], host: "127.77.0.2" }, buttons));
  await bindLamp(cloud.http, users[0].id);
  mkdirSync(FOLDER, { recursive: true });
  await shoot(cloud.http);
} finally {
  for (const device of devices) await device.stop();
  await cloud.stop();
}
