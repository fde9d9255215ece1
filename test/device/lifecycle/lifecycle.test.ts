/** Each row of the table on a device that runs the flashed bundle, in every engine; and the document that shows it. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { ENGINES, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { HAPPENINGS } from "./happenings.js";
import { Life, NOTHING, type Possessions } from "./life.js";
import { CREDENTIALS, render, TABLE, type Cell, type Credential, type Fate, type Row } from "./table.js";

/** Milliseconds in which a device settles after an event of which it knows. */
const PATIENCE = 6000;
/** A code that the cloud does not take is asked for so often: a fifth wrong try would kill the good one. */
const TRIES = 3;

function fateOf(before: string, after: string): Fate {
  if (!before) return after ? "made" : "–";
  if (!after) return "cleared";
  return before === after ? "kept" : "new";
}

const fates = (cells: Cell[]): string[] => cells.map((cell) => cell.split(", ")[0]);

async function accepts(life: Life, code: string, expected: boolean): Promise<boolean> {
  // A withdrawal that is on its way must not be missed.
  if (expected) await pause(100);
  for (let n = 1; ; n++) {
    const accepted = await life.accepts(code);
    if (accepted === expected || n === TRIES) return accepted;
    await pause(200);
  }
}

/** What a cell says beside the fate: what the cloud, or the device, knows of it. */
async function cellOf(
  life: Life,
  name: Credential,
  cell: Cell,
  before: Possessions,
  after: Possessions,
): Promise<string> {
  const fate = fateOf(before[name], after[name]);
  const said = cell.split(", ")[1];
  if (!said) return fate;
  if (name === "bindingSecret") return `${fate}, ${after.secretReported ? "reported" : "not reported"}`;
  const accepted = await accepts(life, after[name] || before[name], said === "reported" || said === "not withdrawn");
  if (after[name]) return `${fate}, ${accepted ? "reported" : "not reported"}`;
  return `${fate}, ${accepted ? "not withdrawn" : "withdrawn"}`;
}

/** Looks until every fate is as the row says, or long enough. */
async function settled(life: Life, { cells }: Row, before: Possessions): Promise<Possessions> {
  const wanted = fates(cells).join();
  const reported = cells[CREDENTIALS.indexOf("bindingSecret")].endsWith(", reported");
  for (const end = Date.now() + PATIENCE; ; await pause(20)) {
    const after = await life.look();
    const now = CREDENTIALS.map((name) => fateOf(before[name], after[name])).join();
    if ((now === wanted && after.secretReported === reported) || Date.now() > end) return after;
  }
}

for (const engine of ENGINES) {
  describe(`the life of credentials in the engine ${engine}`, function () {
    this.timeout(60_000);
    let life: Life;

    before(function () {
      if (!hasEngine(engine)) this.skip();
    });

    afterEach(async () => {
      await life.stop();
      expect(life.device.uncaught.slice(0, 5)).to.deep.equal([]);
      expect(life.world.seen()).not.to.include("malformed");
    });

    for (const row of TABLE) {
      it(`${row.event}, on a device that is ${row.start}`, async () => {
        const { prepare, act, haste, autoRotate } = HAPPENINGS[row.event];
        life = await Life.begin(engine, row.start, { autoRotate }, haste);
        await prepare?.(life);
        const before = row.start === "blank" ? NOTHING : await life.look();
        await act(life);
        const after = await settled(life, row, before);
        const found: string[] = [];
        for (const [at, name] of CREDENTIALS.entries()) {
          found.push(`${name}: ${await cellOf(life, name, row.cells[at], before, after)}`);
        }
        expect(found).to.deep.equal(CREDENTIALS.map((name, at) => `${name}: ${row.cells[at]}`));
      });
    }
  });
}

describe("docs/lifecycle.md", () => {
  const text = readFileSync("docs/lifecycle.md", "utf8");

  it("shows the table that the tests run, and no other row", () => {
    expect(text).to.contain(`\n${render()}\n\n`);
    expect(text.split("\n## ")[0].match(/^\|/gm)).to.have.length(TABLE.length + 2);
  });

  it("has a way to bring every event about, each once", () => {
    expect(TABLE.map(({ event }) => event).sort()).to.deep.equal(Object.keys(HAPPENINGS).sort());
  });
});
