/** Lives that end before their time, and what came after: shared by the tests that cut power and those that interrupt. */

import type { EmulatedDevice, FlashOperation, PowerCut } from "../../../sim/emulator/index.js";
import { BLOCK_SIZE } from "../../../src/codec/record.js";
import { PRODUCTS, type CloudState, type LifeCloud } from "./cloud.js";
import { IDENTITY, startEmulated, type Emulated } from "./emulated.js";
import { fill, readFacts } from "./facts.js";
import { networkOf, productOf, type Story } from "./invariants.js";
import { settle, type Life } from "./lives.js";
import { recover } from "./recovery.js";
import { PowerOff, reportingFiles, type Rig } from "./rig.js";

/** What a device and its cloud hold when a life begins. */
export interface Snapshot {
  flash: Buffer;
  cloud: CloudState;
}

/** What a whole life was like. */
export interface Course {
  operations: number;
  networks: Set<string>;
  products: Set<string>;
}

/** How a story goes on between the end of the life and the next boot; see `tell`. */
type Interlude = () => Promise<unknown>;

/** The device that all these lives happen to. */
export class Stories {
  private constructor(
    private readonly emulated: Emulated,
    private readonly snapshots: Record<Life["from"], Snapshot>,
  ) {}

  static async start(host: string, files?: Record<string, string>): Promise<Stories> {
    const emulated = await startEmulated(host, { ...reportingFiles(), ...files });
    const snapshot: Snapshot = { flash: emulated.factory, cloud: new Map() };
    const stories = new Stories(emulated, { new: snapshot, bound: snapshot });
    await settle(await stories.boot(snapshot));
    await emulated.off();
    stories.snapshots.bound = { flash: Buffer.from(stories.device.flash), cloud: stories.cloud.state() };
    return stories;
  }

  get device(): EmulatedDevice {
    return this.emulated.device;
  }

  get cloud(): LifeCloud {
    return this.emulated.cloud;
  }

  off(): Promise<void> {
    return this.emulated.off();
  }

  stop(): Promise<void> {
    return this.emulated.stop();
  }

  async boot({ flash, cloud }: Snapshot, cut?: PowerCut): Promise<Rig> {
    await this.emulated.off();
    this.device.flash.set(flash);
    this.cloud.restore(cloud);
    await this.device.reboot(cut);
    return this.emulated.rig();
  }

  /** @param left bytes that the journal's block has left */
  begin(life: Life, left: number): Snapshot {
    const { flash, cloud } = this.snapshots[life.from];
    const full = left < BLOCK_SIZE ? fill(flash, left) : Buffer.from(flash);
    full.set(life.identity ?? []);
    return { flash: full, cloud };
  }

  /** A life that nothing ends early. @param onOperation told of each flash operation before it is made */
  async whole(life: Life, from: Snapshot, onOperation?: (operation: FlashOperation) => void): Promise<Course> {
    const course: Course = { operations: 0, networks: new Set(), products: new Set() };
    const look = (): void => {
      const facts = readFacts(this.device.flash);
      course.networks.add(networkOf(facts));
      course.products.add(productOf(facts));
    };
    const operation = (one: FlashOperation): void => {
      course.operations++;
      onOperation?.(one);
      look();
    };
    const rig = await this.boot(from, { afterOperations: Infinity, onOperation: operation });
    await life.act(rig);
    look();
    return course;
  }

  /** Lives until the power goes. */
  async live(life: Life, rig: Rig): Promise<void> {
    try {
      await life.act(rig);
    } catch (error) {
      if (!(error instanceof PowerOff)) throw error;
    }
  }

  /**
   * What became of a life that has ended: the device boots again, and its owner binds it.
   * @param between what happens to it before that, without power
   */
  async tell(rig: Rig, from: Snapshot, course: Course, between?: Interlude): Promise<Story> {
    const { device, cloud } = this;
    await this.emulated.off();
    const cut = readFacts(device.flash);
    const deadCodes = new Set([...rig.codes, ...cloud.notes.codes]);
    const connections = cloud.notes.passwords.length;
    const cloudSecrets = PRODUCTS.map(({ pk }) => cloud.record(pk).secret);
    const deviceSecrets = new Set([...cloud.notes.deviceSecrets, String(readFacts(from.flash).KEY_DS)]);
    cloud.notes.codes = [];
    await between?.();
    await device.reboot();
    const later = this.emulated.rig();
    const end = await recover(later, "late");
    return {
      ...course,
      ...end,
      ...{ deadCodes, deviceSecrets, cloudSecrets, connections, cut },
      before: readFacts(from.flash),
      after: readFacts(device.flash),
      identity: [from.flash.subarray(0, IDENTITY), device.flash.slice(0, IDENTITY)],
      freshCodes: new Set([...later.codes, ...cloud.notes.codes]),
      passwords: cloud.notes.passwords,
    };
  }
}
