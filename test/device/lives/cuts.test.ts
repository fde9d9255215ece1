/**
 * Every cut: each life of the whole bundle in the emulator loses its power before, inside and after each of its flash
 * operations, boots again, and has to keep what invariants.ts lists. One of the cuts is followed by another in the boot.
 */

import { expect } from "chai";

import { EmulatedDevice, type FlashOperation, type PowerCut } from "../../../sim/emulator/index.js";
import { BLOCK_SIZE } from "../../../src/codec/record.js";
import { patience, rounds } from "../../support/endurance.js";
import { PRODUCTS, type CloudState, type LifeCloud } from "./cloud.js";
import { IDENTITY, startEmulated, type Emulated } from "./emulated.js";
import { fill, readFacts, textOf } from "./facts.js";
import { AT_THE_CUT, broken, IN_THE_END, networkOf, productOf, type Story } from "./invariants.js";
import { LIVES, settle, type Life } from "./lives.js";
import { recover } from "./recovery.js";
import { PowerOff, type Rig } from "./rig.js";
import { noiseOf, outcomes, TEARS } from "./tears.js";

/** Bytes that the journal's block has left when a life begins: so few that a change soon needs the next block, or all. */
const ROOMS = [60, 0, 100, 20, 140, 180, 220, BLOCK_SIZE];
/** The state is the old one or the new one; and what invariants.ts lists. */
const RULES = 1 + Object.keys({ ...AT_THE_CUT, ...IN_THE_END }).length;

interface Snapshot {
  flash: Buffer;
  cloud: CloudState;
}

/** What a whole life was like. */
interface Course {
  operations: number;
  networks: Set<string>;
  products: Set<string>;
}

describe("endurance: every power cut in the life of a device", function () {
  this.timeout(patience(ROOMS.length, 20_000));
  const snapshots = {} as Record<Life["from"], Snapshot>;
  let emulated: Emulated;
  let device: EmulatedDevice;
  let cloud: LifeCloud;
  let tried = 0;
  const noise = noiseOf(1);

  async function boot({ flash, cloud: state }: Snapshot, cut?: PowerCut): Promise<Rig> {
    await emulated.off();
    device.flash.set(flash);
    cloud.restore(state);
    await device.reboot(cut);
    return emulated.rig();
  }

  before(async () => {
    emulated = await startEmulated("127.90.4.1");
    ({ device, cloud } = emulated);
    snapshots.new = { flash: emulated.factory, cloud: new Map() };
    await settle(await boot(snapshots.new));
    await emulated.off();
    snapshots.bound = { flash: Buffer.from(device.flash), cloud: cloud.state() };
  });

  after(() => emulated.stop());

  afterEach(() => {
    expect(device.uncaught).to.deep.equal([]);
  });

  function begin(life: Life, left: number): Snapshot {
    const { flash, cloud: state } = snapshots[life.from];
    const full = left < BLOCK_SIZE ? fill(flash, left) : Buffer.from(flash);
    full.set(life.identity ?? []);
    return { flash: full, cloud: state };
  }

  /** A life that nothing cuts off. */
  async function whole(life: Life, from: Snapshot): Promise<Course> {
    const course: Course = { operations: 0, networks: new Set(), products: new Set() };
    const look = (): void => {
      const facts = readFacts(device.flash);
      course.networks.add(networkOf(facts));
      course.products.add(productOf(facts));
    };
    const onOperation = (): void => {
      course.operations++;
      look();
    };
    const rig = await boot(from, { afterOperations: Infinity, onOperation });
    await life.act(rig);
    look();
    return course;
  }

  /** Lives until the power goes. @returns what the operation that was cut found, and what the whole of it would leave */
  async function cutOff(life: Life, from: Snapshot, cut: PowerCut): Promise<[Rig, string[]]> {
    let texts: string[] = [];
    const onOperation = (operation: FlashOperation): void => void (texts = outcomes(device.flash, operation));
    const rig = await boot(from, { ...cut, onOperation });
    try {
      await life.act(rig);
    } catch (error) {
      if (!(error instanceof PowerOff)) throw error;
    }
    await emulated.off();
    return [rig, texts];
  }

  async function story(life: Life, from: Snapshot, course: Course, cut: PowerCut, again: boolean): Promise<Story> {
    const [rig, texts] = await cutOff(life, from, cut);
    const now = readFacts(device.flash);
    expect(texts, "the state before the operation or behind it").to.include(textOf(device.flash));
    const deadCodes = new Set([...rig.codes, ...cloud.notes.codes]);
    const connections = cloud.notes.passwords.length;
    const cloudSecrets = PRODUCTS.map(({ pk }) => cloud.record(pk).secret);
    const deviceSecrets = new Set([...cloud.notes.deviceSecrets, String(readFacts(from.flash).KEY_DS)]);
    cloud.notes.codes = [];
    if (again) {
      await device.reboot({ afterOperations: 0, tear: noise });
      await emulated.off();
    }
    await device.reboot();
    const later = emulated.rig();
    const end = await recover(later, "late");
    return {
      ...course,
      ...end,
      ...{ deadCodes, deviceSecrets, cloudSecrets, connections },
      before: readFacts(from.flash),
      cut: now,
      after: readFacts(device.flash),
      identity: [from.flash.subarray(0, IDENTITY), device.flash.slice(0, IDENTITY)],
      freshCodes: new Set([...later.codes, ...cloud.notes.codes]),
      passwords: cloud.notes.passwords,
    };
  }

  /** All cuts of one life that begins with so much room. @returns what was violated, and where */
  async function* violations(life: Life, left: number): AsyncGenerator<string> {
    const from = begin(life, left);
    const course = await whole(life, from);
    for (let at = 0; at < course.operations; at++) {
      for (const [how, tear] of Object.entries(TEARS)) {
        // What was there after the last operation is what is there before the next.
        if (at && how === "before it") continue;
        const cut = { afterOperations: at, tear: tear(noise) };
        const again = how === "with any of its bits";
        const told = await story(life, from, course, cut, again).catch(String);
        const where = `operation ${at + 1} of ${course.operations}, ${how}, ${left} bytes left: `;
        if (typeof told === "string") yield where + told;
        else for (const rule of [...broken(AT_THE_CUT, told), ...broken(IN_THE_END, told)]) yield where + rule;
        tried += again ? 2 : 1;
      }
    }
  }

  LIVES.forEach((life, at) => {
    const rooms = rounds(0, 1) ? ROOMS : [ROOMS[at % 3]];
    it(life.name, async () => {
      const found: string[] = [];
      for (const left of rooms) for await (const one of violations(life, left)) found.push(one);
      expect(found).to.deep.equal([]);
    });
  });

  it("was tried hundreds of times", () => {
    console.log(`      ${tried} power cuts, no violation of ${RULES} rules`);
    expect(tried).to.be.above(200);
  });
});
