/** The journal on the real interpreter with hardly any stack or memory left: nothing is lost without a word. */

import { expect } from "chai";

import { InterpreterDevice } from "../../../sim/emulator/index.js";
import { IDENTITY_BLOCKS } from "../../../src/codec/record.js";
import { openJournal } from "../../../src/storage/journal.js";
import { bundle } from "../../support/bundle.js";
import { rounds } from "../../support/endurance.js";
import { checksum, MemoryFlash } from "../../support/hal.js";
import { eventually, hasEngine } from "../../unit/sim/emulator/harness.js";

const BLOCKS = 14;
/** Deeper than the stack of any build. */
const DEPTHS = 32;
/** Free JsVars, from hardly enough for the call to more than a put needs. */
const MEMORY = { from: 60, to: 360, step: rounds(10, 1) };

/**
 * Puts numbers under key 1, each in a job of its own that begins with no stack or no memory to spare; then, in another
 * job, looks into the flash as a boot does, and puts one more in peace.
 */
const PROGRAM = `
import { espruino } from "./src/hal/espruino/index.js";
import { readArea } from "./src/storage/area.js";
import { openJournal } from "./src/storage/journal.js";
import { find } from "./src/codec/ttlv.js";
declare const global: Record<string, unknown>;
declare const process: { memory(): { free: number } };
const journal = openJournal(espruino.flash, espruino.crc32, ${IDENTITY_BLOCKS}, ${BLOCKS}, () => { told++; }, undefined, espruino.after);
let told = 0;
let before = 0;
let n = 0;
let done = 0;
let phase = 0;
let left = 0;
let junk: unknown[] = [];
let kept = 0;
let lost = 0;
const wrong: string[] = [];

function put(): void {
  journal.put([[1, n], [2, n + "-------------------------------------------"]]);
  done = n;
}
function dive(depth: number): void {
  if (depth) dive(depth - 1);
  else put();
}
function fill(free: number): void {
  // To ask how much is free takes long: most of it is filled without.
  for (let i = (process.memory().free - free) / 80 - 4; i > 0; i--) junk.push(new Uint8Array(900));
  while (process.memory().free > free + 100) junk.push(new Uint8Array(900));
  while (process.memory().free > free) junk.push(0);
  put();
}
function inFlash(): unknown {
  let value;
  readArea(espruino.flash, espruino.crc32, ${IDENTITY_BLOCKS}, ${BLOCKS}, (changes) => {
    const found = find(changes, 1);
    if (found !== undefined) value = found;
  });
  return value;
}
function check(what: string): void {
  const is = inFlash();
  const known = journal.get(1);
  if (is == n) kept++;
  else lost++;
  if (done == n && is != n) wrong.push(what + left + ": came to its end, is not in flash");
  if (done != n && told == before && known == n && is != n) wrong.push(what + left + ": known, not in flash, not told");
  if (done != n && is != n && told == before && begun()) wrong.push(what + left + ": said nothing");
}
let entered = 0;
const write = espruino.flash.write;
espruino.flash.write = (bytes, offset) => { entered = n; write(bytes, offset); };
function begun(): boolean { return entered == n; }

function go(what: string, from: number, to: number, step: number): void {
  left = from;
  kept = lost = phase = 0;
  // Each job sets up the next one first: an interval whose job is interrupted is removed.
  const next = () => {
    if (!phase && left >= to) return;
    setTimeout(next, 5);
    phase = (phase + 1) % 3;
    if (phase == 1) {
      n++;
      left += step;
      before = told;
      if (what == "depth ") dive(left);
      else fill(left);
    } else if (phase == 2) {
      junk = [];
      check(what);
    } else {
      const errors = told;
      n++;
      put();
      if (inFlash() != n || told != errors) wrong.push(what + left + ": a put in peace afterwards is lost");
    }
  };
  setTimeout(next, 5);
}
global.go = go;
global.results = () => [left, phase, kept, lost, told, wrong];
`;

type Results = [left: number, phase: number, kept: number, lost: number, told: number, wrong: string[]];

describe("puts with nothing left, on the real interpreter", function () {
  this.timeout(120_000);
  let device: InterpreterDevice;

  before(async function () {
    if (!hasEngine("espruino")) return this.skip();
    device = await InterpreterDevice.start({ storage: { ".bootcde": await bundle(PROGRAM) } });
    // The plain build has a stack of a megabyte, and more memory than it says.
    if (Number(await device.eval("process.memory().blocksize")) > 14) this.skip();
  });

  after(() => device?.stop());

  async function all(what: string, from: number, to: number, step: number): Promise<void> {
    await device.eval(`(go("${what} ",${from},${to},${step}),0)`);
    const look = async (): Promise<Results> => (await device.eval("results()")) as Results;
    await eventually(async () => {
      const [left, phase] = await look();
      return left >= to && !phase;
    }, 90_000);
    const [, , kept, lost, told, wrong] = await look();
    console.log(`      ${what}: ${kept} kept, ${lost} lost, ${told} told`);
    expect(wrong).to.deep.equal([]);
    expect(kept).to.be.above(5);
    expect(lost).to.be.above(2);
  }

  it("at every depth of the stack", () => all("depth", -1, DEPTHS, 1));

  it("with any little memory", () => all("memory", MEMORY.from, MEMORY.to, MEMORY.step));

  it("leave a journal that boots", () => {
    const flash = new MemoryFlash();
    flash.bytes = Buffer.from(device.flash);
    const journal = openJournal(flash, checksum, IDENTITY_BLOCKS, BLOCKS);
    expect(journal.text(2)).to.match(new RegExp(`^${String(journal.get(1))}-+$`));
  });
});
