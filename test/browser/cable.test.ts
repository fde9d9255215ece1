/** From a cable to a bound device in the console: flash, identity, label, provisioning and binding, all in the page. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import type { Browser, Page } from "playwright-core";

import { demoProducts, startCloud, type Cloud, type Products } from "../../sim/cloud/index.js";
import { engine, findEspruino, startBoard, type Board, type Device } from "../../sim/emulator/index.js";
import { parseLabel } from "../../tools/factory/label.js";
import { inspectBoard } from "../../tools/flash/board.js";
import { readDeviceIdentity } from "../../tools/flash/identity-blocks.js";
import { openConsole } from "../../tools/flash/port-link.js";
import { browserPath, openBrowser, openPage, PAGE, seriousFaults, type Watched } from "../support/browser.js";
import { bridgeBluetooth } from "../support/web-bluetooth.js";
import { bridgeSerial } from "../support/web-serial.js";
import { ConsoleServer } from "../unit/tools/flash/console-server.js";

const NETWORK = { ssid: "home", password: "a password" };
const HOST = "127.66.2.1";
/** Milliseconds for a firmware to be written, booted and good, on a machine with other work. */
const FLASHED_MS = 120_000;
const BOUND_MS = 60_000;

const done = (page: Page, count: number, timeout: number): Promise<void> =>
  page.getByRole("region", { name: "steps" }).getByRole("img", { name: "done" }).nth(count - 1).waitFor({ timeout }); // prettier-ignore

/** Text of the label that the page has made. */
const labelIn = (page: Page): Promise<string> => page.getByLabel("Text of its label").inputValue();

(browserPath ? describe : describe.skip)("from a cable to a bound device in the console", function () {
  this.timeout(240_000);
  let browser: Browser;
  let world: Products;
  let cloud: Cloud;
  let watched: Watched;

  before(async () => (browser = await openBrowser()));
  after(() => browser?.close());
  beforeEach(async () => {
    const { products, users } = demoProducts();
    world = { products, users };
    cloud = await startCloud({ ...world, console: { page: PAGE, firmware: "build" } });
    watched = await openPage(browser, "about:blank");
  });
  afterEach(async () => {
    await watched.page.context().close();
    await cloud.stop();
    expect(watched.faults).to.deep.equal([]);
  });

  describe("with a board in the emulator", () => {
    let device: Device;
    let server: ConsoleServer;
    /** Password that its console asks for before it answers. */
    let locked: string | undefined;
    /** Whether the cable is pulled while the application is written. */
    let pulled: boolean;
    const typed = (text: string, socket: { write(text: string): unknown }): void => {
      if (locked && text.includes(locked)) locked = undefined;
      else if (locked) socket.write("\r\npassword>");
    };

    beforeEach(async () => {
      const onLine = (line: string): void => server?.print(line);
      device = await engine("emulator").start({
        ...{ host: HOST, storage: {}, networks: [NETWORK], bluetooth: true, pins: true, onLine },
      });
      locked = undefined;
      pulled = false;
      const answer = (expression: string): Promise<unknown> => {
        if (pulled && /wb\.a.*s\.write\(|s\.write\(.*wb\.a/s.test(expression)) server.stop();
        return locked ? Promise.resolve(undefined) : device.eval(expression);
      };
      server = await ConsoleServer.start(answer, typed);
      await bridgeSerial(watched.page, server.port);
      await bridgeBluetooth(watched.page, device);
      await watched.page.goto(`${cloud.http}/#setup`);
    });
    afterEach(async () => {
      server.stop();
      await device.stop();
    });

    it("writes firmware and identity, shows the label, provisions and binds", async () => {
      const { page } = watched;
      await page.getByText("A real board does not reach this address").waitFor();
      await page.getByLabel("It demands a proof of possession").check();
      await page.getByRole("button", { name: "Choose the port and begin" }).click();
      await page.getByRole("img", { name: /^QR code of / }).waitFor({ timeout: FLASHED_MS });
      await done(page, 6, FLASHED_MS);
      const label = parseLabel(await labelIn(page));
      expect(label.pop).to.have.length(17);
      expect(await seriousFaults(page)).to.deep.equal([]);
      await page.getByLabel("Wi-Fi network (SSID)").fill(NETWORK.ssid);
      await page.getByLabel("Its password").fill(NETWORK.password);
      await page.getByLabel("Name", { exact: true }).fill("Lamp");
      await page.getByRole("button", { name: "Choose the device and begin" }).click();
      await done(page, 3, BOUND_MS);
      await page.getByRole("link", { name: "Devices" }).click();
      await page.getByText("Online, bound").waitFor();
      await page.getByRole("button", { name: "Lamp" }).getByText(label.dk).waitFor();
      expect(device.uncaught).to.deep.equal([]);
    });

    it("replaces an identity only where that is wanted, and says so in one sentence", async () => {
      const { page } = watched;
      const begin = page.getByRole("button", { name: "Choose the port and begin" });
      await page.getByLabel("DeviceKey").fill("FIRST001");
      await begin.click();
      await done(page, 6, FLASHED_MS);
      await page.getByLabel("DeviceKey").fill("SECOND02");
      await begin.click();
      const refusal = page.getByRole("region", { name: "steps" }).locator(".failed");
      await refusal.getByText("the device has an identity already").waitFor();
      expect(await refusal.innerText())
        .to.include("Replace what the board holds")
        .and.not.include("--force");
      await page.getByLabel("Replace what the board holds").check();
      await begin.click();
      await page.getByRole("img", { name: "QR code of SECOND02" }).waitFor({ timeout: FLASHED_MS });
    });

    it("opens a locked console by its password, and seals the identity by a flashKey", async () => {
      const { page } = watched;
      locked = "open sesame";
      const begin = page.getByRole("button", { name: "Choose the port and begin" });
      await begin.click();
      await page.getByText("the console on the port is locked: give its password").waitFor();
      await page.getByText("A locked console, or flash that is sealed").click();
      await page.getByLabel("Password of its console").fill("open sesame");
      await page.getByLabel("Option flashKey").fill("short");
      await begin.click();
      await page.getByRole("region", { name: "steps" }).locator(".failed", { hasText: "flashKey" }).waitFor();
      await page.getByLabel("Option flashKey").fill("a key of 24 characters..");
      expect(await seriousFaults(page)).to.deep.equal([]);
      await begin.click();
      await done(page, 6, FLASHED_MS);
      const there = { eval: (expression: string) => device.eval(expression) };
      const board = await inspectBoard(there);
      expect(await readDeviceIdentity(there, board)).to.include({ locked: true });
      const identity = await readDeviceIdentity(there, board, "a key of 24 characters..");
      expect(identity).to.include({ pk: world.products[0]!.pk });
      expect(device.uncaught).to.deep.equal([]);
    });

    it("says in one sentence that no port was chosen, and that one does not open", async () => {
      const { page } = watched;
      const begin = page.getByRole("button", { name: "Choose the port and begin" });
      for (const [port, sentence] of [
        [
          "return { open: async () => { throw new Error('Failed to open serial port.') } }",
          "the port does not open: end",
        ],
        ["throw new Error('No port selected by the user.')", "no port was chosen: begin again"],
      ]) {
        await page.evaluate(`navigator.serial.requestPort = async () => { ${port} }`);
        await begin.click();
        await page.getByText(sentence!).waitFor();
      }
    });

    it("says in one sentence that the cable was pulled", async () => {
      const { page } = watched;
      pulled = true;
      await page.getByRole("button", { name: "Choose the port and begin" }).click();
      await page.getByText("the device has closed the port").waitFor();
    });
  });

  const binary = findEspruino();
  (binary ? describe : describe.skip)("with the real interpreter as a board", () => {
    let board: Board;
    let folder: string;

    beforeEach(async () => {
      folder = mkdtempSync(path.join(tmpdir(), "board-"));
      board = await startBoard({ binary: binary!, folder, networks: [NETWORK], onLine() {}, onDeath() {} });
      await bridgeSerial(watched.page, board.port);
      await watched.page.goto(`${cloud.http}/#setup`);
    });
    afterEach(async () => {
      await board.stop();
      rmSync(folder, { recursive: true });
    });

    it("writes firmware and identity, as the command reads them", async () => {
      const { page } = watched;
      await page.getByLabel("Its consoles stay open").check();
      await page.getByRole("button", { name: "Choose the port and begin" }).click();
      await done(page, 6, FLASHED_MS);
      const shown = page.getByRole("region", { name: "label" });
      await shown.getByRole("img", { name: /^QR code of / }).waitFor();
      const device = await openConsole(board.port);
      const identity = await readDeviceIdentity(device, await inspectBoard(device));
      device.close();
      expect(identity).to.include({ pk: world.products[0]!.pk, ps: world.products[0]!.ps });
      await shown.getByText(identity!.dk, { exact: true }).waitFor();
    });
  });
});
