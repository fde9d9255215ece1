/** The console against hostile devices, addresses and files, other tabs, and a cloud or a device that goes meanwhile. */

import { expect } from "chai";
import type { Browser, Page } from "playwright-core";

import * as protocol from "../../src/codec/commands.js";
import { encodeTtlv } from "../../src/codec/ttlv.js";
import { Bench, CODE, credentials, DK, OTHER, WORLD } from "../support/cloud-bench.js";
import { browserPath, openBrowser, openPage, PAGE, soon, type Watched } from "../support/browser.js";

const RLO = "\u202e";
const utf8 = (text: string): string => Buffer.from(text).toString("latin1");
const TSL = {
  properties: [
    { id: 1, code: "on", name: `${RLO}Switch`, dataType: "BOOL" },
    { id: 2, code: "free", name: "Free", dataType: "INT" },
    { id: 3, code: "text", name: "Text", dataType: "TEXT", specs: { length: "20" } },
  ],
};
/** Pixels of a control with one line of text. */
const LINE = 45;

const link = (page: Page, name: string) => page.getByRole("link", { name, exact: true });

(browserPath ? describe : describe.skip)("the console against what is hostile or goes wrong", function () {
  this.timeout(90_000);
  let browser: Browser;
  let bench: Bench;
  let watched: Watched;

  before(async () => (browser = await openBrowser()));
  after(() => browser?.close());
  beforeEach(async () => {
    const [multi, ...others] = WORLD.products;
    bench = await Bench.start({ products: [{ ...multi!, tsl: TSL }, ...others], console: { page: PAGE } });
    watched = await openPage(browser, bench.cloud.http);
  });
  afterEach(async () => {
    await watched.page.context().close();
    await bench.stop();
    expect(watched.faults).to.deep.equal([]);
  });

  async function bound() {
    const device = await bench.ready();
    await bench.bind({ productKey: "multi", deviceKey: DK, bindingCode: CODE });
    await bench.confirmed(device);
    return device;
  }

  for (const address of ["#%", "#data/%E0%A4%A/x", "#nothing/of/this", "#data/no/SUCHDEVICE"]) {
    it(`opens at ${address}`, async () => {
      const { page } = watched;
      await page.goto(`${bench.cloud.http}/${address}`);
      await page.reload();
      await page.getByText("Live", { exact: true }).waitFor();
      await page.getByRole("heading", { level: 1 }).waitFor();
    });
  }

  it("shows long, invisible and turned texts in a few lines, and turns nothing around", async () => {
    const { page } = watched;
    const device = await bound();
    const long = "W".repeat(60_000);
    await device.report([[protocol.INFO_MODEL, long], [protocol.INFO_FIRMWARE, utf8(`\0${RLO}1.0`)]], protocol.CMD_INFO); // prettier-ignore
    await device.tell(protocol.CMD_REPORT, encodeTtlv([[3, utf8(`${RLO}😀`)], [9, long]])); // prettier-ignore
    await page.setViewportSize({ width: 360, height: 800 });
    await page.getByRole("button", { name: DK }).click();
    await page.getByText("WWW … (60000 characters)").waitFor();
    await page.getByText("��1.0").waitFor();
    for (const view of ["Data", "Traffic"]) {
      await link(page, view).click();
      if (view === "Data") await page.getByRole("heading", { name: "�Switch" }).waitFor();
      if (view === "Traffic") await page.locator(".frame", { hasText: "0044" }).last().click();
      await soon(async () => expect(await page.content()).to.include(view === "Data" ? "😀" : "60000 characters"));
      expect(await page.evaluate("document.documentElement.scrollHeight"), view).to.be.below(5000);
      expect(await page.evaluate("document.documentElement.scrollWidth"), view).to.equal(360);
      expect(await page.locator("main").innerText(), view).not.to.match(/[\0\u202e]/);
    }
    for (const control of await page.locator("nav a, button").all()) {
      if ((await control.getAttribute("class")) !== "frame")
        expect((await control.boundingBox())!.height, await control.innerText()).to.be.below(LINE);
    }
  });

  it("shows the device that a link names, whatever was picked before", async () => {
    const { page } = watched;
    await bench.device({ pk: "multi", dk: "FIRST001" });
    await bench.device({ pk: "multi", dk: "SECOND02" });
    for (const [view, name] of [
      ["Traffic", "Its traffic"],
      ["Data", "Its data"],
    ] as const) {
      // prettier-ignore
      await link(page, view).click();
      await page.getByRole("combobox", { name: "Device" }).selectOption("multi/FIRST001");
      await link(page, "Devices").click();
      await page.getByRole("button", { name: "SECOND02" }).click();
      await link(page, name).click();
      await soon(async () =>
        expect(await page.getByRole("combobox", { name: "Device" }).inputValue()).to.equal("multi/SECOND02"),
      );
    }
  });

  it("binds the device that was shown while the form was filled in, not one that opens a window meanwhile", async () => {
    const { page } = watched;
    const early = await bench.device({ pk: "multi", dk: "EARLY001" });
    await bench.ready();
    await link(page, "Bind").click();
    const target = page.getByRole("region", { name: "chosen device" });
    await target.getByText(DK).waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Lamp");
    await early.report(credentials(OTHER));
    await soon(async () => expect(bench.count("window")).to.equal(2));
    await page.waitForTimeout(500);
    await page.getByRole("button", { name: "Bind", exact: true }).click();
    await page.getByText("WiFi device binding successful").waitFor();
    await target.getByText("Lamp").waitFor();
  });

  it("binds no other device while the label that was typed is none", async () => {
    const { page } = watched;
    await bench.ready();
    await link(page, "Bind").click();
    await page.getByRole("region", { name: "chosen device" }).getByText(DK).waitFor();
    const bind = page.getByRole("button", { name: "Bind", exact: true });
    const bad = ["WB:null", "WB:{}", 'WB:{"pk":"","dk":""}', 'WB:{"pk":"multi","dk":"../x"}', `WB:{"pk":"multi","dk":"${"x".repeat(33)}"}`]; // prettier-ignore
    for (const label of bad) {
      await page.getByLabel("Or the text of its label").fill(label);
      await page.getByText("This is no label").waitFor();
      expect(await bind.isDisabled(), label).to.equal(true);
    }
    await page.getByLabel("Or the text of its label").fill('WB:{"v":1,"pk":"multi","dk":"NEVER001","ssid":"a"}');
    await bind.click();
    await page.getByText("this device has not come to this cloud yet").waitFor();
    expect(bench.count("bound")).to.equal(0);
  });

  it("moves a device to no server that is none, and shows a name of spaces as none", async () => {
    const { page } = watched;
    const device = await bound();
    await page.getByRole("button", { name: DK }).click();
    for (const server of ["", "  ", "host", "1.2.3.4:99999", "256.1.1.1:1883", "http://1.2.3.4", "[::1]:1883"]) {
      await page.getByRole("button", { name: "Ask for its status" }).click();
      await page.locator(".answer.good").waitFor();
      await page.getByLabel("New server").fill(server);
      await page.getByRole("button", { name: "Move" }).click();
      await page.getByText("type its IP address and port").waitFor();
    }
    await page.getByLabel("Name for one").fill("   ");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.locator(".answer.good").waitFor();
    await page.getByRole("button", { name: DK }).waitFor();
    const moved = device.downlinks.filter(({ cmd, nodes }) => cmd === protocol.CMD_CONFIG && nodes.some(([id]) => id === protocol.CONFIG_SERVER)); // prettier-ignore
    expect(moved).to.deep.equal([]);
  });

  it("sends no number that was not typed", async () => {
    const { page } = watched;
    const device = await bound();
    await device.tell(protocol.CMD_REPORT, encodeTtlv([[2, 7]]));
    await link(page, "Data").click();
    const field = page.getByRole("region", { name: "Free" }).getByRole("spinbutton");
    await soon(async () => expect(await field.inputValue()).to.equal("7"));
    await field.fill("");
    await page.getByRole("region", { name: "Free" }).getByRole("button", { name: "Set" }).click();
    await page.waitForTimeout(300);
    expect(device.downlinks.filter(({ cmd }) => cmd === protocol.CMD_WRITE)).to.deep.equal([]);
  });

  it("forgets a value that was sent to a device which goes before it reports", async () => {
    const { page } = watched;
    const device = await bound();
    await device.tell(protocol.CMD_REPORT, encodeTtlv([[1, false]]));
    await link(page, "Data").click();
    await page.getByRole("switch").click();
    await page.getByText("sent, not reported yet").waitFor();
    device.stop();
    await page.getByText("It is away: these are its last values").waitFor();
    await page.getByText("sent, not reported yet").waitFor({ state: "detached" });
    await page.getByRole("switch", { checked: false }).waitFor();
  });

  it("follows another tab that renames and unbinds", async () => {
    const { page } = watched;
    await bound();
    const other = await openPage(browser, bench.cloud.http);
    for (const one of [page, other.page]) await one.getByRole("button", { name: DK }).click();
    await other.page.getByLabel("Name for one").fill("Heater");
    await other.page.getByRole("button", { name: "Rename" }).click();
    await soon(async () => expect(await page.getByLabel("Name for one").inputValue()).to.equal("Heater"));
    await other.page.getByRole("button", { name: "Unbind from one" }).click();
    await page.getByText("Online, not bound").waitFor();
    await page.getByRole("button", { name: "Unbind from one" }).waitFor({ state: "detached" });
    await other.page.context().close();
    expect(other.faults).to.deep.equal([]);
  });

  it("says that the cloud is away when it ends while a form is open, and keeps what was typed", async () => {
    const { page } = watched;
    await bench.ready();
    await link(page, "Bind").click();
    await page.getByRole("region", { name: "chosen device" }).waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Lamp");
    await bench.cloud.stop();
    await page.getByText("Cloud away").waitFor();
    await page.getByRole("button", { name: "Bind", exact: true }).click();
    await page.getByText("check that `wifi-binding cloud` still runs").waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).to.equal("Lamp");
    await bench.open();
  });

  it("asks again for a token that no header can carry", async () => {
    await bench.reopen({ operator: "operators-token" });
    const { page, faults } = await openPage(browser, bench.cloud.http);
    await page.getByLabel("Operator's token").fill("😀");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("refused that token").waitFor();
    await page.getByLabel("Operator's token").fill("operators-token");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.context().close();
    expect(faults).to.deep.equal([]);
  });

  it("keeps the last frames of ten thousand", async () => {
    const { page } = watched;
    const device = await bench.ready();
    await link(page, "Traffic").click();
    for (let at = 0; at < 10_000; at++) {
      void device.report([[protocol.STATUS_RSSI, -(at % 90)]], protocol.CMD_STATUS);
      if (at % 100 === 99) await new Promise((done) => setImmediate(done));
    }
    await page.getByText("2000 frames.").waitFor();
    expect(await page.locator(".frame").count()).to.be.below(100);
  });
});
