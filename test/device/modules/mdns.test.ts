/** The module WifiBindingMdns as it is flashed, in every engine, heard by a real mDNS client on the loopback interface. */

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

import { expect } from "chai";
import type { Answer, DecodedPacket, StringAnswer, TxtAnswer } from "dns-packet";
import { decode, encode } from "dns-packet";
import makeMdns, { type MulticastDNS, type ResponsePacket } from "multicast-dns";

import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK, World } from "../scenarios/world.js";

const SERVICE = "_wifi-binding._udp.local";
const INSTANCE = `${DK}.${SERVICE}`;
const GROUP = "224.0.0.251";
/** Time of the device against that of the test: mDNS counts in seconds. */
const HASTE = 4;
const built = (name: string): string => readFileSync(`build/${name}.min.js`, "latin1");

const PROGRAM = `var W = require("WifiBinding"), M = require("WifiBindingMdns");
W.start(require("Storage").readJSON("binding.json", true));
M.start(W);`;

/** Espruino's Linux build multicasts where the routes say: only in a network of its own with a route over loopback. */
function canMulticast(engine: string): boolean {
  if (engine === "emulator") return true;
  const alone = Object.values(networkInterfaces()).every((list) => list!.every(({ internal }) => internal));
  return alone && readFileSync("/proc/net/route", "latin1").includes("\t000000E0\t");
}

const text = (records: Answer[]): string[] =>
  (records.find(({ type }) => type === "TXT") as TxtAnswer | undefined)?.data.toString().split(",") ?? [];

for (const name of ENGINES) {
  describe(`mDNS of a device (${name})`, function () {
    this.timeout(40_000);
    let world: World;
    let client: MulticastDNS;
    let heard: ResponsePacket[];

    before(function () {
      if (!hasEngine(name) || !canMulticast(name)) this.skip();
    });

    beforeEach(async () => {
      heard = [];
      client = makeMdns({ interface: "127.0.0.1", bind: GROUP });
      client.on("response", (packet) => {
        if (JSON.stringify(packet.answers).includes(DK)) heard.push(packet);
      });
      await new Promise<void>((resolve) => client.once("ready", resolve));
    });

    const start = async (program = PROGRAM): Promise<void> => {
      const files = { WifiBinding: built("WifiBinding"), WifiBindingMdns: built("WifiBindingMdns") };
      world = await World.start(name, { program, files, haste: HASTE });
    };

    afterEach(async function () {
      client?.destroy();
      await world?.stop();
      expect(world?.device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    const online = async (program?: string): Promise<void> => {
      await start(program);
      expect((await world.bind()).envelope.code).to.equal(200);
      await eventually(() => heard.some(({ answers }) => text(answers).includes("st=5")));
    };

    /** Waits until what was announced may be multicast again, and forgets it. */
    const quiet = async (): Promise<void> => {
      for (let before = -1; before !== heard.length;) {
        before = heard.length;
        await pause(2000 / HASTE);
      }
      heard.length = 0;
    };

    it("is started by the firmware when Storage holds it", async () => {
      await online("firmware");
    });

    it("announces itself when it has joined, and each state that follows", async () => {
      await online();
      const states = heard.map(({ answers }) => text(answers)[3]);
      expect(states[0]).to.be.oneOf(["st=2", "st=3"]);
      const { answers } = heard.at(-1)!;
      expect((answers as StringAnswer[]).map(({ type, name, ttl, flush }) => [type, name, ttl, flush])).to.deep.equal([
        ["PTR", "_services._dns-sd._udp.local", 4500, false],
        ["PTR", SERVICE, 4500, false],
        ["SRV", INSTANCE, 120, true],
        ["TXT", INSTANCE, 4500, true],
        ["A", `wb-${DK}.local`, 120, true],
      ]);
      const [kind, service, place, , address] = answers as StringAnswer[];
      expect([kind.data, service.data, address.data]).to.deep.equal([SERVICE, INSTANCE, world.device.host]);
      expect(place.data).to.deep.equal({ priority: 0, weight: 0, port: 6606, target: `wb-${DK}.local` });
      const pk = world.products.products[0].pk;
      expect(text(answers)).to.deep.equal([`pk=${pk}`, `dk=${DK}`, "cap=3", "st=5", "v=1"]);
      await quiet();
      await pause(2000 / HASTE);
      expect(heard).to.deep.equal([]);
    });

    it("answers a browser once, and not one that knows it", async () => {
      await online();
      await quiet();
      client.query([{ name: SERVICE, type: "PTR" }]);
      client.query([{ name: SERVICE, type: "PTR" }]);
      await eventually(() => heard.length);
      await pause(300);
      expect(heard).to.have.length(1);
      expect(heard[0].answers.map(({ type }) => type)).to.deep.equal(["PTR"]);
      expect(heard[0].additionals.map(({ type }) => type)).to.deep.equal(["SRV", "TXT", "A"]);
      await quiet();
      const known: StringAnswer = { name: SERVICE, type: "PTR", ttl: 4000, data: INSTANCE };
      client.query({ questions: [{ name: SERVICE, type: "PTR" }], answers: [known] });
      await pause(500);
      expect(heard).to.deep.equal([]);
      client.query({ questions: [{ name: SERVICE, type: "PTR" }], answers: [{ ...known, ttl: 2000 }] });
      await eventually(() => heard.length);
    });

    it("answers a resolver that knows no mDNS, by unicast, with its id and question", async () => {
      await online();
      const socket = createSocket("udp4");
      const answer = new Promise<DecodedPacket>((resolve) => socket.on("message", (data) => resolve(decode(data))));
      const query = encode({ type: "query", id: 4711, questions: [{ name: `WB-${DK}.local`, type: "A" }] });
      socket.send(query, 5353, world.device.host);
      const { id, questions, answers } = await answer;
      expect([id, questions![0].name]).to.deep.equal([4711, `WB-${DK}.local`]);
      expect(answers).to.have.length(1);
      const [{ name, type, ttl, flush, data }] = answers as StringAnswer[];
      expect([name, type, ttl, flush, data]).to.deep.equal([`wb-${DK}.local`, "A", 10, false, world.device.host]);
      socket.close();
    });

    it("listens again after datagrams of no length", async () => {
      await online();
      await quiet();
      const socket = createSocket("udp4");
      for (let i = 0; i < 8; i++) socket.send("", 5353, world.device.host);
      await pause(600);
      client.query([{ name: SERVICE, type: "PTR" }]);
      await eventually(() => heard.length);
      socket.close();
    });

    it("tells when its capabilities change, and takes leave when it is stopped or reset", async () => {
      await online();
      await quiet();
      await world.device.eval("W.advertise(4, true)");
      await eventually(() => heard.some(({ answers }) => text(answers).includes("cap=7")));
      await quiet();
      await world.device.eval("M.stop()");
      await eventually(() => heard.length);
      expect(heard[0].answers.map((answer) => (answer as StringAnswer).ttl)).to.deep.equal([0, 0, 0, 0, 0]);
      client.query([{ name: SERVICE, type: "PTR" }]);
      await pause(400);
      expect(heard).to.have.length(1);
      await world.device.eval("M.start(W)");
      await eventually(() => heard.length > 2);
      await quiet();
      await world.device.eval("W.reset()");
      await eventually(() => heard.length);
      expect((heard[0].answers as StringAnswer[]).every(({ ttl }) => ttl === 0)).to.equal(true);
    });

    it("is silent while the network is away, and announces itself when it is back", async () => {
      await online();
      await world.device.radio.setNetworks([]);
      await eventually(async () => (await world.device.radio.station()) === undefined);
      await quiet();
      client.query([{ name: SERVICE, type: "PTR" }]);
      await pause(500);
      expect(heard).to.deep.equal([]);
      await world.device.radio.setNetworks([NETWORK]);
      await eventually(() => heard.length, 10_000);
    });
  });
}
