/** The course of docs/data.md, in every engine: each frame that the document shows is what travels. */

import { expect } from "chai";
import mqtt from "mqtt-packet";

import { publishPacket } from "../../../src/cloud/packets.js";
import { CMD_REPORT } from "../../../src/codec/commands.js";
import { decodeFrame, encodeFrame, type Frame } from "../../../src/codec/frame.js";
import { encodeTtlv } from "../../../src/codec/ttlv.js";
import { Proxy } from "../../support/proxy.js";
import { RawApp, type Sealing } from "../../support/raw-app.js";
import { COURSE } from "../../system/docs/data-course.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { built, DK, World } from "./world.js";

const PROGRAM = `var W = require("WifiBinding");
W.start(require("Storage").readJSON("binding.json", true));
var D = require("WifiBindingData").start(W), lamp = { 1: false, 2: 100 }, raw = [], limits = [];
D.on("write", function (values) { for (var id in values) lamp[id] = values[id]; D.report(lamp); });
D.on("read", function (ids, answer) { answer(lamp); });
D.on("raw", function (bytes) { raw.push(bytes); });
D.on("limit", function (code) { limits.push(code); });`;
/** What the application does by itself, by the label of the frame that it makes. */
const DOES: Record<string, string> = {
  "raw bytes": 'D.send("hello")',
  "all types": 'D.report({3:21.5,4:"on",5:new Uint8Array([170,1]),6:{1:7,2:false},7:[1,2]})',
};
const LABEL = /^(\w+) → (\w+), (?:`(\w+)`|LAN)(?:, QoS (\d))?, (.*)$/;

interface Uplink extends Frame {
  kind: string;
  qos: number;
}

for (const name of ENGINES) {
  it(`docs/data.md: the course, in the engine ${name}`, async function () {
    this.timeout(60_000);
    if (!hasEngine(name)) return this.skip();
    let proxy: Proxy | undefined;
    const uplinks: Uplink[] = [];
    const parser = mqtt.parser();
    parser.on("packet", (packet) => {
      if (packet.cmd !== "publish") return;
      const frame = decodeFrame((packet.payload as Buffer).toString("latin1"))!;
      uplinks.push({ ...frame, kind: packet.topic.split("/")[4], qos: packet.qos });
    });
    const world = await World.start(name, {
      program: PROGRAM,
      library: true,
      files: { WifiBindingData: built("WifiBindingData") },
      server: async (url) => {
        proxy = await Proxy.start(url);
        proxy.onPassage = ({ device }) => device.on("data", (bytes: Buffer) => parser.parse(bytes));
        return proxy.url;
      },
    });
    let app: RawApp | undefined;
    try {
      const authKey = await world.own();
      app = await RawApp.connect(world.device.host);
      const sealing: Sealing = await app.login(authKey);
      const client = `qd${world.products.products[0].pk}${DK}`;
      for (const [label, id, cmd, content] of COURSE) {
        const [, from, to, kind, qos, what] = LABEL.exec(label)!;
        const bytes = encodeTtlv(content);
        if (from === "cloud") {
          const packet = publishPacket(0, `q/1/d/${client}/${kind}`, encodeFrame(id, cmd, bytes));
          proxy!.passages.at(-1)!.device.write(packet, "latin1");
        } else if (from === "app") {
          expect(app.send(cmd, bytes && sealing.seal(bytes))).to.equal(id);
        } else if (to === "app") {
          const frame = await app.next(cmd);
          expect(frame.id, label).to.equal(id);
          expect(encodeTtlv(sealing.open(frame.data)), label).to.equal(bytes);
        } else {
          if (DOES[what]) expect(await world.device.eval(DOES[what])).to.equal(true);
          const find = (): Uplink | undefined => uplinks.find((one) => one.cmd === cmd);
          const uplink = await eventually(find);
          uplinks.splice(uplinks.indexOf(uplink), 1);
          expect(uplink, label).to.deep.include({ kind, qos: Number(qos), data: bytes });
          if (id > 0x100) expect(uplink.id, label).to.equal(id);
        }
      }
      // Nothing answers them, so the test waits.
      await eventually(async () => ((await world.device.eval("raw.length+limits.length")) as number) >= 2);
      expect(await world.device.eval("[raw,limits]")).to.deep.equal([["abc"], [10428]]);
      // The last report went to the app, too.
      expect((await app.next(CMD_REPORT)).id).to.equal(0);
      expect([uplinks.filter(({ kind }) => kind === "bus"), app.frames]).to.deep.equal([[], []]);
    } finally {
      app?.end();
      await world.stop();
      await proxy?.stop();
      expect(world.device.uncaught).to.deep.equal([]);
    }
  });
}
