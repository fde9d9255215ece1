/** `npm run screenshots`: the console's views at two widths, from a demo cloud with devices, into docs/img. */
import { mkdirSync, statSync } from "node:fs";
import { chromium, type Page } from "playwright-core";

import { demoProducts, startCloud } from "../sim/cloud/index.js";
import { Buttons, startWaiting } from "./command/demo-open.js";
import { consoleOf } from "./command/page.js";

const FOLDER = "docs/img";
const VIEWS = ["devices", "bind", "traffic", "setup"];
const WIDTHS = [
  { width: 1280, height: 800, colorScheme: "light" },
  { width: 390, height: 844, colorScheme: "dark" },
] as const;
const LARGEST = 200_000;
const NETWORK = { ssid: "home", password: "a password" };

/** What is to be seen besides the view itself. */
async function prepare(page: Page, view: string): Promise<void> {
  if (view === "devices") await page.locator(".device .row").last().click();
  if (view === "traffic") await page.locator(".frame", { hasText: "0044" }).last().click();
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

const { products, users } = demoProducts();
const buttons = new Buttons();
const cloud = await startCloud({ products, users, console: consoleOf(buttons.find) });
const { pk, ps } = products[0];
const setup = { engine: "emulator", pk, ps, server: cloud.mqtt, networks: [NETWORK] } as const;
const devices = [];
try {
  for (const host of ["127.77.0.1", "127.77.0.2"]) {
    devices.push(await startWaiting({ ...setup, networks: [NETWORK], host }, buttons));
  }
  await new Promise((done) => setTimeout(done, 3000));
  mkdirSync(FOLDER, { recursive: true });
  await shoot(cloud.http);
} finally {
  for (const device of devices) await device.stop();
  await cloud.stop();
}
