/** Two hundred devices and a hundred frames a second: the page goes on drawing. */

import { expect } from "chai";
import type { Browser } from "playwright-core";

import * as protocol from "../../src/codec/commands.js";
import { Bench } from "../support/cloud-bench.js";
import type { TestDevice } from "../support/cloud-device.js";
import { browserPath, openBrowser, openPage, PAGE } from "../support/browser.js";

const DEVICES = 200;
/** A frame of a hundred a second, and for how long. */
const EVERY_MS = 10;
const LASTS_MS = 4000;
/** Milliseconds between two frames that the browser draws: of 95 in a hundred. */
const LIMIT_MS = 100;

/** Times between the frames that a page draws, in its own milliseconds. */
const WATCH = `new Promise((done) => {
  const gaps = [];
  let last = performance.now();
  const end = last + ${LASTS_MS};
  const step = (now) => {
    gaps.push(now - last);
    last = now;
    if (now < end) requestAnimationFrame(step);
    else done(gaps.sort((a, b) => a - b));
  };
  requestAnimationFrame(step);
})`;

(browserPath ? describe : describe.skip)("the console under load", function () {
  this.timeout(90_000);
  let browser: Browser;
  let bench: Bench;

  before(async () => (browser = await openBrowser()));
  after(async () => {
    await browser?.close();
    await bench?.stop();
  });

  it(`keeps below ${LIMIT_MS} ms a frame with ${DEVICES} devices and ${1000 / EVERY_MS} frames a second`, async () => {
    bench = await Bench.start({ console: { page: PAGE } });
    const names = Array.from({ length: DEVICES }, (_, at) => `DEVICE${String(at).padStart(4, "0")}`);
    const devices: TestDevice[] = [];
    for (const dk of names) devices.push(await bench.device({ dk }));
    const { page, faults } = await openPage(browser, bench.cloud.http);
    await page.getByText(`${DEVICES} known, ${DEVICES} online`).waitFor();
    let sent = 0;
    const timer = setInterval(() => {
      void devices[sent++ % DEVICES]!.report([[protocol.STATUS_RSSI, -(sent % 90)]], protocol.CMD_STATUS);
    }, EVERY_MS);
    try {
      for (const view of ["Devices", "Traffic"]) {
        await page.getByRole("link", { name: view }).click();
        const gaps = (await page.evaluate(WATCH)) as number[];
        const at = (share: number): number => Math.round(gaps[Math.floor(gaps.length * share)]!);
        console.log(`      ${view}: ${gaps.length} frames drawn, median ${at(0.5)} ms, 95 % below ${at(0.95)} ms`);
        expect(at(0.95), view).to.be.below(LIMIT_MS);
      }
    } finally {
      clearInterval(timer);
    }
    expect(sent).to.be.greaterThan(LASTS_MS / EVERY_MS);
    expect(faults).to.deep.equal([]);
    await page.context().close();
  });
});
