/** The simulated radio in every engine: names and passwords are bytes, whatever alphabet they are of. */

import { pbkdf2Sync } from "node:crypto";

import { expect } from "chai";

import type { AccessPoint, Device } from "../../sim/emulator/index.js";
import { boot, ENGINES, eventually, hasEngine } from "../unit/sim/emulator/harness.js";

/** The bytes of a text, as a program of a chip writes them. */
const literal = (text: string): string =>
  `"${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;

const PROGRAM = `var W = require("Wifi"), said = [], seen;
function join(ssid, password) {
  said = [];
  W.connect(ssid, password === undefined ? {} : { password: password }, function (error) { said.push(error); });
}`;

for (const name of ENGINES) {
  describe(`simulated radio (${name})`, function () {
    this.timeout(30_000);
    let device: Device;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    afterEach(async () => {
      await device.stop();
      expect(device.uncaught.slice(0, 5)).to.deep.equal([]);
    });

    async function start(...networks: AccessPoint[]): Promise<void> {
      device = await boot(name, PROGRAM, { networks, joinDelay: 10 });
    }

    /** @returns what `connect` calls back with */
    async function join(ssid: string, password?: string): Promise<unknown> {
      await device.eval(`(join(${literal(ssid)}${password === undefined ? "" : `,${literal(password)}`}),0)`);
      return (
        await eventually(async () => {
          const said = (await device.eval("said")) as unknown[];
          return said.length ? said : undefined;
        })
      )[0];
    }

    async function scan(): Promise<{ ssid: string; authMode: string }[]> {
      await device.eval("(seen=undefined,W.scan(function(found){seen=found}),0)");
      const seen = (await eventually(() => device.eval("seen"))) as { ssid: string; authMode: string }[];
      return seen.map(({ ssid, authMode }) => ({ ssid: Buffer.from(ssid, "latin1").toString(), authMode }));
    }

    const NAMES = ["éhome", "日本語", "📡", "Größe:\\\"'", "日".repeat(10) + "ab", "\u0001", "ÿ"];

    it("has networks of every alphabet, which a device finds and joins by their bytes", async () => {
      await start(...NAMES.map((ssid) => ({ ssid, password: `${ssid}ééééé` })));
      expect((await scan()).map(({ ssid }) => ssid)).to.deep.equal(NAMES);
      for (const ssid of NAMES) {
        expect(await join(ssid, "wrong-password"), ssid).to.equal("4WAY_HANDSHAKE_TIMEOUT");
        expect(await join(ssid, `${ssid}ééééé`), ssid).to.equal(null);
        expect(await device.radio.station()).to.equal(ssid);
      }
      await device.radio.setNetworks([{ ssid: "ñ" }]);
      await eventually(async () => (await device.radio.station()) === undefined);
      expect(await join("ñ")).to.equal(null);
      expect(await device.radio.station()).to.equal("ñ");
    });

    it("takes a key of 64 digits for the password that it stands for, or that is one", async () => {
      const key = pbkdf2Sync("right-password", "home", 4096, 32, "sha1").toString("hex");
      await start({ ssid: "home", password: "right-password" }, { ssid: "other", password: "A1".repeat(32) });
      expect(await join("home", key)).to.equal(null);
      expect(await join("home", key.toUpperCase())).to.equal(null);
      expect(
        await join(
          "home",
          key.replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
        ),
      ).to.match(/HANDSHAKE/);
      expect(await join("other", "a1".repeat(32))).to.equal(null);
      expect(await join("other", "A1".repeat(32))).to.equal(null);
      expect(await join("other", "a1".repeat(31))).to.match(/HANDSHAKE/);
      // The vector of IEEE 802.11, annex J.4.
      await device.radio.setNetworks([{ ssid: "IEEE", password: "password" }]);
      const known = "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e";
      expect(await join("IEEE", known)).to.equal(null);
    });

    it("joins hidden networks by their name, which a scan does not tell, and calls newer security unknown", async () => {
      await start({ ssid: "home", hidden: true }, { ssid: "new", password: "password1", authMode: "unknown" });
      expect(await scan()).to.deep.equal([
        { ssid: "", authMode: "open" },
        { ssid: "new", authMode: "unknown" },
      ]);
      expect(await join("home")).to.equal(null);
      expect(await join("")).to.equal("NO_AP_FOUND");
      expect(await join("new", "password1")).to.equal(null);
    });

    it("opens an access point whose name and password are bytes too", async () => {
      await start();
      const open = (ssid: string, password: string) =>
        device.eval(`(W.startAP(${literal(ssid)},{password:${literal(password)},authMode:"wpa2"}),0)`);
      await open("日本", "éééé");
      await eventually(() => device.radio.softAp());
      expect(await device.radio.softAp()).to.deep.equal({ ssid: "日本", password: "éééé" });
      expect(await open("a", "ééé").catch((error: Error) => error.message)).to.match(/at least 8 characters/);
    });
  });
}
