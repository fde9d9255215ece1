/** `flash` gives a build with Bluetooth the module for it. */
import { expect } from "chai";
import { engine, type Device } from "../../../../sim/emulator/index.js";
import { run } from "../../../../tools/command/program.js";
import { ConsoleServer } from "./console-server.js";

describe("command: flash and Bluetooth", () => {
  let device: Device;
  let server: ConsoleServer;

  afterEach(async () => {
    server.stop();
    await device.stop();
  });

  /** Names of the files that it would write. */
  async function planned(bluetooth: boolean, ...more: string[]): Promise<string[]> {
    device = await engine("emulator").start({ host: "127.79.1.1", storage: {}, bluetooth });
    server = await ConsoleServer.start((expression) => device.eval(expression));
    const out: string[] = [];
    const fixed = ["--server", "mqtt://127.0.0.1:1883", "--dry-run", "--json"];
    const status = await run(["flash", "--port", server.port, ...fixed, ...more], {
      out: (line) => void out.push(line),
      err: (line) => void out.push(line),
      colour: false,
      stop: new AbortController().signal,
    });
    expect(status, out.join()).to.equal(0);
    const plan = out.map((line) => JSON.parse(line)).find(({ event }) => event === "plan");
    return (plan as { writes: { file: string }[] }).writes.map(({ file }) => file);
  }

  it("writes the module where the build has Bluetooth", async () => {
    expect(await planned(true)).to.include("WifiBindingBle");
  });

  it("leaves it out where the build has none", async () => {
    expect(await planned(false)).to.not.include("WifiBindingBle");
  });

  it("leaves it out with --no-ble", async () => {
    expect(await planned(true, "--no-ble")).to.not.include("WifiBindingBle");
  });
});
