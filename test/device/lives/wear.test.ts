/** How long the flash lasts: writes and erasures of the real journal, counted at the flash; docs/lifecycle.md shows them. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import type { FlashOperation } from "../../../sim/emulator/index.js";
import { startEmulated, type Emulated } from "./emulated.js";
import { settle } from "./lives.js";

/** Erasures that a page of an ESP32's flash chip survives, by its data sheet. */
const CYCLES = 100_000;
/** Pages that take turns. */
const PAGES = 14;
/** Pages that one measurement goes through, beside the one that it begins in. */
const TURNS = 1;
/** Events without a write after which there will be none. */
const IDLE = 10;

interface Wear {
  /** Writes of one event, with what the turn to a new page costs. */
  writes: number;
  /** Events from one erasure to the next. */
  perPage: number;
}

interface Happening {
  name: string;
  /** How many of them a busy day has. */
  daily: number;
  act(world: Emulated): Promise<unknown>;
}

const seen = { writes: 0, erasures: 0 };
const count = ({ kind }: FlashOperation): void => void (kind === "write" ? seen.writes++ : seen.erasures++);

async function boot({ device, rig }: Emulated): Promise<void> {
  await device.reboot({ afterOperations: Infinity, onOperation: count });
  await rig().inState("provisioning", "online", "bound");
}

/** What happens to a device that has power, a network and an owner. */
const HAPPENINGS: Happening[] = [
  { name: "a boot", daily: 24, act: boot },
  {
    name: "… counted by the firmware, without a button",
    daily: 24,
    act: ({ rig }) => rig().eval("(W.boots(W.boots()+1),W.boots(0),0)"),
  },
  {
    name: "a window that opens, is reported and ends",
    daily: 1000,
    async act({ rig }) {
      const device = rig();
      await device.openWindow(1);
      await device.until("its end", async () => !(await device.code()));
    },
  },
  {
    name: "`reset()`, provisioned and bound again",
    daily: 10,
    async act({ rig }) {
      await rig().eval("(W.reset(),0)");
      await settle(rig());
    },
  },
];

/** Counts from the first turn to a new page that is seen. */
async function measure(world: Emulated, { act }: Happening): Promise<Wear> {
  let start: { events: number; writes: number; erasures: number } | undefined;
  const before = { ...seen };
  for (let events = 1; ; events++) {
    await act(world);
    if (events === IDLE && seen.writes === before.writes) return { writes: 0, perPage: Infinity };
    if (!start && seen.erasures > before.erasures) start = { events, ...seen };
    const pages = start ? seen.erasures - start.erasures : 0;
    if (!start || pages < TURNS) continue;
    const all = events - start.events;
    return { writes: (seen.writes - start.writes) / all, perPage: all / pages };
  }
}

const years = (perPage: number, daily: number): number => Math.floor((CYCLES * PAGES * perPage) / daily / 365);

/** One line of the document's table. */
function line({ name, daily }: Happening, { writes, perPage }: Wear): string {
  if (!writes) return `| ${name} | 0 | – | ${daily} | – |`;
  return `| ${name} | ${writes.toFixed(1)} | ${perPage < 1 ? perPage.toFixed(2) : Math.round(perPage)} | ${daily} | ${years(perPage, daily)} |`;
}

describe("the wear of the flash", function () {
  this.timeout(120_000);
  let world: Emulated;

  before(async () => {
    world = await startEmulated("127.90.4.2");
    await boot(world);
    await settle(world.rig());
  });

  after(() => world.stop());

  it("is what docs/lifecycle.md says", async () => {
    const lines: string[] = [];
    let pages = 0;
    let writes = 0;
    for (const one of HAPPENINGS) {
      const wear = await measure(world, one);
      lines.push(line(one, wear));
      pages += one.daily / wear.perPage;
      writes += one.daily * wear.writes;
    }
    lines.push(`| all of that | | | ${Math.round(writes)} writes | ${years(1, pages)} |`);
    lines.forEach((one) => console.log(`      ${one}`));
    const document = readFileSync("docs/lifecycle.md", "utf8").replace(/ +/g, " ");
    for (const one of lines) expect(document).to.include(one);
    expect(world.device.uncaught).to.deep.equal([]);
  });
});
