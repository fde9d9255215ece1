/** Setting a device up in the console by Web Bluetooth: a bridge leads to the simulated radio of a device. */

import { createHash, createHmac, createCipheriv, randomBytes } from "node:crypto";

import { expect } from "chai";
import type { Browser } from "playwright-core";

import * as shim from "../../console/shims/crypto.js";
import { Duplex } from "../../console/shims/stream.js";
import { demoProducts, startCloud, type Cloud } from "../../sim/cloud/index.js";
import type { Device } from "../../sim/emulator/index.js";
import { encodeLabel } from "../../tools/factory/label.js";
import { startDevice } from "../../tools/command/start-device.js";
import { browserPath, openBrowser, openPage, PAGE, type Watched } from "../support/browser.js";
import { bridgeBluetooth } from "../support/web-bluetooth.js";

const NETWORK = { ssid: "home", password: "a password" };
const DK = "B1E0000000000001";
const POP = "0123456789abcdef";
const HOST = "127.66.1.1";

(browserPath ? describe : describe.skip)("setting up in the console by Bluetooth", function () {
  this.timeout(90_000);
  let browser: Browser;
  let cloud: Cloud;
  let device: Device;
  let watched: Watched;

  before(async () => (browser = await openBrowser()));
  after(() => browser?.close());
  afterEach(async () => {
    await watched.page.context().close();
    await device.stop();
    await cloud.stop();
    expect(watched.faults).to.deep.equal([]);
  });

  async function start(pop?: string): Promise<Watched> {
    const { products, users } = demoProducts();
    cloud = await startCloud({ products, users, console: { page: PAGE } });
    const { pk, ps } = products[0];
    const identity = { engine: "emulator", host: HOST, pk, ps, dk: DK, pop } as const;
    device = await startDevice({ ...identity, server: cloud.mqtt, networks: [NETWORK], bluetooth: true });
    watched = await openPage(browser, "about:blank");
    await bridgeBluetooth(watched.page, device);
    await watched.page.goto(`${cloud.http}/#setup`);
    await watched.page.getByLabel("Wi-Fi network (SSID)").fill(NETWORK.ssid);
    await watched.page.getByLabel("Its password").fill(NETWORK.password);
    if (pop) await watched.page.getByLabel("Text of its label").fill(encodeLabel({ pk, dk: DK, pop, ssid: "WB-1" }));
    await watched.page.getByLabel("Name", { exact: true }).fill("Lamp");
    return watched;
  }

  async function begin({ page }: Watched): Promise<void> {
    await page.getByRole("button", { name: "Choose the device and begin" }).click();
  }

  for (const [what, pop] of [
    ["an open device", undefined],
    ["a device with a proof of possession", POP],
  ] as const) {
    it(`takes ${what} from its network to its binding`, async () => {
      const { page } = await start(pop);
      await begin(watched);
      const steps = page.getByRole("region", { name: "steps" });
      await steps.getByRole("img", { name: "done" }).nth(2).waitFor({ timeout: 60_000 });
      await page.getByRole("link", { name: "Devices" }).click();
      await page.getByText("Online, bound").waitFor();
      await page.getByRole("button", { name: "Lamp" }).waitFor();
    });
  }

  it("says what the device tells of a network that refuses it, long before the time is over", async () => {
    const { page } = await start(POP);
    await page.getByLabel("Its password").fill("another password");
    await begin(watched);
    const failed = page.getByRole("region", { name: "steps" }).locator(".failed");
    await failed.getByText(/^provisioning failed: wrong password/).waitFor({ timeout: 45_000 });
    await page.getByLabel("Its password").fill(NETWORK.password);
    await begin(watched);
    const steps = page.getByRole("region", { name: "steps" });
    await steps.getByRole("img", { name: "done" }).nth(2).waitFor({ timeout: 60_000 });
  });

  it("takes no text for a label that is none", async () => {
    const { page } = await start();
    await page.getByLabel("Text of its label").fill("WB:{}");
    await page.getByText("This is no label").waitFor();
    expect(await page.getByRole("button", { name: "Choose the device and begin" }).isDisabled()).to.equal(true);
  });

  it("says in a sentence why a proof is refused", async () => {
    const { page } = await start(POP);
    const wrong = { pk: "p1demo", dk: DK, pop: "another proof 1234", ssid: "WB-1" };
    await page.getByLabel("Text of its label").fill(encodeLabel(wrong));
    await begin(watched);
    await page.getByText("the device knows another proof of possession").waitFor({ timeout: 30_000 });
  });
});

describe("the console's shim of node:crypto", () => {
  // Espruino's own, which the fallback of the device's crypto takes.
  const espruino = {
    toUint8Array: (bytes: string) => Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)),
    toString: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("latin1"),
  };
  before(() => void Object.assign(globalThis, { E: espruino }));
  after(() => void delete (globalThis as { E?: unknown }).E);

  it("agrees with Node's hashes and ciphers", () => {
    for (let size = 0; size < 200; size += 7) {
      const [bytes, key, iv] = [randomBytes(size), randomBytes(16), randomBytes(16)];
      const long = randomBytes(size + 1);
      expect(shim.createHash("sha256").update(bytes).digest("hex")).to.equal(
        createHash("sha256").update(bytes).digest("hex"),
      );
      expect(shim.createHmac("sha256", long).update(bytes).digest("hex")).to.equal(
        createHmac("sha256", long).update(bytes).digest("hex"),
      );
      const cipher = createCipheriv("aes-128-cbc", key, iv);
      const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
      const own = shim.createCipheriv("aes-128-cbc", key, iv);
      expect(Buffer.concat([own.update(bytes), own.final()]).equals(sealed)).to.equal(true);
      const back = shim.createDecipheriv("aes-128-cbc", key, iv);
      expect(Buffer.concat([back.update(sealed), back.final()]).equals(bytes)).to.equal(true);
    }
  });

  it("refuses ciphertext without padding, as Node does", () => {
    const decipher = shim.createDecipheriv("aes-128-cbc", Buffer.alloc(16), Buffer.alloc(16));
    decipher.update(Buffer.alloc(15));
    expect(() => decipher.final()).to.throw("wrong final block length");
  });
});

describe("the console's shim of node:stream", () => {
  it("begins a write when the one before has left: fragments of two frames never mix", async () => {
    const written: string[] = [];
    const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 5));
    const stream = new Duplex({
      read() {},
      async write(chunk, _encoding, done) {
        for (const byte of chunk) {
          await pause();
          written.push(String.fromCharCode(byte));
        }
        done();
      },
      destroy: (error, done) => done(error),
    });
    stream.write(Buffer.from("hello"));
    stream.write(Buffer.from("ping"));
    while (written.length < 9) await pause();
    expect(written.join("")).to.equal("helloping");
  });
});
