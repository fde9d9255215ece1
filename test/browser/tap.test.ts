/** The page of a tap: what passes between a device and its cloud, and an app and its device, live in the traffic view. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import type { Browser, Locator, Page } from "playwright-core";

import { LanSession } from "../../sim/app/index.js";
import { browserPath, openBrowser, openPage, seriousFaults, soon, type Watched } from "../support/browser.js";
import { Run, temporaryFolder } from "../unit/tools/command/harness.js";

const PASSWORD = "a password for the page";
const DK = "A1B2C3D4E5F6";
const DEVICE = "127.66.3.1";
const APP_SIDE = "127.66.3.2";

interface Listening {
  mqtt: string;
  http: string;
  url: string;
  console: string;
}
const listening = async (run: Run): Promise<Listening> => (await run.event("listening")) as unknown as Listening;

(browserPath ? describe : describe.skip)("the page of a tap", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  let browser: Browser;
  let watched: Watched;
  const runs: Run[] = [];
  const run = (...argv: string[]): Run => {
    const one = new Run(...argv);
    runs.push(one);
    return one;
  };

  before(async () => (browser = await openBrowser()));
  after(() => browser?.close());
  afterEach(async () => {
    await watched.page.context().close();
    for (const one of runs.splice(0).reverse()) expect(await one.stop(), one.err.join()).to.equal(0);
    expect(watched.faults).to.deep.equal([]);
  });

  const row = (page: Page, way: "from the device" | "to the device", cmd: string) =>
    page.locator(".frame", { has: page.getByLabel(way) }).filter({ hasText: cmd });
  const choose = (page: Page, filter: string, value: string): Promise<unknown> =>
    page.getByRole("combobox", { name: filter }).selectOption(value);
  const detail = (page: Page) => page.getByRole("article", { name: "chosen frame" });

  /** Chooses a frame; while others come its row moves away, and the click may meet another one. */
  const look = (page: Page, rows: Locator, text: string): Promise<void> =>
    soon(async () => {
      await rows.first().click();
      expect(await detail(page).innerText()).to.include(text);
    });

  async function decoded(page: Page, ...more: string[]): Promise<Record<string, unknown>[]> {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Save").click()]);
    const decode = new Run("decode", await download.path(), "--json", ...more);
    expect(await decode.status, decode.err.join()).to.equal(0);
    expect(readFileSync(await download.path(), "utf8")).not.to.include(PASSWORD);
    return decode.events();
  }

  async function world(): Promise<{ cloud: Listening; products: string }> {
    const products = join(folder, `products-${runs.length}-${Date.now()}.json`);
    return { cloud: await listening(run("cloud", "--write-products", products)), products };
  }

  it("shows frames of both directions while they pass, pauses, filters, and saves what decode reads", async () => {
    const { cloud, products } = await world();
    const tap = await listening(run("tap", "--listen", "0", "--to", cloud.mqtt, "--console", "0", "--json"));
    watched = await openPage(browser, tap.console);
    const { page } = watched;
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByText(`${tap.url} to ${cloud.mqtt}. 0 frames.`).waitFor();
    await page.getByText("Nothing has passed yet").waitFor();
    expect(await page.locator("nav a").allInnerTexts()).to.deep.equal(["Traffic"]);
    expect(await seriousFaults(page)).to.deep.equal([]);

    const place = ["--products", products, "--host", DEVICE, "--dk", DK];
    run("device", ...place, "--cloud", tap.url, "--ap", `home:${PASSWORD}`);
    const call = ["--device", DEVICE, "--cloud", cloud.http, "--products", products, "--ssid", "home"];
    expect(await new Run("bind", ...call, "--password", PASSWORD, "--json").status).to.equal(0);
    await look(page, row(page, "from the device", "00B5"), "bindingCode");
    const masked = await detail(page).locator(".tree").innerText();
    expect(masked).to.match(/bindingCode text "\*{16}"/);
    await page.getByRole("button", { name: "Show its secrets" }).click();
    await soon(async () => expect(await detail(page).locator(".tree").innerText()).to.match(/"[0-9A-F]{16}"/));
    await look(page, row(page, "to the device", "00B4"), "To the device, class sys");
    expect(await seriousFaults(page)).to.deep.equal([]);

    await page.setViewportSize({ width: 360, height: 800 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).to.equal(360);
    await page.setViewportSize({ width: 1280, height: 800 });

    const owner = `qd${JSON.parse(readFileSync(products, "utf8")).products[0].pk}${DK}`;
    await choose(page, "Device", owner);
    await choose(page, "Command", "00B5");
    await soon(async () => {
      const names = await page.locator(".frame .name").allInnerTexts();
      expect(names.length).to.be.greaterThan(0);
      expect(new Set(names)).to.deep.equal(new Set(["binding"]));
    });
    await choose(page, "Command", "");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.waitForTimeout(300);
    const shown = await page.locator(".quiet", { hasText: "frames." }).innerText();
    const pk = owner.slice(2, -DK.length);
    const headers = { authorization: operatorOf(products), "content-type": "application/json" };
    const answer = await fetch(`${cloud.http}/dev/devices/${pk}/${DK}/config`, {
      ...{ method: "POST", headers, body: JSON.stringify({ status: true }) },
    });
    expect(((await answer.json()) as { code: number }).code).to.equal(200);
    await page.getByRole("button", { name: /^Resume \([1-9]\d* new\)/ }).waitFor();
    expect(await page.locator(".quiet", { hasText: "frames." }).innerText()).to.equal(shown);
    const saved = await decoded(page);
    expect(saved.map(({ cmd }) => cmd)).to.include.members(["00B5", "00B4", "00B7"]);
    expect(saved.find(({ cmd }) => cmd === "00B5")).to.include({ direction: "up", checksum: "ok" });
    await page.getByRole("button", { name: /^Resume/ }).click();
    await row(page, "from the device", "0032").first().waitFor();
  });

  it("opens the LAN session of a device by its authKey, and shows a connection that fails", async () => {
    const { cloud, products } = await world();
    const device = run("device", "--products", products, "--host", DEVICE, "--dk", DK, "--cloud", cloud.mqtt, "--ap", `home:${PASSWORD}`); // prettier-ignore
    await device.line((line) => line.includes(DK));
    const call = ["--device", DEVICE, "--cloud", cloud.http, "--products", products, "--ssid", "home"];
    const bind = new Run("bind", ...call, "--password", PASSWORD, "--show-auth-key", "--json");
    expect(await bind.status, bind.err.join()).to.equal(0);
    const { authKey } = bind.events().at(-1) as { authKey: string };
    const lan = run("tap", "--lan", DEVICE, "--host", APP_SIDE, "--auth-key", authKey, "--console", "0", "--json");
    watched = await openPage(browser, (await listening(lan)).console);
    const { page } = watched;
    const session = await LanSession.open(APP_SIDE, authKey);
    expect((await session.write([[43, true]])).result).to.equal(1);
    session.close();
    await row(page, "to the device", "0013").click();
    await detail(page).getByText("sealed on the wire").waitFor();
    expect(await detail(page).locator(".tree").innerText()).to.match(/43\s+bool\s+true/);
    await page.locator(".frame", { hasText: "connection ended" }).waitFor();
    const saved = await decoded(page, "--auth-key", authKey);
    const written = saved.find(({ cmd }) => cmd === "0013");
    expect(written!.nodes).to.deep.equal([{ id: 43, type: "bool", value: true, size: 0 }]);

    await device.stop();
    await LanSession.open(APP_SIDE, authKey).catch(() => {});
    await page.locator(".frame", { hasText: "connection failed" }).click();
    await detail(page).getByText("ECONNREFUSED").waitFor();
    await lan.stop();
    await page.getByText("Tap away: trying again").waitFor();
  });

  it("answers no page of another server, and listens on loopback only", async () => {
    const tap = run("tap", "--listen", "0", "--to", "mqtt://127.0.0.1:1", "--host", "0.0.0.0", "--console", "0", "--json"); // prettier-ignore
    const { console: url } = await listening(tap);
    watched = await openPage(browser, url);
    expect(new URL(url).hostname).to.equal("127.0.0.1");
    const policy = (await fetch(url)).headers.get("content-security-policy");
    expect(policy).to.include("default-src 'none'").and.not.include("unsafe");
    for (const [path, headers] of [
      ["/dev/console/feed", { origin: "http://127.0.0.1:1" }],
      ["/dev/console/frames/1", { "sec-fetch-site": "cross-site" }],
    ] as const) {
      // prettier-ignore
      const answer = (await (await fetch(url + path, { headers })).json()) as { code: number };
      expect(answer.code, path).to.equal(5048);
    }
    const { code, extMsg } = (await (await fetch(`${url}/dev/console/frames/1`)).json()) as Record<string, unknown>;
    expect({ code, extMsg }).to.deep.equal({ code: 5048, extMsg: "the tap has this frame no more" });
    const other = new Run("tap", "--listen", "0", "--to", "mqtt://127.0.0.1:1", "--console", new URL(url).port);
    expect(await other.status).to.equal(1);
    expect(other.err.join()).to.match(/port \d+ of 127\.0\.0\.1 is in use.*give another --console/);
  });
});

const operatorOf = (products: string): string =>
  (JSON.parse(readFileSync(products, "utf8")) as { operator: string }).operator;
