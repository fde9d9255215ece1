/** The console while its cloud restarts, and behind the operator's token. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { expect } from "chai";
import type { Browser } from "playwright-core";

import { ownCertificate } from "../../sim/tls.js";
import { Bench, DK, WORLD } from "../support/cloud-bench.js";
import { browserPath, openBrowser, openPage, PAGE } from "../support/browser.js";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

(browserPath ? describe : describe.skip)("the console and its cloud", function () {
  this.timeout(90_000);
  let browser: Browser;
  const folders: string[] = [];

  before(async () => (browser = await openBrowser()));
  after(async () => {
    await browser?.close();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  it("comes back when the cloud does, with what it knows", async () => {
    const data = mkdtempSync(path.join(tmpdir(), "console-"));
    folders.push(data);
    const bench = await Bench.start({ console: { page: PAGE }, httpPort: await freePort(), data });
    await bench.ready();
    const { page, faults } = await openPage(browser, bench.cloud.http);
    await page.getByText("Online, not bound").waitFor();
    await bench.stop();
    await page.getByText("Cloud away").waitFor();
    await bench.open();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByText("Away, not bound").waitFor();
    await bench.device({ pk: "multi", dk: "ANOTHER1" });
    await page.getByText("ANOTHER1").first().waitFor();
    await page.getByRole("link", { name: "Traffic" }).click();
    await page.locator(".frame", { hasText: "00B5" }).first().waitFor();
    await page.context().close();
    await bench.stop();
    expect(faults).to.deep.equal([]);
  });

  it("asks once for the operator's token", async () => {
    const bench = await Bench.start({ console: { page: PAGE }, ...WORLD, operator: "operators-token" });
    await bench.ready();
    const { page, faults } = await openPage(browser, bench.cloud.http);
    await page.getByLabel("Operator's token").fill("wrong");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("refused that token").waitFor();
    expect(await page.content()).not.to.include(DK);
    await page.getByLabel("Operator's token").fill("operators-token");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Online, not bound").waitFor();
    await page.reload();
    await page.getByText("Online, not bound").waitFor();
    await page.context().close();
    await bench.stop();
    expect(faults).to.deep.equal([]);
  });

  it("works over https, with the certificate that the cloud makes", async () => {
    const tls = ownCertificate("127.0.0.1");
    const bench = await Bench.start({ console: { page: PAGE }, tls, operator: "operators-token" });
    const { page, faults } = await openPage(browser, bench.cloud.http, { ignoreHTTPSErrors: true });
    expect(page.url()).to.match(/^https:/);
    await page.getByLabel("Operator's token").fill("operators-token");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    expect(await page.evaluate("isSecureContext")).to.equal(true);
    await page.context().close();
    await bench.stop();
    expect(faults).to.deep.equal([]);
  });
});
