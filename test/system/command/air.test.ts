/** The simulated Bluetooth of a device, reached from another process: the air itself, the commands, and what goes wrong. */

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";

import { expect } from "chai";

import { readAdvertised, type Advertised } from "../../../sim/app/index.js";
import { parseAdvertisement } from "../../../sim/emulator/ble/packets.js";
import { BLE_PORT, bluetoothAt, serveBluetooth, type Device } from "../../../sim/emulator/index.js";
import { encodeLabel } from "../../../tools/factory/label.js";
import { Person, Run, temporaryFolder } from "../../unit/tools/command/harness.js";
import { boot, eventually } from "../../unit/sim/emulator/harness.js";

const HOST = "127.65.1.1";
const POP = "7KQ2MZ4XPRT9WHB3E";
const PASSWORD = "correct:horse";

/** Indicates what is written to it. */
const ECHO = `NRF.setServices({0x180a:{0x9c40:{writable:true,indicate:true,onWrite:function(event){
  NRF.updateServices({0x180a:{0x9c40:{value:E.toString(event.data),indicate:true}}});
}}}},{uart:false});
NRF.setAdvertising({0x180a:undefined},{showName:false,manufacturer:0x5551,manufacturerData:"abc"});`;

describe("the simulated Bluetooth, from another process", () => {
  let device: Device;
  let leave: (() => Promise<void>) | undefined;

  beforeEach(async () => {
    device = await boot("emulator", ECHO, { host: HOST, bluetooth: true });
    leave = await serveBluetooth(device.bluetooth, HOST);
  });
  afterEach(async () => {
    await leave?.();
    await device.stop();
    expect(device.uncaught).to.deep.equal([]);
  });

  it("advertises what is on the air, in structures of 31 bytes", async () => {
    const seen = await bluetoothAt(HOST).advertisement();
    expect(seen).to.deep.include({ flags: 6, services: [0x180a], manufacturer: 0x5551, data: Buffer.from("abc") });
    expect(seen!.raw.toString("hex")).to.equal("02010603030a1806ff5155616263");
    await device.eval("NRF.setAdvertising({},{manufacturer:0,name:'A name that is longer than that'})");
    const named = (await bluetoothAt(HOST).advertisement())!;
    expect([named.raw.length, named.name, named.manufacturer]).to.deep.equal([
      31,
      "A name that is longer than",
      undefined,
    ]);
    const long = device.eval("NRF.setAdvertising({},{manufacturer:1,manufacturerData:'123456789012345678901234567'})");
    expect(await long.catch((error: Error) => error.message)).to.match(/too long when adding Manufacturer data/);
    await device.eval("NRF.sleep()");
    expect(await bluetoothAt(HOST).advertisement()).to.equal(undefined);
  });

  it("joins the elements of an array, which do not take turns on ESP32", async () => {
    await device.eval("NRF.setAdvertising([[2,1,6],[2,10,0]],{})");
    expect((await bluetoothAt(HOST).advertisement())!.raw.toString("hex")).to.equal("020106020a00");
    const long = device.eval("NRF.setAdvertising([{0x180a:undefined},{}],{manufacturer:0,name:'four-and-twenty'})");
    expect(await long.catch((error: Error) => error.message)).to.match(/ESP_ERR_INVALID_ARG/);
    expect((await bluetoothAt(HOST).advertisement())!.raw).to.have.length(6);
  });

  it("carries writes and indications within the MTU, to a phone that has subscribed", async () => {
    const client = await bluetoothAt(HOST).connect(1000);
    expect(client.mtu).to.equal(500);
    let heard = "";
    client.onIndication((bytes) => (heard += bytes.toString()));
    await client.write(Buffer.from("unheard"));
    await client.subscribe();
    await client.write(Buffer.from("heard"));
    await eventually(() => heard === "heard");
    expect(await client.write(Buffer.alloc(498)).catch(String)).to.contain("at most 497 bytes");
    expect(await bluetoothAt(HOST).connect().catch(String)).to.contain("does not advertise");
    await client.disconnect();
    const small = await eventually(() =>
      bluetoothAt(HOST)
        .connect()
        .catch(() => undefined),
    );
    expect(small.mtu).to.equal(23);
    let cut = "";
    small.onIndication((bytes) => (cut += bytes.toString()));
    await small.subscribe();
    await device.eval("NRF.updateServices({0x180a:{0x9c40:{value:'0123456789012345678901234',indicate:true}}})");
    await eventually(() => cut === "01234567890123456789");
    await small.disconnect();
  });

  it("ends whoever talks nonsense, and tells a phone that its device has lost its power", async () => {
    const client = await bluetoothAt(HOST).connect();
    const gone = new Promise<void>((resolve) => client.onDisconnected(resolve));
    const say = async (text: string): Promise<Socket> => {
      const socket = connect(BLE_PORT, HOST).on("error", () => {});
      socket.resume().write(text);
      await once(socket, "close");
      return socket;
    };
    for (const text of ["nonsense\n", "7".repeat(5000)]) expect((await say(text)).destroyed).to.equal(true);
    for (const mtu of [7, NaN, -1]) {
      expect(await bluetoothAt(HOST).connect(mtu).catch(String), `${mtu}`).to.match(/an MTU is at least 23 bytes/);
    }
    const stranger = connect(BLE_PORT, HOST);
    stranger.write('{"write":"YQ=="}\n');
    expect(String((await once(stranger, "data"))[0])).to.contain("there is no Bluetooth connection");
    stranger.destroy();
    await device.stop();
    await gone;
    expect(await client.write(Buffer.from("a")).catch(String)).to.contain("the Bluetooth connection is gone");
    await leave?.();
    leave = undefined;
    expect(await bluetoothAt(HOST).advertisement().catch(String)).to.contain("nothing is near");
  });

  it("reads no advertisement beyond its end", () => {
    const parse = (text: string) => parseAdvertisement(Buffer.from(text, "hex"));
    expect(parse("")).to.deep.include({ services: [] });
    expect(parse("00ff")).to.deep.include({ services: [] });
    expect(parse("0201060000000000").flags).to.equal(6);
    expect(parse("0403010203").services).to.deep.equal([0x0201]);
    expect(parse("02ff51").manufacturer).to.equal(undefined);
    expect(parse("ff")).to.deep.include({ services: [] });
    for (const text of ["0201", "050201"]) expect(() => parse(text), text).to.throw("ends within a structure");
  });
});

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
    const place = ["--products", products, "--host", HOST, "--dk", dk, "--ap", "home:correct\\:horse"];
    device = new Run("device", ...place, "--cloud", mqtt, "--json", ...more);
    ({ pk } = (await device.event("started")) as Record<string, string>);
  }

  async function bind(...more: string[]): Promise<Run> {
    const run = new Run("bind", "--cloud", http, "--products", products, "--json", ...more);
    await run.status;
    return run;
  }

  const network = ["--ssid", "home", "--password", PASSWORD];
  /** What the device says of itself; the name has its turns, too. */
  const advertised = async (): Promise<Advertised | undefined> => {
    const packet = await bluetoothAt(HOST).advertisement();
    return packet && readAdvertised(packet.manufacturer, packet.data);
  };

  it("provisions and binds a device, which then advertises that it is bound", async () => {
    await start("--ble");
    const before = await eventually(advertised);
    expect(before).to.include({
      pk,
      dk,
      configured: false,
      bound: false,
      bindable: true,
      capabilities: 7,
      access: "tcp",
    });
    const run = await bind("--ble", HOST, ...network);
    expect(await run.status, run.err.join()).to.equal(0);
    expect(run.events().at(-1)).to.include({ event: "answer", code: 200, pk, dk });
    expect(run.events()[0]).to.include({ step: "discovered", address: HOST, dk });
    const after = await eventually(async () => (await advertised())?.bound && advertised());
    expect(after).to.include({ dk, configured: true, bindable: false });
  });

  it("proves the label's proof of possession", async () => {
    await start("--ble", "--pop", POP);
    const none = await bind("--ble", HOST, ...network);
    expect(none.err.join()).to.contain("proof of possession needed");
    const label = encodeLabel({ pk, dk, pop: POP, ssid: "WB-0011" });
    const run = await bind("--ble", HOST, ...network, "--qr", label);
    expect(await run.status, run.err.join()).to.equal(0);
    expect(run.events().at(-1)).to.include({ code: 200, dk });
  });

  it("asks a person for the proof and the password, on one connection after the other", async () => {
    await start("--ble", "--pop", POP);
    const person = new Person([POP, PASSWORD]);
    const place = ["--ble", HOST, "--dk", dk, "--ssid", "home"];
    const run = new Run("bind", "--cloud", http, "--products", products, ...place, person);
    expect(await run.status, run.err.join()).to.equal(0);
    expect(person.questions).to.have.length(2);
    expect(run.out.join()).to.contain(`${dk} at ${HOST}`).and.to.not.contain("unknown");
  });

  it("says what to do where nothing is near, where it is another product, and where another app is at it", async () => {
    await start();
    expect((await bind("--ble", HOST, ...network)).err.join()).to.contain("`wifi-binding device --ble`");
    await device.stop();
    await start("--ble");
    expect((await bind("--ble", HOST, "--pk", "other", ...network)).err.join()).to.contain("none of product other");
    expect((await bind("--ble", HOST, "--dk", "ABCD", ...network)).err.join()).to.contain(`is ${dk}, not ABCD`);
    const client = await bluetoothAt(HOST).connect();
    expect((await bind("--ble", HOST, ...network)).err.join()).to.contain("does not advertise");
    await client.disconnect();
    await eventually(advertised);
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
});
