/** The library used from Espruino's Web IDE: its tools without the window, against the real interpreter over telnet. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { expect } from "chai";

import { findEspruino } from "../../../sim/emulator/index.js";
import { install as fill } from "../../../sim/emulator/interpreter/install.js";
import { InterpreterProcess } from "../../../sim/emulator/interpreter/process.js";
import { RADIO_FILE, radioFile, WIFI_MODULE, WIFI_MODULE_NAME } from "../../../sim/emulator/radio/wifi.js";
import { eventually, pause } from "../../unit/sim/emulator/harness.js";
import { temporaryFolder } from "../../unit/tools/command/harness.js";

const PORT = "tcp://127.0.0.1:2323";
/** In place of the web; the tools tell what they ask it for, because nothing answers there. */
const WEB = "http://127.0.0.1";
/** The first program of the document. */
const DOCUMENT = /```js\n([^`]*)```/.exec(readFileSync("docs/web-ide.md", "utf8"))![1];

/** Its `start` leaves the console open that it is sent over. */
const OVER_TELNET = DOCUMENT.replace('1883"', '1883", debug: true');

function tools(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve("espruino/bin/espruino-cli.js");
  } catch {
    return undefined;
  }
}

describe("the Web IDE's tools and the real interpreter", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const binary = findEspruino();
  const cli = tools();
  const lines: string[] = [];
  let device: InterpreterProcess;

  before(function () {
    if (!binary || !cli) this.skip();
  });

  before(async () => {
    writeFileSync(join(folder, "espruino.flash"), "");
    await fill(binary!, folder, { [WIFI_MODULE_NAME]: WIFI_MODULE, [RADIO_FILE]: radioFile("127.0.0.1", []) }, []);
    device = new InterpreterProcess(
      binary!,
      ["--telnet"],
      folder,
      (line) => lines.push(line),
      () => {},
    );
    await pause(500);
  });

  after(async () => {
    await device?.kill();
  });

  /** Sends a program as the IDE does, and ends the tool, which does not always end itself. @returns what has been printed */
  async function send(program: string, wanted: string, ...more: string[]): Promise<string> {
    const file = join(folder, "program.js");
    writeFileSync(file, program);
    const config = [`MODULE_URL=${WEB}/modules`, `BOARD_JSON_URL=${WEB}/json`].flatMap((one) => ["--config", one]);
    const child = spawn(process.execPath, [cli!, "--no-ble", "-q", "--port", PORT, ...config, ...more, file], {
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 30_000,
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += String(text)));
    try {
      await eventually(() => printed.includes(wanted), 30_000);
    } catch {
      expect(printed).to.contain(wanted);
    } finally {
      const closed = once(child, "close");
      if (child.kill()) await closed;
    }
    return printed;
  }

  it("takes the library into Storage under its name, and the document's program finds it, asking the web for nothing", async () => {
    const printed = await send(
      OVER_TELNET,
      "error identity: no identity in flash",
      "--storage",
      "WifiBinding:build/WifiBinding.min.js",
    );
    expect(printed).to.not.contain("Uncaught");
    expect(printed).to.contain(`getURL("${WEB}/json`).and.not.contain(`${WEB}/modules`);
  });

  it("finds it by a plain `require` too, but asks the web first", async () => {
    const printed = await send(
      'print("there are", Object.keys(require("WifiBinding")).length > 10);',
      "there are true",
    );
    expect(printed).to.contain(`getURL("${WEB}/modules/WifiBinding.min.js")`);
  });
});
