/** The device's power: off and on, and off inside a flash operation. */

import { expect } from "chai";

import type { EmulatedDevice, PowerCut, VirtualClock } from "../../../sim/emulator/index.js";
import { fill, textOf } from "../lives/facts.js";
import { noiseOf, outcomes, TEARS } from "../lives/tears.js";
import { NETWORK } from "../scenarios/world.js";
import { durableOf, type Durable } from "./durable.js";

/** Where the power goes, and what comes then. */
export interface FlashCut {
  afterOperations: number;
  /** A name of TEARS, and the seed of its noise. */
  tear: string;
  seed: number;
  /** Whether it goes a second time, in the boot that follows. */
  again: boolean;
  /** Bytes that the journal's block then has left. */
  left?: number;
}

export class Power {
  private cut?: FlashCut;
  /** What the journal may say after the flash operation that is made now. */
  private possible: string[] = [];
  /** What flash was like at the last look, and says. */
  private known?: { flash: Uint8Array; durable: Durable };

  /** @param servers URLs, the configured one first */
  constructor(
    private readonly device: EmulatedDevice,
    private readonly clock: VirtualClock,
    private readonly servers: string[],
  ) {}

  /** From now on the power may go in a flash operation. */
  arm(cut: FlashCut): void {
    this.device.cutPower(this.powerCut(cut));
  }

  /** Power off and on. @param router whether its network is there @param cut where the power goes in the boot */
  async reboot(router: boolean, cut?: FlashCut): Promise<void> {
    await this.device.reboot(cut && this.powerCut(cut));
    await this.device.radio.setNetworks(router ? [NETWORK] : []);
  }

  /** The device has lost its power inside a flash operation. @returns what flash says: all of that operation, or nothing */
  async wreck(): Promise<Durable> {
    await this.device.stop();
    await this.clock.settle();
    expect(this.possible, "the journal before the operation or behind it").to.include(textOf(this.device.flash));
    return this.durable();
  }

  /** Power on, as often as the cut says. */
  async revive(router: boolean): Promise<void> {
    const { again, left, seed } = this.cut!;
    if (left !== undefined) this.device.flash.set(fill(this.device.flash, left));
    if (again) await this.device.reboot({ afterOperations: 0, tear: noiseOf(seed) });
    await this.reboot(router);
  }

  /** What flash says. */
  durable(): Durable {
    const { flash } = this.device;
    // To read it takes longer than most steps, and few steps change it.
    if (!this.known || Buffer.compare(flash, this.known.flash)) {
      this.known = { flash: Buffer.from(flash), durable: durableOf(flash, this.servers) };
    }
    return this.known.durable;
  }

  private powerCut(cut: FlashCut): PowerCut {
    this.cut = cut;
    return {
      afterOperations: cut.afterOperations,
      tear: TEARS[cut.tear](noiseOf(cut.seed)),
      onOperation: (operation) => void (this.possible = outcomes(this.device.flash, operation)),
    };
  }
}
