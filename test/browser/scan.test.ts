/** Labels are read by the camera, whose film the test makes; and what is shown where there is none. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { encodeLabel } from "../../tools/factory/label.js";
import { Bench, DK } from "../support/cloud-bench.js";
import { wholeBrowserPath, openCamera, openPage, PAGE, seriousFaults, soon, type Watched } from "../support/browser.js";
import { filmOf } from "../support/film.js";

const LABEL = encodeLabel({ pk: "multi", dk: DK, pop: "", ssid: "WB-1" });
const ALLOWED: BrowserContextOptions = { permissions: ["camera"] };
/** Keeps the tracks that the page is given. */
const TRACKS = `{
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  window.tracks = [];
  devices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    window.tracks.push(...stream.getTracks());
    return stream;
  };
}`;
const states = (page: Page): Promise<string[]> => page.evaluate("tracks.map(({ readyState }) => readyState)");

(wholeBrowserPath ? describe : describe.skip)("labels before the camera", function () {
  this.timeout(90_000);
  const folder = mkdtempSync(join(tmpdir(), "films-"));
  let bench: Bench;
  let browser: Browser | undefined;
  let watched: Watched;

  beforeEach(async () => {
    bench = await Bench.start({ console: { page: PAGE } });
  });
  afterEach(async () => {
    await watched.page.context().close();
    await browser?.close();
    browser = undefined;
    await bench.stop();
    expect(watched.faults).to.deep.equal([]);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Opens a view of the page. @param text of the code that the camera sees, undefined without a camera */
  async function open(text: string | undefined, view: string, options: BrowserContextOptions = ALLOWED): Promise<Page> {
    const film = join(folder, "film.y4m");
    if (text !== undefined) writeFileSync(film, filmOf(text));
    browser = await openCamera(text === undefined ? undefined : film);
    watched = await openPage(browser, "about:blank", options);
    const { page } = watched;
    await page.addInitScript(TRACKS);
    await page.goto(`${bench.cloud.http}/#${view}`);
    await page.getByText("Live", { exact: true }).waitFor();
    return page;
  }
  const button = (page: Page) => page.getByRole("button", { name: "Scan its label" });
  const dialog = (page: Page) => page.getByRole("dialog", { name: "scan a label" });

  it("are read into the form by the keyboard alone, and the device is bound", async () => {
    const page = await open(LABEL, "bind");
    await bench.ready();
    await bench.device({ pk: "single", dk: "OTHER123" });
    await page.getByRole("combobox", { name: "Device" }).selectOption("single/OTHER123");
    await button(page).focus();
    await page.keyboard.press("Enter");
    await soon(async () => expect(await page.getByLabel("Or the text of its label").inputValue()).to.equal(LABEL));
    await soon(async () => expect(await states(page)).to.deep.equal(["ended"]));
    expect(await dialog(page).count()).to.equal(0);
    expect(await page.evaluate("document.activeElement.textContent")).to.equal("Scan its label");
    await page.getByRole("button", { name: "Bind", exact: true }).click();
    await page.getByText("WiFi device binding successful").waitFor();
    await page.getByRole("region", { name: "chosen device" }).getByText(DK).waitFor();
    expect(bench.count("bound")).to.equal(1);
  });

  it("are read into the setup by Bluetooth", async () => {
    const secret = encodeLabel({ pk: "multi", dk: DK, pop: "0123456789abcdef", ssid: "WB-1" });
    const page = await open(secret, "setup");
    await button(page).click();
    await soon(async () => expect(await page.getByLabel("Text of its label").inputValue()).to.equal(secret));
  });

  for (const [what, text, says] of [
    ["is no label", "https://example.com/", "This code is no label: the text of a label begins with WB:"],
    ["is a damaged label", 'WB:{"v":1,"pk":"multi","dk":"x","ssid":"a"}', "The label is damaged: its dk is missing"],
    [
      "is a label of another version",
      'WB:{"v":2,"pk":"multi","dk":"DEVICE01"}',
      "The label has another version than 1",
    ],
  ] as const) {
    // prettier-ignore
    it(`of which one ${what} are told in one sentence, and the camera is off after Escape`, async () => {
      const page = await open(text, "bind");
      await button(page).click();
      await dialog(page).getByRole("alert").getByText(says).waitFor();
      expect(await states(page)).to.deep.equal(["live"]);
      expect(await seriousFaults(page)).to.deep.equal([]);
      await page.keyboard.press("Escape");
      await soon(async () => expect(await states(page)).to.deep.equal(["ended"]));
      expect(await dialog(page).count()).to.equal(0);
      expect(await page.getByLabel("Or the text of its label").inputValue()).to.equal("");
    });
  }

  it("are looked for until the dialog is closed, and again when it is opened again", async () => {
    const page = await open("", "bind");
    for (const count of [1, 2]) {
      await button(page).click();
      await soon(async () => expect(await page.evaluate("document.querySelector('video').videoWidth")).to.equal(640));
      await page.waitForTimeout(300);
      expect(await dialog(page).getByRole("alert").count()).to.equal(0);
      await dialog(page).getByRole("button", { name: "Close" }).click();
      await soon(async () => expect(await states(page)).to.deep.equal(Array<string>(count).fill("ended")));
    }
  });

  it("say that the camera is refused", async () => {
    const page = await open(LABEL, "bind", { permissions: [] });
    await button(page).click();
    await dialog(page).getByText("The browser lets this page use no camera").waitFor();
    expect(await seriousFaults(page)).to.deep.equal([]);
    await dialog(page).getByRole("button", { name: "Close" }).click();
    await dialog(page).waitFor({ state: "detached" });
  });

  it("say that there is no camera", async () => {
    const page = await open(undefined, "bind");
    await button(page).click();
    await dialog(page).getByText("This machine has no camera").waitFor();
  });

  it("say that the camera has gone", async () => {
    const page = await open("", "bind");
    await button(page).click();
    await soon(async () => expect(await states(page)).to.deep.equal(["live"]));
    await page.evaluate("tracks[0].dispatchEvent(new Event('ended'))");
    await dialog(page).getByText("The camera has gone").waitFor();
    expect(await states(page)).to.deep.equal(["ended"]);
  });

  it("are not read on an address that is not secure, which is said", async () => {
    browser = await openCamera();
    watched = await openPage(browser, "about:blank");
    const { page } = watched;
    await page.addInitScript("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })");
    await page.goto(`${bench.cloud.http}/#bind`);
    await page.getByText("The camera is used on http://localhost").waitFor();
    expect(await button(page).count()).to.equal(0);
  });
});
