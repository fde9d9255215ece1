/** No serious fault for a screen reader or a keyboard: each view, wide and narrow, light and dark. */

import { expect } from "chai";
import type { Browser } from "playwright-core";

import { CMD_REPORT } from "../../src/codec/commands.js";
import { encodeTtlv } from "../../src/codec/ttlv.js";
import { Bench, CODE, DK, WORLD } from "../support/cloud-bench.js";
import { browserPath, openBrowser, openPage, PAGE, seriousFaults } from "../support/browser.js";

/** A property of each kind that the Data view draws in a way of its own. */
const TSL = {
  properties: [
    { id: 1, code: "on", name: "Switch", dataType: "BOOL" },
    { id: 2, code: "level", name: "Level", dataType: "INT", specs: { min: "0", max: "100", unit: "%" } },
    { id: 3, code: "mode", name: "Mode", dataType: "ENUM", specs: [{ value: "1", name: "eco" }] },
    { id: 4, code: "label", name: "Label", dataType: "TEXT", specs: { length: "20" } },
    { id: 5, code: "place", name: "Place", dataType: "STRUCT", specs: [{ id: 1, code: "x", dataType: "INT" }] },
  ],
};

/** Where it is not the name of the view. */
const HEADINGS: Record<string, string> = { Bind: "Bind a device", Setup: "Set up a device" };

(browserPath ? describe : describe.skip)("the console for everybody", function () {
  this.timeout(90_000);
  let browser: Browser;
  let bench: Bench;

  before(async () => {
    browser = await openBrowser();
    const [multi, ...others] = WORLD.products;
    bench = await Bench.start({ products: [{ ...multi!, tsl: TSL }, ...others], console: { page: PAGE } });
    const device = await bench.ready();
    await bench.device({ pk: "single", dk: "OTHER123" });
    await bench.bind({ productKey: "multi", deviceKey: DK, bindingCode: CODE, deviceName: "Lamp" });
    await device.tell(CMD_REPORT, encodeTtlv([[1, true], [2, 40], [3, 1], [4, "text"], [5, []]])); // prettier-ignore
  });
  after(async () => {
    await browser?.close();
    await bench?.stop();
  });

  for (const [width, colorScheme] of [
    [1600, "light"],
    [1280, "dark"],
    [360, "light"],
    [360, "dark"],
  ] as const) {
    it(`has no serious fault at ${width} px, ${colorScheme}`, async () => {
      const { page } = await openPage(browser, bench.cloud.http, {
        colorScheme,
        viewport: { width, height: 800 },
      });
      await page.getByRole("button", { name: "Lamp" }).click();
      for (const view of await page.locator("nav a").all()) {
        const title = await view.innerText();
        await view.click();
        await page.locator("nav a[aria-current=page]", { hasText: title }).waitFor();
        await page.getByRole("heading", { level: 1, name: HEADINGS[title] ?? title }).waitFor();
        if (title === "Data") await page.getByRole("region", { name: "Level" }).locator("canvas").waitFor();
        expect(await seriousFaults(page), title).to.deep.equal([]);
        const overflow = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
        expect(overflow, `${title} is wider than the window`).to.equal(false);
      }
      await page.context().close();
    });
  }

  it("is used with the keyboard alone", async () => {
    const { page } = await openPage(browser, bench.cloud.http);
    const row = page.getByRole("button", { name: "OTHER123" });
    await row.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Its traffic" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Traffic" }).waitFor();
    await page.context().close();
  });
});
