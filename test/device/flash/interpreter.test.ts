/** Flashing into a real interpreter over its telnet console: everything from an empty device to a bound one, kill -9. */
import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bindDevice } from "../../../sim/app/index.js";
import { run } from "../../../tools/command/program.js";
import { demoProducts, startCloud, type Cloud } from "../../../sim/cloud/index.js";
import { findEspruino } from "../../../sim/emulator/index.js";
import { install as fill } from "../../../sim/emulator/interpreter/install.js";
import { InterpreterProcess } from "../../../sim/emulator/interpreter/process.js";
import { RADIO_FILE, radioFile, WIFI_MODULE, WIFI_MODULE_NAME } from "../../../sim/emulator/radio/wifi.js";
import { inspectBoard } from "../../../tools/flash/board.js";
import type { Console } from "../../../tools/flash/console.js";
import { readCopies } from "../../../tools/flash/identity-blocks.js";
import { install, planInstall, type Package } from "../../../tools/flash/install.js";
import { openConsole } from "../../../tools/flash/port-link.js";
import { readLabels } from "../../../tools/factory/labels-file.js";
import { eventually } from "../../unit/sim/emulator/harness.js";
import { temporaryFolder } from "../../unit/tools/command/harness.js";

/** Where the Linux build serves telnet (jswrap_telnet.c). */
const PORT = "tcp://127.0.0.1:2323";
const HOST = "127.0.0.1";
const NETWORK = { ssid: "home", password: "right-password" };
const quiet = { onBytes() {}, onStep() {} };
const boot = readFileSync("build/boot.min.js", "latin1").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
const app = (name: string): Package => ({
  app: `print("app ${name}");if(global.appIsGood)global.appIsGood();"${name.repeat(300)}"`,
  boot,
});

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("flash: the real interpreter", function () {
  this.timeout(300_000);
  const folder = temporaryFolder();
  const binary = findEspruino();
  const lines: string[] = [];
  let device: InterpreterProcess | undefined;

  const powerOff = async (): Promise<void> => {
    await device?.kill();
    device = undefined;
  };
  const powerOn = (): void => {
    device = new InterpreterProcess(
      binary!,
      ["--telnet"],
      folder,
      (line) => lines.push(line),
      () => {},
    );
  };
  /** Which application it boots into. */
  const bootsInto = async (): Promise<string | undefined> => {
    await powerOff();
    lines.length = 0;
    powerOn();
    for (let tries = 0; tries < 50 && !lines.some((line) => /app \w+$/.test(line)); tries++) await sleep(50);
    return lines.map((line) => /app \w+$/.exec(line)?.[0]).find(Boolean);
  };
  const connect = async (): Promise<Console> => {
    for (let tries = 0; tries < 20; tries++) {
      const found = await openConsole(PORT).catch(() => undefined);
      if (found) return found;
      await sleep(100);
    }
    throw new Error("no console");
  };
  const update = async (what: Package): Promise<void> => {
    const console = await connect();
    try {
      const plan = await planInstall(console, await inspectBoard(console), what);
      await install(console, plan, what, quiet);
    } finally {
      console.close();
    }
  };
  const ended = async (...argv: string[]): Promise<{ status: number; out: string[]; err: string[] }> => {
    const out: string[] = [];
    const err: string[] = [];
    const stop = new AbortController().signal;
    const status = await run(argv, {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      colour: false,
      stop,
    });
    return { status, out, err };
  };
  const command = async (...argv: string[]): Promise<string[]> => {
    const { status, out, err } = await ended(...argv);
    expect(status, err.join()).to.equal(0);
    return out;
  };

  before(function () {
    if (!binary) this.skip();
  });
  beforeEach(async () => {
    const files = { [WIFI_MODULE_NAME]: WIFI_MODULE, [RADIO_FILE]: radioFile(HOST, [NETWORK]) };
    writeFileSync(join(folder, "espruino.flash"), "");
    await fill(binary!, folder, files, []);
    powerOn();
  });
  afterEach(powerOff);

  it("an empty device is flashed, gets its identity, and binds", async () => {
    const products = demoProducts();
    const cloud: Cloud = await startCloud({ ...products });
    try {
      const { pk, ps } = products.products[0];
      const options = join(folder, "options.json");
      const labels = join(folder, "labels.csv");
      const secret = join(folder, "ps.txt");
      writeFileSync(options, JSON.stringify({ server: cloud.mqtt, debug: true }));
      writeFileSync(secret, ps);
      await (await connect()).close();
      const flashed = await command("flash", "--port", PORT, "--options", options, "--json");
      expect(flashed.at(-1)).to.equal('{"event":"good"}');
      await command("identity", "write", "--port", PORT, "--pk", pk, "--ps-file", secret, "--pop", "--labels", labels);
      const [label] = readLabels(labels);
      const { envelope, dk } = await bindDevice({
        ...{ address: HOST, cloud: cloud.http, token: products.users[0].token, ...NETWORK, pop: label.pop },
      });
      expect([envelope.code, dk]).to.deep.equal([200, label.dk]);
      const identity = async () => {
        const console = await connect();
        const found = await readCopies(console, await inspectBoard(console));
        console.close();
        return found;
      };
      const before = await identity();
      await command("identity", "erase", "--port", PORT, "--journal", "--force", "--json");
      const after = await identity();
      expect([after.identity?.pop, after.damaged]).to.deep.equal([label.pop, []]);
      expect(after.identity?.seed).not.to.equal(before.identity?.seed);
      // Without its journal it has no network and no DeviceSecret: it takes a network again, as a device that was reset.
      const again = await bindDevice({
        ...{ address: HOST, cloud: cloud.http, token: products.users[0].token, ...NETWORK, pop: label.pop },
      });
      expect(again.envelope.code).to.equal(200);
      await command("identity", "erase", "--port", PORT, "--force");
      await eventually(async () => (await identity()).identity === undefined);
    } finally {
      await cloud.stop();
    }
  });

  it("an update is killed at many moments: the old application boots or the new one", async () => {
    const start = Date.now();
    await update(app("one"));
    const whole = Date.now() - start;
    expect(await bootsInto()).to.equal("app one");
    const seen = new Set<string | undefined>();
    const moments = 14;
    for (let moment = 0; moment < moments; moment++) {
      const ended = update(app(`two${moment}`)).then(
        () => true,
        () => false,
      );
      await sleep((1.2 * whole * (moment + 1)) / moments);
      await powerOff();
      await ended;
      const booted = await bootsInto();
      expect(booted, `killed at moment ${moment}`).to.match(/^app (one|two\d+)$/);
      seen.add(booted);
    }
    expect(seen).to.include("app one");
    expect(seen.size, "no update was finished").to.be.above(1);
    await update(app("three"));
    expect(await bootsInto()).to.equal("app three");
  });

  it("a broken application boots three times, then the one before", async () => {
    await update(app("one"));
    expect(await bootsInto()).to.equal("app one");
    await update({ app: 'print("app broken");throw new Error("broken");', boot });
    const boots = [];
    for (let i = 0; i < 5; i++) boots.push(await bootsInto());
    expect(boots).to.deep.equal(["app broken", "app broken", "app broken", "app one", "app one"]);
  });

  it("functions of the application stay in flash", async () => {
    const text = `function far(a){${"a=a+1;".repeat(400)}return a}print("app far");if(global.appIsGood)global.appIsGood();`;
    await update({ app: text, boot });
    expect(await bootsInto()).to.equal("app far");
    const console = await connect();
    expect(await console.eval("[far(1),E.getSizeOf(far)<20]")).to.deep.equal([401, true]);
    console.close();
  });

  it("the only application survives a cut after each step of a second update, though its trial was cut three times", async () => {
    const flash = join(folder, "espruino.flash");
    await update({ app: 'print("app only")', boot });
    for (let i = 0; i < 4; i++) expect(await bootsInto()).to.equal("app only");
    await powerOff();
    const before = readFileSync(flash);
    for (let steps = 0, done = false; !done; steps++) {
      await powerOff();
      writeFileSync(flash, before);
      powerOn();
      const console = await connect();
      let left = steps;
      const cable = {
        eval: (text: string) => (left-- > 0 ? console.eval(text) : Promise.reject(new Error("torn off"))),
      };
      done = await inspectBoard(cable)
        .then((board) => planInstall(cable, board, app("next")))
        .then((plan) => install(cable, plan, app("next"), quiet))
        .then(
          () => true,
          () => false,
        );
      console.close();
      expect(await bootsInto(), `cut after ${steps}`).to.be.oneOf(done ? ["app next"] : ["app only", "app next"]);
      expect(steps).to.be.below(60);
    }
  });

  it("an application on trial that stops all timers is restarted, and goes back", async () => {
    await update(app("one"));
    expect(await bootsInto()).to.equal("app one");
    const quick = boot.replace("12e3", "400");
    expect(quick).not.to.equal(boot);
    const console = await connect();
    const what = { app: 'setInterval(function(){},100);clearTimeout();clearInterval();print("app idle")', boot: quick };
    await install(console, await planInstall(console, await inspectBoard(console), what), what, quiet);
    console.close();
    expect(await bootsInto(), lines.join("|")).to.equal("app idle");
    for (let tries = 0; tries < 100 && !lines.some((line) => /app one$/.test(line)); tries++) await sleep(100);
    const boots = lines.map((line) => /app \w+$/.exec(line)?.[0]).filter(Boolean);
    expect(boots).to.deep.equal(["app idle", "app idle", "app idle", "app one"]);
  });

  it("flash --app fails by what the application throws, and the one before comes back", async () => {
    const options = join(folder, "own.json");
    writeFileSync(options, '{"server":"mqtt://127.0.0.1:1883","debug":true}');
    const file = join(folder, "throws.js");
    const good = "setTimeout(function(){if(global.appIsGood)global.appIsGood()},3000);";
    await update(app("one"));
    expect(await bootsInto()).to.equal("app one");
    for (const wrong of ["setTimeout(function(){null.x},500);", "null.x;"]) {
      writeFileSync(file, good + wrong);
      const { status, out, err } = await ended("flash", "--port", PORT, "--app", file, "--options", options);
      expect(status, out.join("\n") + err.join()).to.equal(1);
      expect(err.join()).to.match(/threw: Uncaught .*; the device goes back/);
      expect(await bootsInto()).to.equal("app one");
    }
  });
});
