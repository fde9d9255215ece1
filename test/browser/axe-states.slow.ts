/** No serious fault for a screen reader or a keyboard in what a view shows only at times: forms, answers, errors, dialogs. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { Browser, Page } from "playwright-core";

import * as protocol from "../../src/codec/commands.js";
import { encodeTtlv } from "../../src/codec/ttlv.js";
import { Bench, CODE, DK, WORLD } from "../support/cloud-bench.js";
import { browserPath, openBrowser, openPage, PAGE, seriousFaults, type Watched } from "../support/browser.js";

const TSL = {
  properties: [
    { id: 1, code: "on", name: "Switch", dataType: "BOOL" },
    { id: 2, code: "level", name: "Level", dataType: "INT", specs: { min: "0", max: "100" } },
  ],
};
/** A browser with Web Serial and Web Bluetooth whose person chooses nothing. */
const CHOOSES_NOTHING = `for (const [name, call] of [["serial", "requestPort"], ["bluetooth", "requestDevice"]]) {
  const value = { [call]: async () => { throw new DOMException("cancelled", "NotFoundError"); } };
  Object.defineProperty(navigator, name, { value });
}`;
const HAS_NEITHER = `for (const name of ["serial", "bluetooth"]) Object.defineProperty(navigator, name, { value: undefined });`;

const click = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole("button", { name, exact: typeof name === "string" }).click();

(browserPath ? describe : describe.skip)("the console for everybody, in each of its states", function () {
  this.timeout(120_000);
  let browser: Browser;
  let bench: Bench;
  let watched: Watched;
  const folder = mkdtempSync(join(tmpdir(), "states-"));

  before(async () => (browser = await openBrowser()));
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await watched.page.context().close();
    await bench.stop();
    expect(watched.faults).to.deep.equal([]);
  });

  for (const [width, colorScheme] of [
    [1280, "light"],
    [360, "dark"],
  ] as const) {
    // prettier-ignore
    const check = async (what: string): Promise<void> => {
      const { page } = watched;
      expect(await seriousFaults(page), what).to.deep.equal([]);
      expect(await page.evaluate("document.documentElement.scrollWidth > innerWidth"), `${what} is too wide`).to.equal(false); // prettier-ignore
    };
    async function open(view: string, script = ""): Promise<Page> {
      watched = await openPage(browser, "about:blank", { colorScheme, viewport: { width, height: 800 } });
      const { page } = watched;
      if (script) await page.addInitScript(script);
      await page.goto(`${bench.cloud.http}/#${view}`);
      return page;
    }
    async function start(view: string, script = ""): Promise<Page> {
      const [multi, ...others] = WORLD.products;
      const button = () => async () => {};
      bench = await Bench.start({ products: [{ ...multi!, tsl: TSL }, ...others], console: { page: PAGE, press: button } }); // prettier-ignore
      const page = await open(view, script);
      await page.getByText("Live", { exact: true }).waitFor();
      return page;
    }

    describe(`at ${width} px, ${colorScheme}`, () => {
      it("devices: none, a window that runs down, renamed, sent what it does not take, unbound, away", async () => {
        const page = await start("devices");
        await page.getByText("No device has come yet").waitFor();
        await check("no device");
        const device = await bench.ready();
        await page.getByRole("timer").waitFor();
        await click(page, new RegExp(DK));
        await check("a window");
        await bench.bind({ productKey: "multi", deviceKey: DK, bindingCode: CODE });
        await page.getByLabel("Name for one").fill("Lamp");
        await click(page, "Rename");
        await page.getByText("Success", { exact: true }).waitFor();
        await check("renamed");
        await page.getByLabel("Name for one").fill("x".repeat(300));
        await click(page, "Rename");
        await page.locator(".answer.bad").waitFor();
        await check("a name that is too long");
        await page.getByLabel("New server").fill("no server at all");
        await click(page, "Move");
        await page.locator(".answer.bad", { hasText: "server" }).waitFor();
        await check("another server");
        for (const name of ["New DeviceSecret", "Reauthenticate", "Short press: binding window"]) {
          await click(page, name);
          await page.locator(".answer").waitFor();
          await check(name);
        }
        await click(page, "Unbind from one");
        await page.getByText("Online, not bound").waitFor();
        await check("unbound");
        device.stop();
        await page.getByText("Away, not bound").waitFor();
        await check("away");
      });

      it("bind: a text that is no label, another code, Matter, a refusal, success", async () => {
        const page = await start("bind");
        await bench.ready();
        await page.getByRole("region", { name: "chosen device" }).waitFor();
        await page.getByLabel("Or the text of its label").fill("no label");
        await page.getByText("This is no label").waitFor();
        await check("no label");
        await page.getByLabel("Or the text of its label").fill("");
        await page.getByLabel("Another one").check();
        await page.locator("summary", { hasText: "Matter" }).click();
        await page.getByLabel("It is a Matter device").check();
        await check("all fields");
        await page.getByLabel("It is a Matter device").uncheck();
        await page.getByLabel("Code (16 characters 0-9A-F)").fill("FFFFFFFFFFFFFFFF");
        await click(page, "Bind");
        await page.locator(".answer.bad").getByText("Look at").waitFor();
        await check("refused");
        await page.getByLabel("The one that the device has reported").check();
        await click(page, "Bind");
        await page.getByText("WiFi device binding successful").waitFor();
        await check("bound");
      });

      it("data: no device, no value, a value on its way, away", async () => {
        const page = await start("data");
        await check("no device");
        const device = await bench.ready();
        await bench.bind({ productKey: "multi", deviceKey: DK, bindingCode: CODE });
        await bench.confirmed(device);
        await page.goto(`${bench.cloud.http}/#data/multi/${DK}`);
        await page.getByRole("heading", { name: "Switch" }).waitFor();
        await check("no value");
        await device.tell(protocol.CMD_REPORT, encodeTtlv([[1, false], [2, 40]])); // prettier-ignore
        await page.getByRole("region", { name: "Level" }).locator("canvas").waitFor();
        await page.getByRole("switch").click();
        await page.getByText("sent, not reported yet").waitFor();
        await check("on its way");
        device.stop();
        await page.getByText("It is away: these are its last values").waitFor();
        await check("away");
      });

      it("traffic: no frame, a frame, its secrets, a pause, a file that is none", async () => {
        const page = await start("traffic");
        await page.getByText("No frame has passed yet.").waitFor();
        await check("no frame");
        await bench.ready();
        await page.locator(".frame", { hasText: "00B5" }).last().click();
        await check("a frame");
        await click(page, "Show its secrets");
        await page.getByText(CODE).first().waitFor();
        await click(page, "Pause");
        await check("secrets, and a pause");
        const path = join(folder, "none.txt");
        writeFileSync(path, "no frame of any kind");
        await page.getByLabel("Load").setInputFiles(path);
        await page.getByRole("alert").waitFor();
        await check("no capture");
      });

      it("setup: nothing chosen, all fields, a browser that has neither cable nor radio", async () => {
        const page = await start("setup", CHOOSES_NOTHING);
        await page.getByText("A locked console, or flash that is sealed").click();
        await check("all fields");
        await click(page, "Choose the port and begin");
        await page.getByText("no port was chosen").waitFor();
        await check("no port");
        await page.getByLabel("Wi-Fi network (SSID)").fill("home");
        await click(page, "Choose the device and begin");
        await page.getByText("no device was chosen").waitFor();
        await check("no device");
        await page.context().close();
        await (await open("setup", HAS_NEITHER)).getByText("This browser has no Web Serial").waitFor();
        await check("neither");
      });

      it("a cloud that asks for its operator's token, refuses one, and goes", async () => {
        bench = await Bench.start({ console: { page: PAGE }, operator: "operators-token" });
        const page = await open("devices");
        await page.getByLabel("Operator's token").waitFor();
        await check("locked");
        await page.getByLabel("Operator's token").fill("wrong");
        await click(page, "Open");
        await page.getByText("refused that token").waitFor();
        await check("refused");
        await page.getByLabel("Operator's token").fill("operators-token");
        await click(page, "Open");
        await page.getByText("Live", { exact: true }).waitFor();
        await bench.cloud.stop();
        await page.getByText("Cloud away").waitFor();
        await check("away");
        await bench.open();
      });
    });
  }
});
