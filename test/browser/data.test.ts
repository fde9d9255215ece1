/** The Data view with a lamp in the emulator: values are changed at the device and in the page, and both ends know. */

import { randomInt } from "node:crypto";

import { expect } from "chai";
import type { Browser } from "playwright-core";

import { provision } from "../../sim/app/index.js";
import { demoProducts, startCloud, type Cloud } from "../../sim/cloud/index.js";
import type { Device } from "../../sim/emulator/index.js";
import { press } from "../../tools/command/button.js";
import { startDevice } from "../../tools/command/start-device.js";
import { browserPath, openBrowser, openPage, PAGE, soon, type Watched } from "../support/browser.js";

const NETWORK = { ssid: "home", password: "a password" };
const DK = "1A3B000000000001";
const HOST = `127.67.${randomInt(256)}.${randomInt(1, 255)}`;

(browserPath ? describe : describe.skip)("the data of a lamp in the console", function () {
  this.timeout(90_000);
  let browser: Browser;
  let cloud: Cloud;
  let device: Device;
  let watched: Watched;

  before(async () => {
    browser = await openBrowser();
    const { products, users } = demoProducts();
    cloud = await startCloud({ products, users, console: { page: PAGE } });
    const { pk, ps } = products[0];
    const identity = { engine: "emulator", host: HOST, pk, ps, dk: DK } as const;
    device = await startDevice({ ...identity, server: cloud.mqtt, networks: [NETWORK], app: "examples/lamp.js" });
    await provision({ address: HOST, dk: DK, ...NETWORK, server: cloud.mqtt });
    watched = await openPage(browser, cloud.http);
  });
  after(async () => {
    await watched?.page.context().close();
    await device?.stop();
    await cloud?.stop();
    await browser?.close();
  });
  afterEach(() => {
    expect(watched.faults).to.deep.equal([]);
    expect(device.uncaught).to.deep.equal([]);
  });

  const lamp = (): Promise<unknown> => device.eval("lamp");

  it("writes nothing to a device that is not bound, and says so", async () => {
    const { page } = watched;
    await page.getByRole("link", { name: "Data", exact: true }).click();
    await page.getByText("no user may write them").waitFor();
    await soon(async () => expect(await page.getByRole("switch").isDisabled()).to.equal(true));
  });

  it("shows values by name once the device is asked", async () => {
    const { page } = watched;
    await page.getByRole("link", { name: "Bind", exact: true }).click();
    await page.getByRole("region", { name: "chosen device" }).waitFor();
    await page.getByRole("button", { name: "Bind", exact: true }).click();
    await page.getByText("WiFi device binding successful").waitFor();
    await page.getByRole("link", { name: "Data", exact: true }).click();
    await page.getByRole("button", { name: "Ask the device" }).click();
    await page.getByRole("region", { name: "Switch" }).getByText("off", { exact: true }).waitFor();
    await page.getByRole("region", { name: "Brightness" }).getByText("100 %", { exact: true }).waitFor();
  });

  it("shows what the device's button changes", async () => {
    const { page } = watched;
    await press(device, "open");
    await page.getByRole("region", { name: "Switch" }).getByText("on", { exact: true }).waitFor();
    await page.getByRole("switch", { name: "Switch", checked: true }).waitFor();
  });

  it("writes by a switch", async () => {
    const { page } = watched;
    await page.getByRole("switch").click();
    await soon(async () => expect(await lamp()).to.include({ 1: false }));
    await page.getByRole("switch", { checked: false }).waitFor();
  });

  it("writes by a slider, with the keyboard too, and plots the number", async () => {
    const { page } = watched;
    const brightness = page.getByRole("region", { name: "Brightness" });
    await brightness.getByRole("slider").fill("40");
    await soon(async () => expect(await lamp()).to.include({ 2: 40 }));
    await brightness.getByText("40 %", { exact: true }).waitFor();
    await brightness.getByText("sent, not reported yet").waitFor({ state: "detached" });
    await brightness.getByRole("slider").press("ArrowRight");
    await soon(async () => expect(await lamp()).to.include({ 2: 41 }));
    await brightness.getByRole("img", { name: /Brightness over time: \d+ values, from 40 to 100 %/ }).waitFor();
    await brightness.locator("canvas").waitFor();
  });

  it("shows the last values of a device that is away, and writes none", async () => {
    const { page } = watched;
    await device.stop();
    await page.getByText("It is away: these are its last values").waitFor();
    await soon(async () => expect(await page.getByRole("slider").isDisabled()).to.equal(true));
  });
});
