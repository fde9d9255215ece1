/** The flash of a simulated device in a file. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { FailedError, UsageError } from "../../../sim/errors.js";
import { FlashKeeper, flashPath, readFlash } from "../../../tools/command/flash-file.js";
import { eventually } from "../../unit/sim/emulator/harness.js";
import { temporaryFolder } from "../../unit/tools/command/harness.js";

const NAMES = { pk: "p1demo", ps: "0123456789abcdef", dk: "A1B2C3D4E5F6" };

describe("command: the flash of a device in a file", () => {
  const folder = temporaryFolder();

  it("is beside the identity, or beside the products for a device with a name, or where the person says", () => {
    expect(flashPath({ identity: "a/lamp.json", products: "demo.json" })).to.equal("a/lamp.flash");
    expect(flashPath({ identity: "lamp" })).to.equal("lamp.flash");
    expect(flashPath({ products: "b/demo.json", dk: NAMES.dk })).to.equal(`b/demo.${NAMES.dk}.flash`);
    expect(flashPath({ products: "b/demo.json" })).to.equal(undefined);
    expect(flashPath({ identity: "lamp.json", state: "other" })).to.equal("other");
    expect(flashPath({ identity: "lamp.json", state: "none" })).to.equal(undefined);
  });

  it("is written at the start, when it changes and at the end, for its owner only, and is read again", async () => {
    const path = join(folder, "lamp.flash");
    expect(readFlash(path, NAMES)).to.equal(undefined);
    const device = { flash: new Uint8Array(64).fill(255) };
    const keeper = new FlashKeeper(path, device, NAMES);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    device.flash = device.flash.slice().fill(7, 0, 4);
    await eventually(() => Buffer.from(readFlash(path, NAMES)!).equals(device.flash));
    device.flash = device.flash.slice().fill(9, 0, 4);
    keeper.stop();
    expect(readFlash(path, NAMES)).to.deep.equal(Buffer.from(device.flash));
    expect(existsSync(`${path}.new`)).to.equal(false);
  });

  it("is not another device's, and nothing else", () => {
    const path = join(folder, "other.flash");
    new FlashKeeper(path, { flash: new Uint8Array(8) }, NAMES).stop();
    expect(() => readFlash(path, { ...NAMES, dk: "B1B2C3D4E5F6" })).to.throw(UsageError, /the flash of A1B2C3D4E5F6/);
    expect(() => readFlash(path, { ...NAMES, ps: "fedcba9876543210" })).to.throw(UsageError, /another ProductSecret/);
    expect(readFileSync(path, "utf8")).not.to.contain(NAMES.ps);
    for (const text of ["", "{", "null", "[]", '{"version":2}', readFileSync(path, "utf8").slice(0, -9)]) {
      writeFileSync(path, text);
      expect(() => readFlash(path, NAMES), text).to.throw(UsageError, /holds no flash/);
    }
  });

  it("says that it cannot be kept", () => {
    const keep = () => new FlashKeeper(join(folder, "none", "x.flash"), { flash: new Uint8Array(8) }, NAMES);
    expect(keep).to.throw(FailedError, /cannot keep the flash/);
  });
});
