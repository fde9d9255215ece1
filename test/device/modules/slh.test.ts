/** WifiBindingSlh as it is flashed, in every engine, over NIST's rows. */

import { expect } from "chai";

import type { Device } from "../../../sim/emulator/index.js";
import { encodeIdentity } from "../../../tools/factory/identity-image.js";
import { acvpRows } from "../../support/acvp.js";
import { boot, ENGINES, hasEngine } from "../../unit/sim/emulator/harness.js";
import { built } from "../scenarios/world.js";

/** With the library's SHA-256 and the signature in flash, as the module for updates calls it. */
const PROGRAM = `var W = require("WifiBinding"), S = require("Storage");
W.start({ server: "mqtt://127.0.0.1:1" });
function verify(at) {
  function read(offset) { return S.read("s" + at, offset, 16) || ""; }
  var step = require("WifiBindingSlh").verification(W.updates().sha256, read, S.read("k" + at), S.read("m" + at)), result;
  do result = step(); while (result === undefined);
  return result;
}`;
const IDENTITY = { pk: "p1ABCD", ps: "QUJDREVGR0hJSktM", dk: "ACVP00000001" };

for (const name of ENGINES) {
  describe(`WifiBindingSlh and NIST's rows (${name})`, function () {
    this.timeout(30_000);
    const rows = acvpRows();
    let device: Device;

    before(async function () {
      if (!hasEngine(name)) return this.skip();
      const files = rows.flatMap(({ key, message, signature }, at) => [
        [`k${at}`, key],
        [`m${at}`, message],
        [`s${at}`, signature],
      ]);
      const modules = { WifiBinding: built("WifiBinding"), WifiBindingSlh: built("WifiBindingSlh") };
      const flash = [{ offset: 0, bytes: encodeIdentity(IDENTITY) }];
      device = await boot(name, PROGRAM, {
        storage: { ...modules, ...Object.fromEntries(files) },
        flash,
        networks: [],
      });
    });
    after(async () => {
      await device?.stop();
      expect(device?.uncaught ?? []).to.deep.equal([]);
    });

    rows.forEach(({ source, valid }, at) => {
      it(source, async () => {
        expect(await device.eval(`verify(${at})`)).to.equal(valid);
      });
    });
  });
}
