/** The console as a person uses it: a device appears, is bound, and its ring goes; refusals with their causes. */

import { expect } from "chai";
import type { Browser, Page, Route } from "playwright-core";

import * as protocol from "../../src/codec/commands.js";
import { encodeTtlv } from "../../src/codec/ttlv.js";
import { Bench, CODE, credentials, DK, OTHER, window } from "../support/cloud-bench.js";
import { browserPath, openBrowser, openPage, PAGE, soon, type Watched } from "../support/browser.js";

const HTML = `<img src=x onerror="alert(1)"><b>bold</b>`;

/** Binds the chosen device by a code that is typed. */
async function bindBy(page: Page, code: string): Promise<string> {
  await page.getByRole("region", { name: "chosen device" }).waitFor();
  await page.getByLabel("Another one").check();
  await page.getByLabel("Code (16 characters").fill(code);
  await page.getByRole("button", { name: "Bind", exact: true }).click();
  return page.getByRole("status", { name: "answer of the cloud" }).innerText();
}

(browserPath ? describe : describe.skip)("the console in a browser", function () {
  this.timeout(90_000);
  let browser: Browser;
  let bench: Bench;
  let watched: Watched;

  before(async () => (browser = await openBrowser()));
  after(() => browser?.close());
  beforeEach(async () => {
    bench = await Bench.start({ console: { page: PAGE } });
    watched = await openPage(browser, bench.cloud.http);
  });
  afterEach(async () => {
    await watched.page.context().close();
    await bench.stop();
    expect(watched.faults).to.deep.equal([]);
  });

  it("shows a device when it comes, and binds it: 200, and the ring goes", async () => {
    const { page } = watched;
    await page.getByText("No device has come yet").waitFor();
    await bench.ready();
    const row = page.getByRole("button", { name: DK });
    await row.getByRole("timer").waitFor();
    await row.getByText("Online, not bound").waitFor();
    await row.click();
    await page.getByRole("link", { name: "Bind it" }).click();
    await page.getByLabel("Name").fill("Lamp");
    await page.getByRole("button", { name: "Bind", exact: true }).click();
    await page.getByText("WiFi device binding successful").waitFor();
    await page.getByRole("timer").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Devices" }).click();
    await page.getByRole("button", { name: "Lamp" }).getByText("Online, bound").waitFor();
  });

  it("begins nothing before the cloud has told of itself", async () => {
    const { page } = watched;
    const held: Route[] = [];
    await page.route("**/dev/console/feed", (route) => void held.push(route));
    await page.reload();
    const begin = page.getByRole("button", { name: /^(Bind$|Choose the )/ });
    for (const [view, buttons] of [
      ["bind", 1],
      ["setup", 2],
    ] as const) {
      await page.goto(`${bench.cloud.http}/#${view}`);
      await soon(async () => expect(await begin.count()).to.equal(buttons));
      for (const button of await begin.all()) expect(await button.isDisabled()).to.equal(true);
    }
    await soon(async () => expect(held).not.to.deep.equal([]));
    await Promise.all(held.map((route) => route.continue()));
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Bind", exact: true }).click();
    await soon(async () => expect(await begin.isDisabled()).to.equal(false));
  });

  it("says of a wrong code which code it is, why, and what to look at", async () => {
    const { page } = watched;
    await bench.ready();
    await page.getByRole("link", { name: "Bind", exact: true }).click();
    const answer = await bindBy(page, OTHER);
    expect(answer).to.include("5462").and.include("the device is connected and has reported another code");
    expect(answer).to.include("which device does the app talk to?");
  });

  it("says of an expired code that its window is over", async () => {
    const { page } = watched;
    await bench.ready("hasty");
    await page.getByRole("link", { name: "Bind", exact: true }).click();
    await page.getByRole("combobox", { name: "Device" }).selectOption(`hasty/${DK}`);
    bench.time += 31_000;
    expect(await bindBy(page, CODE))
      .to.include("5461")
      .and.include("open a new window");
  });

  it("takes the keys from a label", async () => {
    const { page } = watched;
    await bench.ready();
    await page.getByRole("link", { name: "Bind", exact: true }).click();
    await page.getByLabel("Or the text of its label").fill("nonsense");
    await page.getByText("This is no label").waitFor();
    await page.getByLabel("Or the text of its label").fill(`WB:${JSON.stringify({ v: 1, pk: "multi", dk: DK })}`);
    await page.getByRole("button", { name: "Bind", exact: true }).click();
    await page.getByText("WiFi device binding successful").waitFor();
  });

  it("renames, unbinds, and gives a new DeviceSecret", async () => {
    const { page } = watched;
    const device = await bench.ready();
    await bench.bind({ productKey: "multi", deviceKey: DK, bindingCode: CODE, deviceName: "Lamp" });
    await bench.confirmed(device);
    await page.getByRole("button", { name: "Lamp" }).click();
    await page.getByLabel("Name for one").fill("Heater");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("button", { name: "Heater" }).waitFor();
    await page.getByRole("button", { name: "New DeviceSecret" }).click();
    await page.getByText("a new one is on its way").waitFor();
    await page.getByRole("button", { name: "Unbind from one" }).click();
    await page.getByText("Online, not bound").waitFor();
  });

  it("shows what a device says as text, never as markup", async () => {
    const { page } = watched;
    const device = await bench.ready();
    const utf8 = Buffer.from(HTML).toString("latin1");
    await device.report([[protocol.INFO_MODEL, utf8], [protocol.INFO_FIRMWARE, utf8]], protocol.CMD_INFO); // prettier-ignore
    await bench.bind({ productKey: "multi", deviceKey: DK, bindingCode: CODE, deviceName: HTML });
    await page.getByRole("button", { name: DK }).click();
    // Its name in the list, its model and its firmware: the page hears of each by itself.
    await page.getByText(HTML).nth(2).waitFor();
    await page.getByRole("link", { name: "Its traffic" }).click();
    await page.locator(".frame", { hasText: "0044" }).last().click();
    await page.locator(".tree").getByText(HTML).first().waitFor();
    expect(await page.locator("main img, main b > b").count()).to.equal(0);
    await device.tell(protocol.CMD_REPORT, encodeTtlv([[7, utf8]]));
    await page.getByRole("link", { name: "Data", exact: true }).click();
    await page.getByRole("region", { name: "7" }).getByText(HTML).waitFor();
    expect(await page.locator("main img, main b > b").count()).to.equal(0);
  });

  it("masks secrets in the traffic, and shows them by hand", async () => {
    const { page } = watched;
    await bench.ready();
    await page.getByRole("link", { name: "Traffic" }).click();
    await page.locator(".frame", { hasText: "00B5" }).click();
    const detail = page.getByRole("article", { name: "chosen frame" });
    await detail.getByText("bindingCode").waitFor();
    expect(await detail.innerText()).not.to.include(CODE);
    await page.getByRole("button", { name: "Show its secrets" }).click();
    await detail.getByText(CODE).first().waitFor();
  });

  it("filters the traffic, holds it, saves it and loads it", async () => {
    const { page } = watched;
    const device = await bench.ready();
    await page.getByRole("link", { name: "Traffic" }).click();
    await page.getByLabel("Command").selectOption({ label: "00B5 binding" });
    await soon(async () => expect(await page.locator(".frame").count()).to.equal(1));
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Save").click()]);
    await page.getByRole("button", { name: "Pause" }).click();
    await device.report(window(OTHER));
    const resume = page.getByRole("button", { name: "Resume (1 new)" });
    await resume.waitFor();
    expect(await page.locator(".frame").count()).to.equal(1);
    await resume.click();
    await page.locator(".frame").nth(1).waitFor();
    await page.getByLabel("Load").setInputFiles(await download.path());
    await page.getByText(": 1 frames.").waitFor();
    await page.getByLabel("Load").setInputFiles({ name: "x.txt", mimeType: "text/plain", buffer: Buffer.from("{}") });
    await page.getByText("x.txt holds no frame").waitFor();
  });

  it("keeps the ring away from a code that only withdraws the one before", async () => {
    const { page } = watched;
    const device = await bench.ready();
    await page.getByRole("timer").waitFor();
    await bench.bind({ productKey: "multi", deviceKey: DK, bindingCode: CODE });
    await bench.confirmed(device);
    await device.report(credentials(OTHER));
    await page.getByText("Online, bound").waitFor();
    await page.getByRole("timer").waitFor({ state: "detached" });
  });
});
