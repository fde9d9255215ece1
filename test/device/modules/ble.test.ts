/** The module WifiBindingBle as it is flashed, in every engine, on a core that only records: the air and the link. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { readAdvertised } from "../../../sim/app/index.js";
import type { Device } from "../../../sim/emulator/index.js";
import type { Advertisement } from "../../../sim/emulator/ble/packets.js";
import { boot, ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";

const MODULE = readFileSync("build/WifiBindingBle.min.js", "latin1");

/** What WifiBinding offers, as far as the module uses it. Apps are numbered; what they wrote is in base64. */
const CORE = `var C = {
  id: { pk: "p1DEMO", dk: "A1B2C3D4E5F6", server: "mqtt://iot.example:1883" },
  now: "provisioning", open: undefined, bits: 3, listeners: [], links: [], got: [], closed: [], last: 0,
  fire: function (name, event) {
    C.listeners.forEach(function (one) { if (one[0] == name) setTimeout(one[1], 0, event); });
  },
  to: function (state) { C.now = state; C.fire("state", { state: state }); }
};
var W = {
  identity: function () { if (!C.id) throw new Error("not started"); return C.id; },
  state: function () { return C.now; },
  window: function () { return C.open; },
  capabilities: function () { return C.bits; },
  on: function (name, listener) { C.listeners.push([name, listener]); },
  advertise: function (bit, on) { C.bits = on ? C.bits | bit : C.bits & ~bit; },
  attach: function (link) {
    var app = C.links.length;
    C.links.push(link);
    return {
      received: function (bytes) { C.got.push(app + ":" + btoa(bytes)); C.last = bytes.length; },
      closed: function () { C.closed.push(app); }
    };
  }
};
var B = require("WifiBindingBle");`;

const bytesOf = (length: number, first = 0): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (first + i * 7) & 255));

for (const name of ENGINES) {
  describe(`module WifiBindingBle (${name})`, function () {
    this.timeout(40_000);
    let device: Device;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await device.stop();
      expect(device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    async function start(program = "B.start(W);", bluetooth = true): Promise<void> {
      device = await boot(name, CORE + program, { bluetooth, storage: { WifiBindingBle: MODULE } });
    }

    const say = (expression: string): Promise<unknown> => device.eval(expression);
    const connect = (mtu = 256) => device.bluetooth.connect(mtu);

    /** Everything that the apps wrote, in order, as app and bytes. */
    async function got(): Promise<[app: number, bytes: Buffer][]> {
      const all = (await say("C.got")) as string[];
      return all.map((one) => {
        const [app, bytes] = one.split(":");
        return [Number(app), Buffer.from(bytes, "base64")];
      });
    }

    /** The packets on the air, in a time in which both have their turn. */
    async function heard(milliseconds = 1300): Promise<Advertisement[]> {
      const seen = new Map<string, Advertisement>();
      for (const end = Date.now() + milliseconds; Date.now() < end; await pause(40)) {
        const packet = await device.bluetooth.advertisement();
        if (packet) seen.set(packet.raw.toString("hex"), packet);
      }
      return [...seen.values()];
    }

    const told = async () => {
      const packet = await device.bluetooth.advertisement();
      return packet && readAdvertised(packet.manufacturer, packet.data);
    };

    it("advertises what it is and its name in turns while it can be bound, each within 31 bytes", async () => {
      await start();
      const packets = await heard();
      expect(packets.map(({ raw }) => raw.toString("hex")).sort()).to.deep.equal([
        "020106" + "0303" + "0a18" + "0e09" + Buffer.from("QUEC_BLE_E5F6").toString("hex"),
        "020106" + "18ff5155" + "45430001" + "0670" + "3144454d4f" + "06a1b2c3d4e5f6" + "08" + "0712",
      ]);
      expect(Math.max(...packets.map(({ raw }) => raw.length))).to.equal(28);
      expect(await say("NRF._uart")).to.equal(false);
    });

    it("says what it is, and only that, while it cannot be bound", async () => {
      await start("C.now='bound';C.id.server='MQTTS://iot.example:8886';B.start(W);");
      expect(await heard()).to.have.length(1);
      expect(await told()).to.deep.equal({
        ...{ version: 1, pk: "p1DEMO", dk: "A1B2C3D4E5F6", configured: true, bound: true, bindable: false },
        ...{ capabilities: 7, access: "tls" },
      });
    });

    it("follows the device: its state, its window, its binding", async () => {
      await start("C.now='joining';B.start(W);");
      const now = async (): Promise<string> => {
        await pause(60);
        const { configured, bound, bindable } = (await told())!;
        return [configured && "configured", bound && "bound", bindable && "bindable"].filter(Boolean).join(" ");
      };
      expect(await now()).to.equal("configured");
      await say("C.fire('bound',{bound:true})");
      expect(await now()).to.equal("configured bound");
      await say("C.to('connecting')");
      expect(await now()).to.equal("configured bound");
      await say("C.to('online')");
      expect(await now()).to.equal("configured");
      await say("(C.open={seconds:9},C.fire('window',{seconds:9}))");
      expect(await now()).to.equal("configured bindable");
      await say("(C.open=undefined,C.to('bound'))");
      expect(await now()).to.equal("configured bound");
      await say("C.to('provisioning')");
      expect(await now()).to.equal("bound bindable");
      await say("C.fire('bound',{bound:false})");
      expect(await now()).to.equal("bindable");
      await say("C.to('idle')");
      expect(await now()).to.equal("");
    });

    it("packs the DeviceKey as hexadecimal digits, and leaves out what cannot be packed or does not fit", async () => {
      await start();
      for (const dk of ["860000000000021", "00aabbccddee", "demo1", "aBcd", "0x12", "0".repeat(19), "00"]) {
        await say(`(C.id.dk=${JSON.stringify(dk)},C.fire("state"))`);
        await pause(60);
        const seen = (await told())!;
        expect(seen.dk, dk).to.equal(/^([0-9a-f]{0,18}|[0-9A-F]{0,18})$/.test(dk) && dk !== "0x12" ? dk : "");
        expect(seen.pk).to.equal("p1DEMO");
      }
      await say(`(C.id={pk:"${"P".repeat(32)}",dk:"${"f".repeat(32)}",server:""},C.fire("state"))`);
      await pause(60);
      const packets = await heard();
      expect(packets.map((packet) => packet.name)).to.include("QUEC_BLE_FFFF");
      const long = packets.find(({ data }) => data)!;
      expect(readAdvertised(long.manufacturer, long.data)).to.include({ pk: "", dk: "", bindable: true });
    });

    it("takes writes of every size whole, up to what a packet of Espruino has", async () => {
      await start();
      const client = await connect(500);
      const sizes = [1, 20, 60, 61, 62, 77, 253, 497];
      for (const [at, size] of sizes.entries()) await client.write(bytesOf(size, at));
      await eventually(async () => (await got()).length === sizes.length);
      for (const [at, [app, bytes]] of (await got()).entries()) {
        expect(app).to.equal(0);
        expect(bytes.equals(bytesOf(sizes[at], at)), `${sizes[at]} bytes`).to.equal(true);
      }
      expect(await client.write(bytesOf(500)).catch(String)).to.contain("at most 497 bytes, not 500");
      await client.write(Buffer.alloc(0));
      await client.write(Buffer.from("end"));
      await eventually(async () => (await say("C.last")) === 3);
      expect(await got()).to.have.length(sizes.length + 1);
      await client.disconnect();
    });

    it("takes the event's 61 bytes where the whole value is another write's, an indication's, or gone", async () => {
      await start();
      const first = bytesOf(200, 1);
      const at = first.toString("base64");
      await connect();
      // Two writes before the first one's event; then an indication, another length, and no value at all in between.
      await say(`[NRF._write(1,"${at}"),NRF._write(1,"${bytesOf(253, 2).toString("base64")}")]`);
      await say(`[NRF._write(1,"${at}"),NRF.updateServices({0x180a:{0x9c40:{value:"hello",indicate:true}}})]`);
      for (const other of ["undefined", "7", '{"a":1}', '"short"', "E.toArrayBuffer('x')"]) {
        await say(`[NRF._write(1,"${at}"),global[String.fromCharCode(255)].BLE_CHAR_V0=${other}]`);
      }
      await eventually(async () => (await got()).length === 8);
      const all = await got();
      expect(all[1][1].equals(bytesOf(253, 2))).to.equal(true);
      for (const [i, [, bytes]] of all.entries()) {
        if (i !== 1) expect(bytes.equals(first.subarray(0, 61)), `write ${i}`).to.equal(true);
      }
    });

    it("indicates in pieces of 20 bytes, and of as many as the app has written at once", async () => {
      await start();
      const client = await connect(256);
      const sizes: number[] = [];
      let text = "";
      client.onIndication((bytes) => {
        sizes.push(bytes.length);
        text += bytes.toString("latin1");
      });
      await client.subscribe();
      await say('(C.links[0].send(new Array(46).join("a")),0)');
      await eventually(() => text.length === 45);
      await client.write(bytesOf(253));
      await eventually(async () => (await say("C.last")) === 253);
      await say('(C.links[0].send(new Array(301).join("b")),0)');
      await eventually(() => text.length === 345);
      expect(sizes).to.deep.equal([20, 20, 5, 253, 47]);
      await client.disconnect();
    });

    it("serves an app that never subscribes, and gives one up that takes nothing of much", async () => {
      await start();
      const client = await connect();
      client.onIndication(() => expect.fail("not subscribed"));
      await client.write(Buffer.from("first"));
      await eventually(async () => (await got()).length);
      await say('(C.links[0].send(new Array(99).join("a")),0)');
      await pause(400);
      await say('(C.links[0].send(new Array(5000).join("a")),C.links[0].send("b"),0)');
      await client.write(Buffer.from("second"));
      await eventually(async () => (await got()).length === 2);
      expect((await got()).map(([app, bytes]) => `${app} ${bytes}`)).to.deep.equal(["0 first", "1 second"]);
      await eventually(async () => ((await say("C.closed")) as number[]).length);
      expect(await say("C.closed")).to.deep.equal([0]);
      await client.disconnect();
      await eventually(async () => ((await say("C.closed")) as number[]).length === 2);
      expect(await say("C.closed")).to.deep.equal([0, 1]);
    });

    it("starts anew with each app, and forgets what was on the way to the one before", async () => {
      await start();
      const first = await connect();
      await first.subscribe();
      await first.write(bytesOf(100));
      await eventually(async () => (await got()).length);
      await say('(C.links[0].send(new Array(900).join("a")),0)');
      await first.disconnect();
      const second = await connect();
      let indicated = "";
      second.onIndication((bytes) => (indicated += bytes.toString("latin1")));
      await second.subscribe();
      await say('(C.links[0].send("late"),C.links[0].end(),C.links[1].send("c"),0)');
      await second.write(Buffer.from("x"));
      await eventually(async () => (await got()).length === 2);
      await pause(300);
      expect(indicated).to.equal("c");
      expect(await say("C.closed")).to.deep.equal([0]);
      await second.disconnect();
    });

    it("drops what an app writes while its end is on the way, says nothing more of it, and begins anew", async () => {
      await start();
      const client = await connect();
      await client.subscribe();
      let indicated = "";
      client.onIndication((bytes) => (indicated += bytes.toString("latin1")));
      await say('(C.links[0].send(new Array(101).join("a")),C.links[0].end(),0)');
      await client.write(Buffer.from("in between"));
      await eventually(() => indicated.length === 100);
      await pause(200);
      await client.write(Buffer.from("anew"));
      await eventually(async () => (await got()).length === 1);
      expect((await got()).map(([app, bytes]) => `${app} ${bytes}`)).to.deep.equal(["1 anew"]);
      await client.disconnect();
      await eventually(async () => ((await say("C.closed")) as number[]).length);
      expect(await say("C.closed")).to.deep.equal([1]);
    });

    it("lets no second app in, and ends the session of the first where Espruino has let one in", async () => {
      await start();
      const first = await connect();
      expect(await connect().catch(String)).to.contain("does not advertise");
      await say("(C.open={},C.fire('window',{seconds:9}),C.to('online'))");
      await pause(700);
      expect(await connect().catch(String)).to.contain("does not advertise");
      await say("NRF.setAdvertising({},{manufacturer:1,showName:false})");
      const second = await connect();
      await first.write(Buffer.from("one"));
      await second.write(Buffer.from("two"));
      await eventually(async () => (await got()).length === 2);
      expect(await say("C.closed")).to.deep.equal([0]);
      let indicated = "";
      first.onIndication(() => expect.fail("it is the second app's"));
      second.onIndication((bytes) => (indicated += bytes.toString()));
      await first.subscribe();
      await second.subscribe();
      await say('(C.links[1].send("answer"),0)');
      await eventually(() => indicated === "answer");
      await first.disconnect();
      await second.disconnect();
      await eventually(told);
      expect(await connect()).to.have.property("mtu", 256);
    });

    it("survives apps that come and go in the middle of everything, and floods", async () => {
      await start();
      for (let i = 0; i < 12; i++) {
        const client = await connect(23 + i);
        if (i & 1) await client.subscribe();
        await client.write(bytesOf(20, i));
        await say(`(C.links[${i}].send(new Array(99).join("a")),0)`);
        await client.disconnect();
        if (i & 2) await client.write(Buffer.from("a")).catch(() => undefined);
      }
      const client = await connect(256);
      const base64 = bytesOf(253).toString("base64");
      await say(`(function(){for(var i=0;i<200;i++)NRF._write(13,"${base64}")})()`);
      await eventually(async () => (await got()).length === 12 + 62);
      await client.write(Buffer.from("after"));
      await eventually(async () => (await say("C.last")) === 5);
      expect(((await say("C.closed")) as number[]).length).to.equal(12);
    });

    it("is silent when it is stopped, also after an app that stayed, and can be started again", async () => {
      await start();
      const client = await connect();
      expect(await say("(B.stop(),C.bits)")).to.equal(3);
      await client.write(Buffer.from("late"));
      await client.disconnect();
      await pause(700);
      expect(await device.bluetooth.advertisement()).to.equal(undefined);
      await say("C.to('online')");
      await pause(100);
      expect(await device.bluetooth.advertisement()).to.equal(undefined);
      expect(await say("(B.start(W),B.start(W),C.bits)")).to.equal(7);
      expect(await told()).to.include({ configured: true, bindable: false });
      const next = await connect();
      await next.write(Buffer.from("hello"));
      await eventually(async () => (await got()).length === 1);
      expect(await say("C.listeners.length")).to.equal(3);
    });

    it("serves, once that has gone, when somebody was connected before it started", async () => {
      await start("NRF._connect(23);B.start(W);");
      expect(await say("NRF._write(1,'YQ==')")).to.equal(false);
      await say("NRF._leave(1)");
      await eventually(told);
      const client = await connect();
      await client.write(Buffer.from("hello"));
      await eventually(async () => (await got()).length);
    });

    it("says that a build has no Bluetooth, and that the binding has not started", async () => {
      await start("", false);
      const message = (expression: string) => say(expression).then(String, (error: Error) => error.message);
      expect(await message("B.start(W)")).to.match(/this build of Espruino has no Bluetooth/);
      await device.stop();
      await start("C.id=undefined;");
      expect(await message("B.start(W)")).to.match(/not started/);
      expect(await device.eval('(C.id={pk:"p",dk:"0123",server:"mqtt://h"},B.start(W),C.bits)')).to.equal(7);
    });

    // The emulator has no memory to count.
    if (name === "espruino")
      it("costs no memory that grows with its apps", async () => {
        await start("C.now='bound';B.start(W);");
        const used = async (): Promise<number> => {
          await say("(C.links=[],C.got=[],C.closed=[],0)");
          return Number(await say("process.memory().usage"));
        };
        const round = async (): Promise<void> => {
          const client = await connect();
          await client.subscribe();
          await client.write(bytesOf(253));
          await client.disconnect();
          await pause(120);
        };
        for (let i = 0; i < 3; i++) await round();
        const before = await used();
        for (let i = 0; i < 20; i++) await round();
        expect(await used()).to.be.at.most(before + 2);
      });
  });
}
