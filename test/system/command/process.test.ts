/** The bundled command as people start it: three processes, signals, a reader that goes away. */
import { expect } from "chai";
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { findEspruino } from "../../../sim/emulator/index.js";
import { listenersOn } from "../../../tools/command/listeners.js";
import { packageFile } from "../../../tools/command/package.js";
import type { Products } from "../../../sim/cloud/index.js";
import { watch } from "../../support/secrets.js";
import { temporaryFolder } from "../../unit/tools/command/harness.js";

const HOST = "127.66.0.1";

/** A process whose parent has gone may stay as a zombie for a while. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("command: processes", () => {
  const folder = temporaryFolder();
  const children: ChildProcess[] = [];
  const start = (env: NodeJS.ProcessEnv, ...argv: string[]) => {
    const options = { cwd: folder, env: { ...process.env, ...env } };
    const child = spawn(process.execPath, [packageFile("build", "cli.js"), ...argv], options);
    children.push(child);
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface(stream).on("line", (line) => watch.said("a process", line));
    }
    return child;
  };
  const firstLine = async (child: ChildProcess) => (await once(createInterface(child.stdout!), "line"))[0] as string;
  const status = async (child: ChildProcess) => (await once(child, "exit"))[0] as number | null;

  after(() => {
    for (const child of children) child.kill("SIGKILL");
  });

  it("cloud, device and bind are three processes; two end by signals with status 0", async () => {
    const cloud = start({}, "cloud", "--write-products", "demo.json");
    const { http, mqtt } = JSON.parse(await firstLine(cloud)) as Record<string, string>;
    const place = ["--products", "demo.json", "--host", HOST, "--cloud", mqtt, "--ap", "home:correct horse", "--json"];
    const device = start({}, "device", ...place);
    await firstLine(device);
    const env = { WIFI_BINDING_PASSWORD: "correct horse" };
    const bind = start(env, "bind", "--device", HOST, "--cloud", http, "--products", "demo.json", "--ssid", "home");
    expect(await status(bind)).to.equal(0);
    const ends = Promise.all([status(cloud), status(device)]);
    cloud.kill("SIGINT");
    device.kill("SIGTERM");
    expect(await ends).to.deep.equal([0, 0]);
    const { products, users } = JSON.parse(readFileSync(join(folder, "demo.json"), "utf8")) as Products;
    watch.secret("a ProductSecret", products[0].ps);
    watch.secret("a token", users[0].token);
    watch.secret("a Wi-Fi password", env.WIFI_BINDING_PASSWORD);
  });

  it("ends with an error when its output is read no more", async () => {
    const cloud = start({}, "cloud");
    let complaint = "";
    cloud.stderr!.on("data", (data) => (complaint += data));
    const { http } = JSON.parse(await firstLine(cloud)) as Record<string, string>;
    cloud.stdout!.destroy();
    const end = status(cloud);
    await fetch(`${http}/v2/binding/enduserapi/v2/deviceBindingByWifi`, { method: "POST" }).catch(() => {});
    expect(await end).to.equal(1);
    expect(complaint).to.match(/^wifi-binding: cannot write to standard output \(.*EPIPE.*\)\n$/);
  });

  describe("decode of a large file", () => {
    const LINES = 100_000;
    const frame = "AAAA00058B03E87030";
    const file = join(folder, "large.jsonl");
    before(() => {
      const padding = " ".repeat(120);
      const line = `{"connection":1,"direction":"down","time":1,"hex":"${frame}"${padding}}\n`;
      writeFileSync(file, line.repeat(LINES));
    });

    it("needs no more memory than for a small one, though its reader is slow", async function () {
      this.timeout(60_000);
      const child = start({ NODE_OPTIONS: "--max-old-space-size=48" }, "decode", file, "--json");
      child.stdout!.pause();
      await sleep(2000);
      let lines = 0;
      child.stdout!.on("data", (data: Buffer) => (lines += data.toString().split("\n").length - 1));
      child.stdout!.resume();
      expect((await once(child, "close"))[0]).to.equal(0);
      expect(lines).to.equal(LINES);
    });

    it("ends at the first signal although its reader takes nothing", async () => {
      const child = start({}, "decode", file);
      await once(child.stdout!, "readable");
      child.stdout!.pause();
      await sleep(1000);
      const begun = Date.now();
      child.kill("SIGTERM");
      await once(child, "exit");
      expect(Date.now() - begun).to.be.below(3000);
    });

    it("ends at once and quietly when its output is read no more", async () => {
      const child = start({}, "decode", file);
      let complaint = "";
      child.stderr!.on("data", (data) => (complaint += data));
      await firstLine(child);
      const begun = Date.now();
      child.stdout!.destroy();
      expect(await status(child)).to.equal(0);
      expect(complaint).to.equal("");
      expect(Date.now() - begun).to.be.below(1000);
    });
  });

  for (const argv of [
    ["decode", "AA", "AA", "00", "05", "8B", "03", "E8", "70", "30"],
    ["--help"],
    ["cloud", "--json"],
  ]) {
    it(`ends with an error on a full disk: ${argv.join(" ")}`, async function () {
      if (!existsSync("/dev/full")) return this.skip();
      const full = openSync("/dev/full", "w");
      const stdio: StdioOptions = ["ignore", full, "pipe"];
      const child = spawn(process.execPath, [packageFile("build", "cli.js"), ...argv], { cwd: folder, stdio });
      children.push(child);
      closeSync(full);
      let complaint = "";
      child.stderr!.on("data", (data) => (complaint += data));
      expect(await status(child)).to.equal(1);
      expect(complaint).to.match(/^wifi-binding: cannot write to standard output \(ENOSPC.*\)\n$/);
    });
  }

  it("SIGHUP ends a cloud of its own product, which takes its secrets with it, and makes another read its file", async () => {
    const own = start({}, "cloud");
    const { products } = JSON.parse(await firstLine(own)) as Record<string, string>;
    const end = status(own);
    own.kill("SIGHUP");
    expect(await end).to.equal(0);
    expect(existsSync(products)).to.equal(false);

    const file = join(folder, "kept.json");
    writeFileSync(file, JSON.stringify({ products: [{ pk: "p1", ps: "0123456789abcdef" }], users: [] }), {
      mode: 0o600,
    });
    const given = start({}, "cloud", "--products", file, "--json");
    const lines = createInterface(given.stdout!);
    const seen = new Promise<string>((resolve) => {
      lines.on("line", (line) => line.includes('"productsRead"') && resolve(line));
    });
    await once(lines, "line");
    given.kill("SIGHUP");
    expect(await seen).to.contain("productsRead");
    given.kill("SIGTERM");
    expect(await status(given)).to.equal(0);
  });

  it("SIGHUP ends a device of the real interpreter, and the interpreter with it", async function () {
    if (!findEspruino()) return this.skip();
    this.timeout(30_000);
    const device = ["device", "--engine", "espruino", "--cloud", "mqtt://127.0.0.1:1", "--ap", "home:a password"];
    const child = start({ WIFI_BINDING_PS: "0123456789abcdef" }, ...device, "--pk", "p1", "--state", "none", "--json");
    const ready = new Promise<void>((resolve) => {
      createInterface(child.stdout!).on("line", (line) => line.includes('"provisioning"') && resolve());
    });
    await ready;
    expect(listenersOn("tcp", 6607)).to.have.length(1);
    const end = status(child);
    child.kill("SIGHUP");
    expect(await end).to.equal(0);
    expect(listenersOn("tcp", 6607)).to.deep.equal([]);
  });

  it("kill -9 ends a device, and the interpreter whose firmware no longer reads its input", async function () {
    if (!findEspruino()) return this.skip();
    this.timeout(30_000);
    const device = ["device", "--engine", "espruino", "--cloud", "mqtt://127.0.0.1:1", "--ap", "home:a password"];
    const child = start({ WIFI_BINDING_PS: "0123456789abcdef" }, ...device, "--pk", "p1", "--state", "none", "--json");
    await new Promise<void>((resolve) => {
      createInterface(child.stdout!).on("line", (line) => line.includes('"provisioning"') && resolve());
    });
    const end = status(child);
    child.kill("SIGKILL");
    await end;
    for (let tries = 0; tries < 20 && listenersOn("tcp", 6607).length; tries++) await sleep(100);
    expect(listenersOn("tcp", 6607)).to.deep.equal([]);
  });

  it("kill -9 ends what the command has started, though it reads no input", async function () {
    if (process.platform !== "linux") return this.skip();
    const program = join(folder, "parent.mts");
    const pin = JSON.stringify(join(process.cwd(), "sim/emulator/interpreter/pin.ts"));
    writeFileSync(
      program,
      `import { spawn } from "node:child_process";
       import { pinned } from ${pin};
       console.log(spawn(...pinned("sleep", ["1000"])).pid);
       setInterval(() => {}, 1000);`,
    );
    const parent = spawn(process.execPath, ["--import", "tsx", program], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(parent);
    const pid = Number(await firstLine(parent));
    expect(isAlive(pid)).to.equal(true);
    const end = status(parent);
    parent.kill("SIGKILL");
    await end;
    for (let tries = 0; tries < 20 && isAlive(pid); tries++) await sleep(100);
    const left = isAlive(pid);
    if (left) process.kill(pid, "SIGKILL");
    expect(left).to.equal(false);
  });
});
