/** The traffic view loads what `tap --save` has written, with the same masks and filters as the live view. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import mqtt from "mqtt-packet";
import type { Browser, Page } from "playwright-core";

import { captureLine, type Piece } from "../../sim/decode/capture.js";
import * as protocol from "../../src/codec/commands.js";
import { encodeFrame } from "../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { Bench } from "../support/cloud-bench.js";
import { browserPath, openBrowser, openPage, PAGE, soon, type Watched } from "../support/browser.js";

const SECRET = "ThisIsASecretOf1";
const CLIENT = "qdmultiA1B2C3D4E5F6";
const TIME = 1_700_000_000_000;

const frame = (cmd: number, nodes: Node[]): Buffer => Buffer.from(encodeFrame(7, cmd, encodeTtlv(nodes)), "latin1");

function publish(way: "1" | "2", payload: Buffer): Buffer {
  const topic = `q/${way}/d/${CLIENT}/sys`;
  return mqtt.generate({ cmd: "publish", topic, payload, qos: 1, messageId: 3, dup: false, retain: false });
}

function line(connection: number, direction: Piece["direction"], ...bytes: Buffer[]): string {
  return captureLine({ connection, direction, time: TIME, bytes: Buffer.concat(bytes) }) + "\n";
}

const CONNECT = mqtt.generate({
  cmd: "connect",
  clientId: CLIENT,
  username: "u",
  password: Buffer.from(SECRET),
  clean: true,
});
const CODE = publish("2", frame(protocol.CMD_BINDING, [[protocol.BINDING_CODE, SECRET]]));
const DS = publish("1", frame(protocol.CMD_CONFIG, [[protocol.CONFIG_DS, SECRET], [protocol.CONFIG_PK, "multi"]])); // prettier-ignore
const STATUS = frame(protocol.CMD_STATUS, [[protocol.STATUS_RSSI, -55]]);

(browserPath ? describe : describe.skip)("captures in the traffic view", function () {
  this.timeout(90_000);
  let browser: Browser;
  let bench: Bench;
  let watched: Watched;
  const folder = mkdtempSync(join(tmpdir(), "captures-"));

  before(async () => (browser = await openBrowser()));
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    bench = await Bench.start({ console: { page: PAGE } });
    watched = await openPage(browser, `${bench.cloud.http}/#traffic`);
  });
  afterEach(async () => {
    await watched.page.context().close();
    await bench.stop();
    expect(watched.faults).to.deep.equal([]);
  });

  async function load(content: string | Buffer, name = "first.jsonl"): Promise<void> {
    const path = join(folder, name);
    writeFileSync(path, content);
    await watched.page.getByLabel("Load").setInputFiles(path);
  }
  const note = (page: Page): Promise<string> => page.getByRole("status", { name: "what is shown" }).innerText();
  const names = (page: Page): Promise<string[]> => page.locator(".frame .name").allInnerTexts();

  it("shows packets and frames, however they were cut, without a secret", async () => {
    const { page } = watched;
    const half = CODE.length >> 1;
    await load(
      line(1, "up", CONNECT, CODE.subarray(0, half)) + line(1, "down", DS) + line(1, "up", CODE.subarray(half)) + line(2, "down", STATUS), // prettier-ignore
    );
    await soon(async () => expect(await note(page)).to.equal("first.jsonl: 4 frames."));
    expect(await names(page)).to.deep.equal(["CONNECT", "config", "binding", "status"]);
    const detail = page.getByRole("article", { name: "chosen frame" });
    for (const [name, text] of [
      ["CONNECT", `clientId: ${CLIENT}`],
      ["binding", '"****************"'],
      ["config", '"multi"'],
    ] as const) {
      // prettier-ignore
      await page.locator(".frame", { has: page.getByText(name, { exact: true }) }).click();
      await detail.getByText(text).first().waitFor();
      const shown = await page.locator("main").innerText();
      expect(shown).not.to.include(SECRET);
      expect(shown.replace(/\s/g, "")).not.to.include(Buffer.from(SECRET).toString("hex").slice(0, 8));
      // The cloud does not know the frame that a file numbers so.
      expect(await page.getByRole("button", { name: "Show its secrets" }).count()).to.equal(0);
    }
  });

  it("filters them by device and command, and loads again what it saves of them", async () => {
    const { page } = watched;
    await load(line(1, "up", CONNECT, CODE) + line(1, "down", DS) + line(2, "down", STATUS));
    await page.getByRole("combobox", { name: "Device" }).selectOption(CLIENT);
    await soon(async () => expect(await names(page)).to.have.length(3));
    await page.getByRole("combobox", { name: "Command" }).selectOption("CONNECT");
    await soon(async () => expect(await names(page)).to.deep.equal(["CONNECT"]));
    await page.getByRole("combobox", { name: "Command" }).selectOption("");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Save").click()]);
    const saved = readFileSync(await download.path());
    expect(saved.toString()).not.to.include(SECRET).and.not.include(Buffer.from(SECRET).toString("hex"));
    await load(saved, "again.jsonl");
    await soon(async () => expect(await note(page)).to.equal("again.jsonl: 3 frames."));
    expect(await names(page)).to.deep.equal(["CONNECT", "binding", "config"]);
  });

  it("keeps names and packets of a file short, however long they are in it", async () => {
    const { page } = watched;
    const long = "W".repeat(60_000);
    const facts = Array.from({ length: 50 }, () => long);
    const own = { ...{ hex: "", time: TIME, up: true, segment: long, clientId: long }, packet: { name: long, facts } };
    const connect = mqtt.generate({ cmd: "connect", clientId: long, clean: true });
    await load(`${JSON.stringify(own)}\n${JSON.stringify({ ...own, packet: { name: "CONNECT", facts } })}\n${line(2, "up", connect)}`); // prettier-ignore
    await soon(async () => expect(await names(page)).to.have.length(3));
    for (const at of [0, 1, 2]) {
      await page.locator(".frame").nth(at).click();
      await page.getByRole("article", { name: "chosen frame" }).waitFor();
      expect((await page.content()).length).to.be.below(60_000);
    }
    expect(await page.getByRole("combobox", { name: "Device" }).innerText()).to.have.length.below(250);
  });

  it("shows what is before a line that was cut, and says so", async () => {
    const { page } = watched;
    const whole = line(1, "up", CODE) + line(1, "down", DS);
    await load(whole + line(1, "up", CODE).slice(0, 60));
    await soon(async () => expect(await note(page)).to.match(/2 frames\. Its line 3 was cut/));
    expect(await names(page)).to.deep.equal(["binding", "config"]);
  });

  it("says that it shows the last 2,000 of more", async () => {
    const { page } = watched;
    const many = Array.from({ length: 2345 }, (_, at) => frame(protocol.CMD_STATUS, [[protocol.STATUS_RSSI, -at]]));
    await load(many.map((one) => line(1, "down", one)).join(""));
    await soon(async () => expect(await note(page)).to.equal("first.jsonl: the last 2,000 of 2,345 frames."));
    await page.getByText("2000 frames.").waitFor();
    await page.locator(".frame").last().click();
    await page.locator(".tree").getByText("-2344").waitFor();
  });

  const bad: [name: string, content: string | Buffer, says: RegExp][] = [
    ["empty.jsonl", "", /^empty\.jsonl holds no frame: load what/],
    ["other.json", "{}", /^other\.json holds no frame: load what/],
    ["torn.jsonl", line(1, "up", CODE) + '{"hex\n' + line(1, "up", CODE), /^line 2 of torn\.jsonl is not JSON/],
    ["masked.jsonl", '{"hex":"AA AA ** **"}', /^line 1 of masked\.jsonl has a secret left out/],
    ["picture.png", Buffer.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13), /^picture\.png holds no frame/],
    ["text.txt", "no frame of any kind", /^text\.txt holds no frame/],
  ];
  it("says in one sentence what it cannot load, and keeps what it shows", async () => {
    const { page } = watched;
    await load(line(1, "up", CODE));
    for (const [name, content, says] of bad) {
      await load(content, name);
      await soon(async () => expect(await page.getByRole("alert").innerText()).to.match(says));
      expect(await names(page)).to.deep.equal(["binding"]);
    }
    await load(line(1, "down", DS));
    await page.getByRole("alert").waitFor({ state: "detached" });
  });
});
