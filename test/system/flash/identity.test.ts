/** Identities and labels: written and read back in the emulator, with the cable torn off; files of the factory. */
import { expect } from "chai";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { engine, type Device } from "../../../sim/emulator/index.js";
import { encodeIdentity } from "../../../tools/factory/identity-image.js";
import { inspectBoard, type Board } from "../../../tools/flash/board.js";
import type { Evaluator } from "../../../tools/flash/console.js";
import { eraseAll, eraseJournal } from "../../../tools/flash/erase.js";
import { readCopies, readDeviceIdentity, writeDeviceIdentity } from "../../../tools/flash/identity-blocks.js";
import { terminalQr, writeQr } from "../../../tools/factory/labels-file.js";
import { makeDevice } from "../../../tools/factory/make-device.js";
import { encodeLabel } from "../../../tools/factory/label.js";
import { temporaryFolder } from "../../unit/tools/command/harness.js";

const PS = "sixteen-char-key";
const wanted = { pk: "p1ABCD", ps: PS, pop: true, prefix: "WB", force: false };
const POP = "ABCDEFGH23456789";

const sentence = (promise: Promise<unknown>): Promise<string> => promise.then(String, (error: Error) => error.message);

describe("flash: identity", function () {
  this.timeout(60_000);

  let device: Device;
  let board: Board;
  beforeEach(async () => {
    device = await engine("emulator").start({ host: "127.78.0.1", storage: {}, networks: [] });
    board = await inspectBoard(device);
  });
  afterEach(() => device.stop());

  it("is written with a seed and a proof of possession, and named after the chip", async () => {
    const { label, written } = await makeDevice(device, board, wanted);
    expect(written).to.equal(true);
    expect(label.dk).to.equal("240000007F4E0001");
    expect(label.ssid).to.equal("WB-0001");
    const identity = (await readDeviceIdentity(device, board))!;
    expect(identity).to.include({ pk: "p1ABCD", ps: PS, dk: label.dk, ds: "", pop: label.pop });
    expect(identity.seed).to.have.length(32);
    expect(label.pop).to.match(/^[2-9A-HJKMNP-Z]{17}$/);
  });

  it("keeps the public key of updates, also when the journal is erased", async () => {
    const updateKey = randomBytes(32).toString("hex");
    const keyed = { ...wanted, updateKey };
    const keyNow = async (): Promise<string> =>
      Buffer.from((await readDeviceIdentity(device, board))!.updateKey, "latin1").toString("hex");
    await makeDevice(device, board, keyed);
    expect(await keyNow()).to.equal(updateKey);
    expect((await makeDevice(device, board, keyed)).written).to.equal(false);
    const other = { ...keyed, updateKey: randomBytes(32).toString("hex") };
    expect(await sentence(makeDevice(device, board, other))).to.match(/already .*--force/);
    const { identity, damaged } = await readCopies(device, board);
    await eraseJournal(device, board, identity!, damaged, undefined, () => {});
    expect(await keyNow()).to.equal(updateKey);
    const short = makeDevice(device, board, { ...keyed, updateKey: "ab", force: true });
    expect(await sentence(short)).to.contain("the update key must be 64 hexadecimal digits");
  });

  it("is not written twice: the same one is recognised, another needs force", async () => {
    const first = await makeDevice(device, board, wanted);
    const again = await makeDevice(device, board, wanted);
    expect(again).to.deep.equal({ label: first.label, written: false, mended: false });
    expect(await sentence(makeDevice(device, board, { ...wanted, pk: "p2" }))).to.match(/already .*p1ABCD.*--force/);
    const forced = await makeDevice(device, board, { ...wanted, force: true });
    expect(forced.written).to.equal(true);
    expect(forced.label.pop).not.to.equal(first.label.pop);
  });

  it("leaves the old identity or the new one when the cable is torn off", async () => {
    const of = (dk: string): Uint8Array => encodeIdentity({ pk: "p1", ps: PS, dk, pop: POP });
    await writeDeviceIdentity(device, board, of("OLD0"));
    const seen = new Set<string>();
    for (let after = 0, done = false; !done; after++) {
      await writeDeviceIdentity(device, board, of("OLD0"));
      let left = after;
      const cable: Evaluator = {
        eval: (text) => (left-- > 0 ? device.eval(text) : Promise.reject(new Error("torn off"))),
      };
      done = await writeDeviceIdentity(cable, board, of("NEW0")).then(
        () => true,
        () => false,
      );
      seen.add((await readDeviceIdentity(device, board))?.dk ?? "none");
    }
    expect([...seen]).to.deep.equal(["OLD0", "NEW0"]);
  });

  it("is mended by the same command when the cable was torn off anywhere, also within the second copy", async () => {
    const mended: boolean[] = [];
    for (let after = 0, done = false; !done; after++) {
      await eraseAll(device, board, () => {});
      let left = after;
      const cable: Evaluator = {
        eval: (text) => (left-- > 0 ? device.eval(text) : Promise.reject(new Error("torn off"))),
      };
      const seed = randomBytes(32);
      done = await makeDevice(cable, board, { ...wanted, pop: POP, seed }).then(
        () => true,
        () => false,
      );
      const again = await makeDevice(device, board, { ...wanted, pop: POP, seed });
      const { identity, damaged } = await readCopies(device, board);
      expect([identity!.dk, identity!.pop, damaged], `cut after ${after}`).to.deep.equal([again.label.dk, POP, []]);
      if (again.mended) mended.push(again.written);
      expect((await makeDevice(device, board, { ...wanted, pop: POP, seed })).mended).to.equal(false);
    }
    expect(mended.length, "no cut within the second copy").to.be.above(0);
    expect(mended).to.not.include(true);
  });

  it("is never lost when a damaged copy is mended and the cable is torn off again", async () => {
    for (const lost of [0, 1]) {
      const { label } = await makeDevice(device, board, { ...wanted, force: true });
      for (let after = 0, done = false; !done; after++) {
        await makeDevice(device, board, wanted);
        await device.eval(`(require("Flash").erasePage(${board.area + lost * 4096}),0)`);
        let left = after;
        const cable: Evaluator = {
          eval: (text) => (left-- > 0 ? device.eval(text) : Promise.reject(new Error("torn off"))),
        };
        done = await makeDevice(cable, board, wanted).then(
          () => true,
          () => false,
        );
        const identity = await readDeviceIdentity(device, board);
        expect(identity?.pop, `copy ${lost}, cut after ${after}`).to.equal(label.pop);
      }
    }
  });

  it("is erased with the journal, and a cut never leaves the seed without the state that it has moved on to", async () => {
    const journal = `require("Flash").read(1,${board.area + 2 * 4096})[0]`;
    const seeds = new Set<string>();
    for (const erase of ["all", "journal"]) {
      for (let after = 0, done = false; !done; after++) {
        await eraseAll(device, board, () => {});
        await makeDevice(device, board, wanted);
        await device.eval(`(require("Flash").write("\x01",${board.area + 2 * 4096}),0)`);
        await device.eval(`(require("Flash").write("\x01",${board.area + 15 * 4096}),0)`);
        const { identity, damaged } = await readCopies(device, board);
        let left = after;
        const cable: Evaluator = {
          eval: (text) => (left-- > 0 ? device.eval(text) : Promise.reject(new Error("torn off"))),
        };
        const quiet = (): void => {};
        const erasing =
          erase === "all"
            ? eraseAll(cable, board, quiet)
            : eraseJournal(cable, board, identity!, damaged, undefined, quiet);
        done = await erasing.then(
          () => true,
          () => false,
        );
        const now = await readDeviceIdentity(device, board);
        const gone = (await device.eval(journal)) === 255;
        if (gone) expect(now?.seed, `${erase} cut after ${after}`).not.to.equal(identity!.seed);
        if (erase === "journal") expect(now).to.include({ pk: "p1ABCD", ps: PS, pop: identity!.pop });
        if (!done) continue;
        expect([gone, Boolean(now)]).to.deep.equal([true, erase === "journal"]);
        expect(await device.eval(`require("Flash").read(1,${board.area + 15 * 4096})[0]`)).to.equal(255);
        if (now) seeds.add(now.seed);
      }
    }
    expect(seeds.size).to.equal(1);
  });

  it("is found wrong when the flash keeps something else", async () => {
    const worn: Evaluator = {
      eval: (text) => (text.includes(".write(") ? Promise.resolve(0) : device.eval(text)),
    };
    expect(await sentence(makeDevice(worn, board, wanted))).to.match(/reads back otherwise/);
  });

  it("is sealed with a flashKey, and then neither read nor replaced without it", async () => {
    const flashKey = "a key from the eFuse";
    const { label } = await makeDevice(device, board, { ...wanted, flashKey });
    expect(await readDeviceIdentity(device, board, flashKey)).to.include({ ps: PS, pop: label.pop, locked: false });
    expect(await readDeviceIdentity(device, board)).to.include({ locked: true, pk: "", ps: "" });
    expect(await sentence(makeDevice(device, board, wanted))).to.match(/sealed with another flashKey or none/);
    expect((await makeDevice(device, board, { ...wanted, flashKey })).written).to.equal(false);
    expect((await makeDevice(device, board, { ...wanted, force: true })).written).to.equal(true);
  });

  it("stands where the option flashStart says", async () => {
    const elsewhere = await inspectBoard(device, undefined, 0x312000);
    await makeDevice(device, elsewhere, wanted);
    expect((await readDeviceIdentity(device, elsewhere))!.pk).to.equal("p1ABCD");
    expect(await readDeviceIdentity(device, board)).to.equal(undefined);
  });

  it("refuses malformed fields before anything is written", async () => {
    expect(await sentence(makeDevice(device, board, { ...wanted, dk: "x" }))).to.match(/DeviceKey must be/);
    for (const byte of [0x00, 0xff, 0x41]) {
      const seed = Buffer.alloc(32, byte);
      expect(await sentence(makeDevice(device, board, { ...wanted, seed }))).to.match(/seed must be random/);
    }
    expect(await readDeviceIdentity(device, board)).to.equal(undefined);
  });
});

describe("factory files", () => {
  const folder = temporaryFolder();
  it("QR codes are drawn for files and for the terminal", async () => {
    const label = { pk: "p1", dk: "AAAA", ssid: "WB-AAAA", pop: POP };
    const path = await writeQr(join(folder, "qr"), label);
    expect(readFileSync(path, "utf8")).to.match(/^<svg /);
    expect(await terminalQr(encodeLabel(label))).to.contain("▄");
  });
});
