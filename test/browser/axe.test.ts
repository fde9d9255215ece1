/** No serious fault for a screen reader or a keyboard: each view, wide and narrow, light and dark. */

import { readFileSync } from "node:fs";

import { expect } from "chai";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";

import { Bench, CODE, DK } from "../support/cloud-bench.js";
import { browserPath, openBrowser, openPage, PAGE } from "../support/browser.js";

const AXE = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

async function seriousFaults(page: Page): Promise<string[]> {
  // Through the debugger, as the page's policy lets no foreign script in.
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

(browserPath ? describe : describe.skip)("the console for everybody", function () {
  this.timeout(60_000);
  let browser: Browser;
  let bench: Bench;

  before(async () => {
    browser = await openBrowser();
    bench = await Bench.start({ console: { page: PAGE } });
    await bench.ready();
    await bench.device({ pk: "single", dk: "OTHER123" });
    await bench.bind({ productKey: "multi", deviceKey: DK, bindingCode: CODE, deviceName: "Lamp" });
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
        await view.click();
        await page.getByRole("heading", { level: 1 }).waitFor();
        expect(await seriousFaults(page), await view.innerText()).to.deep.equal([]);
        const overflow = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
        expect(overflow, `${await view.innerText()} is wider than the window`).to.equal(false);
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
