/** The simulated Bluetooth of a device, reached from another process: the commands, and what goes wrong between them. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";

import { expect } from "chai";

import { BLE_PORT, bluetoothAt } from "../../../../sim/emulator/index.js";
import { encodeLabel } from "../../../../tools/factory/label.js";
import { Person, Run, temporaryFolder } from "../../tools/command/harness.js";
import { eventually } from "./harness.js";

const HOST = "127.65.1.1";
const POP = "7KQ2MZ4XPRT9WHB3E";
const PASSWORD = "correct:horse";

describe("command: bind --ble", function () {
  this.timeout(30_000);
  const folder = temporaryFolder();
  const products = join(folder, "products.json");
  let cloud: Run;
  let http: string;
  let mqtt: string;
  let pk: string;
  let device: Run;
  let devices = 0;
  let dk: string;

  before(async () => {
    cloud = new Run("cloud", "--write-products", products);
    ({ http, mqtt } = (await cloud.event("listening")) as Record<string, string>);
  });
  after(() => cloud.stop());
  afterEach(() => device?.stop());

  async function start(...more: string[]): Promise<void> {
    dk = `86000000000002${devices++}`;
    const place = ["--products", products, "--host", HOST, "--dk", dk, "--ap", `home:${PASSWORD.replace(":", "\\:")}`];
    device = new Run("device", ...place, "--cloud", mqtt, "--json", ...more);
    ({ pk } = (await device.event("started")) as Record<string, string>);
  }

  async function bind(...more: string[]): Promise<Run> {
    const run = new Run("bind", "--cloud", http, "--products", products, "--json", ...more);
    await run.status;
    return run;
  }

  const network = ["--ssid", "home", "--password", PASSWORD];
  const advertised = async (): Promise<number> => (await bluetoothAt(HOST).advertisement())?.data.length ?? 0;

  it("provisions and binds an open device, which then is anonymous, and another user by its window", async () => {
    await start("--ble");
    expect(await advertised()).to.equal(12);
    const run = await bind("--ble", HOST, ...network);
    expect(await run.status, run.err.join()).to.equal(0);
    expect(run.events().at(-1)).to.include({ event: "answer", code: 200, pk, dk });
    expect(run.events()[0]).to.include({ step: "discovered", address: "24:0a:c4:00:00:01", dk: "" });
    expect(run.events().map(({ progress }) => progress)).to.include("binding");
    await eventually(async () => (await advertised()) === 6);
    const again = await bind("--ble", HOST);
    expect(again.err.join()).to.contain("no binding window open");
  });

  it("proves the label's proof of possession, for which it needs the DeviceKey", async () => {
    await start("--ble", "--pop", POP);
    const missing = await bind("--ble", HOST, ...network, "--pop", POP);
    expect([await missing.status, missing.err.join()]).to.deep.equal([2, missing.err.join()]);
    expect(missing.err.join()).to.contain("--dk or --qr");
    const none = await bind("--ble", HOST, ...network);
    expect(none.err.join()).to.contain("proof of possession needed");
    const label = encodeLabel({ pk, dk, pop: POP, ssid: "WB-0011" });
    const run = await bind("--ble", HOST, ...network, "--qr", label);
    expect(await run.status, run.err.join()).to.equal(0);
    expect(run.events().at(-1)).to.include({ code: 200, dk });
  });

  it("asks a person for the proof and the password, on one connection after the other", async () => {
    await start("--ble", "--pop", POP);
    const anonymous = new Run("bind", "--cloud", http, "--products", products, "--ble", HOST, new Person([POP]));
    expect(await anonymous.status).to.equal(2);
    const person = new Person([POP, PASSWORD]);
    const place = ["--ble", HOST, "--dk", dk, "--ssid", "home"];
    const run = new Run("bind", "--cloud", http, "--products", products, ...place, person);
    expect(await run.status, run.err.join()).to.equal(0);
    expect(person.questions).to.have.length(2);
    expect(run.out.join()).to.contain(`${dk} at 24:0a:c4:00:00:01`).and.to.not.contain("unknown");
  });

  it("says what to do where nothing is near, where it is another product, and where another app is at it", async () => {
    await start();
    expect((await bind("--ble", HOST, ...network)).err.join()).to.contain("`wifi-binding device --ble`");
    await device.stop();
    await start("--ble");
    expect((await bind("--ble", HOST, "--pk", "other", ...network)).err.join()).to.contain("none of product other");
    const client = await bluetoothAt(HOST).connect();
    expect((await bind("--ble", HOST, ...network)).err.join()).to.contain("does not advertise");
    await client.disconnect();
    await eventually(async () => (await advertised()) === 12);
    for (const other of [
      ["--device", HOST],
      ["--code", "0".repeat(16)],
    ]) {
      const run = await bind("--ble", HOST, ...other);
      expect([await run.status, run.err.join()]).to.deep.equal([2, run.err.join()]);
      expect(run.err.join()).to.contain("cannot be used with");
    }
    const taken = new Run("device", "--products", products, "--host", HOST, "--cloud", mqtt, "--ble");
    expect(await taken.status).to.equal(1);
  });

  it("tells a phone that its device has lost its power, and ends whoever talks nonsense", async () => {
    await start("--ble");
    const client = await bluetoothAt(HOST).connect();
    const gone = new Promise<void>((resolve) => client.onDisconnected(resolve));
    const say = async (text: string): Promise<Socket> => {
      const socket = connect(BLE_PORT, HOST).on("error", () => {});
      socket.resume().write(text);
      await once(socket, "close");
      return socket;
    };
    for (const text of ["nonsense\n", "7".repeat(5000)]) expect((await say(text)).destroyed).to.equal(true);
    const wrong = await bluetoothAt(HOST).connect(7).catch(String);
    expect(wrong).to.contain("an MTU is 23-500 bytes");
    await device.stop();
    await gone;
    expect(await client.write(Buffer.from("a")).catch(String)).to.contain("the Bluetooth connection is gone");
    expect(await bluetoothAt(HOST).advertisement().catch(String)).to.contain("nothing is near");
  });
});
