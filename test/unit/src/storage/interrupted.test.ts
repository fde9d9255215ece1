/** A journal whose `put` ends anywhere, for want of stack or memory, while the device goes on. */

import { expect } from "chai";

import { SEAL_JOURNAL } from "../../../../src/storage/seal.js";
import type { Changes } from "../../../../src/storage/area.js";
import { openJournal, type Journal } from "../../../../src/storage/journal.js";
import { sealOf } from "../../../../tools/factory/seal.js";
import { checksum, MemoryFlash } from "../../../support/hal.js";

const BLOCKS = 3;
const KEYS = [1, 2, 3, 4];

class Interruption extends Error {}

/** Throws at one of the calls that a `put` makes to the outside: before the call does anything, or behind it. */
class Interrupted {
  readonly flash = new MemoryFlash();
  readonly told: string[] = [];
  /** Calls that still come to their end. */
  left = Infinity;
  behind = false;
  private due: (() => void)[] = [];

  constructor(
    private readonly flashKey: string | undefined,
    bytes?: Buffer,
  ) {
    if (bytes) this.flash.bytes = Buffer.from(bytes);
  }

  private call<T>(work: () => T): T {
    const now = this.left-- === 0;
    if (now && !this.behind) throw new Interruption();
    const value = work();
    if (now) throw new Interruption();
    return value;
  }

  open(): Journal {
    const { flash } = this;
    const area = {
      erase: (offset: number) => this.call(() => flash.erase(offset)),
      write: (bytes: string, offset: number) => this.call(() => flash.write(bytes, offset)),
      read: (length: number, offset: number) => this.call(() => flash.read(length, offset)),
    };
    const crc32 = (bytes: string): number => this.call(() => checksum(bytes));
    const seal = sealOf(this.flashKey, SEAL_JOURNAL);
    const whole = seal && {
      open: seal.open,
      close: (plain: string, place: string) => this.call(() => seal.close(plain, place)),
    };
    const after = (_milliseconds: number, callback: () => void) =>
      this.call(() => {
        this.due.push(callback);
        return { _id: 1 };
      });
    return openJournal(area, crc32, 2, BLOCKS, () => this.told.push("failed"), whole, after);
  }

  /** The event loop comes round. */
  turn(): void {
    this.due.splice(0).forEach((callback) => callback());
  }
}

const stateOf = (journal: Journal): string => JSON.stringify(KEYS.map((key) => journal.get(key) ?? null));

/** Changes that fill a block soon, and that have the same length now and then. */
const change = (n: number): Changes => [
  [1, n],
  [2 + (n % 3), n % 5 ? `${n}`.padEnd(200 + (n % 4) * 150, "x") : false],
];

for (const flashKey of [undefined, "a key from the eFuse"]) {
  describe(`an interrupted put, ${flashKey ? "sealed" : "plain"}`, () => {
    it("is told, changes nothing that is known, and loses nothing that comes later", function () {
      this.timeout(60_000);
      const history = new Interrupted(flashKey);
      let places = 0;
      for (let n = 1; n <= 40; n++) {
        const from = history.flash.bytes;
        for (const behind of [false, true]) {
          for (let at = 0, over = false; !over; at++) {
            const world = new Interrupted(flashKey, from);
            const journal = world.open();
            const old = stateOf(journal);
            const place = journal.place();
            Object.assign(world, { left: at, behind });
            try {
              journal.put(change(n));
              over = true;
            } catch (error) {
              expect(error).to.be.instanceOf(Interruption);
              places++;
            }
            world.left = Infinity;
            if (over) continue;
            expect(stateOf(journal), "what is known").to.equal(old);
            if (!world.flash.bytes.equals(from)) expect(journal.place(), `interrupted at ${at}`).not.to.equal(place);
            const boot = new Interrupted(flashKey, world.flash.bytes).open();
            expect([old, stateOf(apply(old, n))]).to.include(stateOf(boot));
            // Later ones, as large as the one that was lost: some fill the hole, some need the next block.
            for (let more = 0; more < 6; more++) {
              journal.put(change(n + 60 + more));
              const again = new Interrupted(flashKey, world.flash.bytes).open();
              expect(again.locked).to.equal(false);
              expect(stateOf(again), `${more + 1} later, interrupted at ${at}`).to.equal(stateOf(journal));
            }
            world.turn();
            expect(world.told, `interrupted at ${at}`).to.deep.equal(["failed"]);
          }
        }
        history.open().put(change(n));
      }
      console.log(`      ${places} interruptions, no violation`);
      expect(places).to.be.above(300);
    });

    it("is told when the event loop comes round, even if nothing is put any more", () => {
      const world = new Interrupted(flashKey);
      const journal = world.open();
      world.left = 3;
      expect(() => journal.put([[1, "x"]])).to.throw(Interruption);
      world.left = Infinity;
      expect(world.told).to.deep.equal([]);
      world.turn();
      world.turn();
      expect(world.told).to.deep.equal(["failed"]);
      journal.put([[1, "x"]]);
      world.turn();
      expect(world.told).to.deep.equal(["failed"]);
    });
  });
}

/** A state with the changes of step `n`. */
function apply(state: string, n: number): Journal {
  const journal = new Interrupted(undefined).open();
  (JSON.parse(state) as (string | number | null)[]).forEach((value, at) => {
    if (value !== null) journal.put([[KEYS[at]!, value]]);
  });
  journal.put(change(n));
  return journal;
}
