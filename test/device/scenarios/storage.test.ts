/** Flash that is damaged, moved, locked or forgotten, under the firmware as it is flashed, in every engine. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { literal } from "../../../compiler/literal.js";
import {
  BLOCK_SIZE,
  BLOCK_START,
  encodeBlockHeader,
  encodeRecord,
  IDENTITY_BLOCKS,
  SEALED,
} from "../../../src/codec/record.js";
import { encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { checksum } from "../../support/hal.js";
import { ENGINES, eventually, hasEngine } from "../../unit/sim/emulator/harness.js";
import { globalNames } from "../../../sim/emulator/instrument.js";
import { encodeIdentity } from "../../../tools/factory/identity-image.js";
import { KEY_AUTH_KEY, KEY_DS, KEY_SECRET } from "../../../src/storage/keys.js";
import { journalOf, writeIdentity } from "../../support/journal.js";
import { DK, NETWORK, World, type Setup } from "./world.js";

const FLASH_KEY = "a key from the eFuse";
const JOURNAL = IDENTITY_BLOCKS * BLOCK_SIZE;
const JOURNAL_BLOCKS = 14;
/** Writes down whether the doors are closed, and what the radio is told to join. */
const SPY = `var doors = { telnet: "", uart: true }, joined = [];
require("TelnetServer").setOptions = function (options) { doors.telnet = options.mode; };
var NRF = { setServices: function (services, options) { doors.uart = options.uart; } };
(function (W) { var c = W.connect; W.connect = function (ssid, o, f) { joined.push(ssid); c.call(W, ssid, o, f); }; })(require("Wifi"));`;
/** An application that keeps what it is told by `error`; a key for the flash may be in Storage. */
const APPLICATION = `
var W = require("WifiBinding"), S = require("Storage"), o = S.readJSON("binding.json", true), heard = [];
W.on("error", function (e) { heard.push(e.code); });
if (S.read("key")) o.flashKey = S.read("key");
W.start(o);`;
/** Records of somebody else: not sealed, and sealed with a key that is not the device's. */
const FOREIGN = [encodeTtlv([[2, "a stranger's network"]]), encodeTtlv([[SEALED, "s".repeat(64)]])].map((content) =>
  encodeRecord(content, checksum),
);
/** An expression: all texts that can be reached from globals, named and not, and from the hidden root, in base64. */
const walk = (names: string[]): string => `(function () {
  var seen = [], texts = [];
  function look(one, depth) {
    if (typeof one == "string") texts.push(one);
    if (!one || (typeof one != "object" && typeof one != "function") || depth > 8 || seen.indexOf(one) >= 0) return;
    seen.push(one);
    for (var key in one) look(one[key], depth + 1);
  }
  [${names.join(",")}].forEach(function (one) { look(one, 0); });
  look(global["\\xff"], 0);
  for (var key in global) if (key != "E" && key != "global") look(global[key], 0);
  return btoa(texts.join("\\n"));
})()`;
const CLOSED = { telnet: "off", uart: false };

for (const name of ENGINES) {
  describe(`storage in the engine ${name}`, function () {
    this.timeout(40_000);
    const area = name === "espruino" ? 0x10030000 : 0x310000;
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(() => world.stop());

    const start = async (more: Setup & { key?: string } = {}): Promise<World> => {
      const files: Record<string, string> = { ".boot0": SPY };
      if (more.key) files.key = more.key;
      return (world = await World.start(name, { program: APPLICATION, library: true, files, ...more }));
    };
    const run = (code: string): Promise<unknown> => world.device.eval(`(${code},1)`);
    const state = (wanted: string): Promise<unknown> =>
      eventually(async () => (await world.device.eval("W.state()")) === wanted);
    const erase = (offset: number): Promise<unknown> => run(`require("Flash").erasePage(${area + offset})`);
    const write = (offset: number, bytes: string): Promise<unknown> =>
      run(`require("Flash").write(${literal(bytes)},${area + offset})`);
    async function read(offset: number, length: number): Promise<string> {
      let all = "";
      for (let at = offset; at < offset + length; at += 1024) {
        const count = Math.min(1024, offset + length - at);
        const piece = await world.device.eval(`btoa(E.toString(require("Flash").read(${count},${area + at})))`);
        all += Buffer.from(String(piece), "base64").toString("latin1");
      }
      return all;
    }
    const eraseJournal = async (): Promise<void> => {
      for (let block = 0; block < JOURNAL_BLOCKS; block++) await erase(JOURNAL + block * BLOCK_SIZE);
    };

    it("closes the doors without an identity, and with an option out of range", async () => {
      await start({ options: { window: 0 } });
      expect(await world.device.eval("doors")).to.deep.equal(CLOSED);
      await world.stop();
      await start();
      await erase(0);
      await erase(BLOCK_SIZE);
      await world.device.reboot();
      await eventually(() => world.device.eval("heard[0]"));
      expect(await world.device.eval("[doors,heard,W.state()]")).to.deep.equal([CLOSED, ["identity"], "idle"]);
    });

    it("keeps an identity of which one copy is damaged, either one", async () => {
      await start();
      for (const at of [BLOCK_SIZE + BLOCK_START + 20, BLOCK_SIZE + 3, BLOCK_START + 20]) {
        const block = at - (at % BLOCK_SIZE);
        const copy = await read(block, 256);
        await write(at, "\0");
        await world.device.reboot();
        await state("provisioning");
        await erase(block);
        await write(block, copy);
      }
      expect(world.device.uncaught).to.deep.equal([]);
    });

    it("says that a journal is plain, or sealed with another key, with its doors closed, until it is erased", async () => {
      await start({ key: FLASH_KEY, flashKey: FLASH_KEY });
      await state("provisioning");
      const header = await read(JOURNAL, BLOCK_START);
      for (const foreign of FOREIGN) {
        await erase(JOURNAL);
        await write(JOURNAL + BLOCK_START, foreign);
        await write(JOURNAL, header);
        await world.device.reboot();
        await eventually(() => world.device.eval("heard[0]"));
        const seen = await world.device.eval("[doors,heard,W.state(),W.capabilities()]");
        expect(seen).to.deep.equal([CLOSED, ["flash"], "idle", 0]);
      }
      await eraseJournal();
      await world.device.reboot();
      await state("provisioning");
      expect(await world.device.eval("heard")).to.deep.equal([]);
    });

    it("joins no network that is the identity under another header", async () => {
      await start({ key: FLASH_KEY, flashKey: FLASH_KEY });
      expect((await world.bind()).envelope.code).to.equal(200);
      await state("bound");
      const [header, sealed] = [await read(0, BLOCK_START), await read(BLOCK_START, 256)];
      await eraseJournal();
      await write(JOURNAL + BLOCK_START, sealed.replace(/\xff+$/, ""));
      await write(JOURNAL, header);
      await world.device.reboot();
      await eventually(() => world.device.eval("heard[0]"));
      expect(await world.device.eval("[joined,heard]")).to.deep.equal([[], ["flash"]]);
    });

    it("takes no seed that is one byte 32 times, as erased flash and unfilled buffers have it", async () => {
      await start();
      const { pk, ps } = world.products.products[0]!;
      for (const byte of [0x00, 0xff]) {
        // Not by the tool's own hand, which refuses it.
        const nodes: Node[] = [pk, ps, DK].map((value, at) => [at + 1, value]);
        nodes.push([5, String.fromCharCode(byte).repeat(32)]);
        for (const block of [0, BLOCK_SIZE]) {
          await erase(block);
          await write(block + BLOCK_START, encodeRecord(encodeTtlv(nodes), checksum));
          await write(block, encodeBlockHeader(1, checksum));
        }
        await world.device.reboot();
        await eventually(() => world.device.eval("heard[0]"));
        expect(await world.device.eval("[heard,W.state()]")).to.deep.equal([["identity"], "idle"]);
      }
    });

    it("keeps neither the factory's seed, nor what the generator was started from, nor the flashKey in memory", async () => {
      await start({ program: "firmware", options: { flashKey: FLASH_KEY }, flashKey: FLASH_KEY });
      const { pk, ps } = world.products.products[0]!;
      const seed = "a seed of thirty-two characters!";
      await writeIdentity(
        world.device,
        encodeIdentity({ pk, ps, dk: DK, seed: Buffer.from(seed), flashKey: FLASH_KEY }),
      );
      await world.device.reboot();
      await eventually(() => world.device.radio.softAp());
      const names = globalNames(readFileSync("build/firmware.min.js", "latin1"));
      const seen = Buffer.from(String(await world.device.eval(walk(names))), "base64").toString("latin1");
      // What is to be there shows that all was looked at.
      expect(seen).to.include(DK);
      const secrets = [seed, FLASH_KEY, ps + DK];
      for (const secret of secrets) expect(seen).not.to.include(secret);
      // What dump() prints is searched where it is: it is long. The emulator has no such text.
      if (name === "emulator") return;
      const list = [DK, ...secrets].map(literal).join(",");
      const find = `(function (t) { return [${list}].map(function (s) { return t.indexOf(s) >= 0; }); })(E.dumpStr())`;
      expect(await world.device.eval(find)).to.deep.equal([true, false, false, false]);
    });

    it("leaves nothing in flash that the cloud has made with another identity, nor after reset()", async () => {
      await start();
      const change = [
        async () => {
          const { pk, ps } = world.products.products[0]!;
          await writeIdentity(world.device, encodeIdentity({ pk, ps, dk: `${DK}X` }));
          await world.device.reboot();
          await state("online");
        },
        () => run("W.reset()"),
      ];
      for (const forget of change) {
        expect((await world.bind()).envelope.code).to.equal(200);
        await state("bound");
        const journal = await journalOf(world.device);
        const secrets = [KEY_DS, KEY_AUTH_KEY, KEY_SECRET].map((key) => journal.text(key));
        expect(Math.min(...secrets.map((secret) => secret.length))).to.be.above(15);
        await forget();
        const flash = await read(0, 16 * BLOCK_SIZE);
        expect(secrets.filter((secret) => flash.includes(secret))).to.deep.equal([]);
      }
    });

    it("leaves no password of the network in flash after reset() and remove()", async () => {
      await start();
      for (const forget of ["reset", "remove"]) {
        expect((await world.bind()).envelope.code).to.equal(200);
        await state("bound");
        expect(await read(JOURNAL, 3 * BLOCK_SIZE)).to.include(NETWORK.password);
        await run(`W.${forget}()`);
        expect(await read(0, (IDENTITY_BLOCKS + JOURNAL_BLOCKS) * BLOCK_SIZE)).not.to.include(NETWORK.password);
        await state("provisioning");
      }
      expect(world.device.uncaught).to.deep.equal([]);
    });
  });
}
