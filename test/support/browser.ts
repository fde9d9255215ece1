/** A real browser for the console's tests: Debian's Chromium, without a download, as the shell without a window where it has that. */

import { existsSync, readFileSync } from "node:fs";

import type { AxeResults } from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const WHOLE = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** The same pages for half of the processor's time. */
const SHELL = [process.env.CHROMIUM, "/usr/bin/chromium-headless-shell"];

const found = (places: (string | undefined)[]): string | undefined => places.find((path) => path && existsSync(path));

/** Path of a whole browser, which has a camera, or undefined where there is none. */
export const wholeBrowserPath = found(WHOLE);
/** Path of a browser, or undefined where there is none. */
export const browserPath = found(SHELL) ?? wholeBrowserPath;

/** Where the build has put the page. */
export const PAGE = "build/console";

/** @param args more switches */
function launch(executablePath?: string, ...args: string[]): Promise<Browser> {
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage", ...args] });
}

export const openBrowser = (): Promise<Browser> => launch(browserPath);

/** @param film Y4M file that its camera sees, undefined without a camera */
export function openCamera(film?: string): Promise<Browser> {
  const camera = ["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`];
  return launch(wholeBrowserPath, ...(film === undefined ? [] : camera));
}

/** Milliseconds in which a page shows what has happened, on a machine with other work. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 50;

/** Waits until a check of what a page shows passes. @throws what it threw last */
export async function soon(check: () => Promise<unknown>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

/** What went wrong in a page without anything to be seen: exceptions, refusals of the policy, requests to elsewhere. */
export interface Watched {
  page: Page;
  faults: string[];
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    // A cloud that is away is no fault of the page.
    if (message.type() === "error" && !/ERR_|Failed to load/.test(message.text())) faults.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^http/.test(protocol) && hostname !== "127.0.0.1") faults.push(`request to ${hostname}`);
  });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  return { page, faults };
}

/** What hinders people with a screen reader or a keyboard, by axe's judgement. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // Through the debugger, as the page's policy lets no foreign script in.
  await page.evaluate(readFileSync("node_modules/axe-core/axe.min.js", "utf8"));
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}
