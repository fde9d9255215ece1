/** Ten thousand windows and ten thousand handshakes at level 1: the memory of a device is what it was before them. */

import { expect } from "chai";

import { bindingWindow, possessionOf, type Possession } from "../../../sim/app/index.js";
import { newPop } from "../../../tools/factory/identity-image.js";
import { eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { DK, World } from "../scenarios/world.js";
import { patience, rounds } from "../../support/endurance.js";

const WINDOWS = rounds(60, 10_000);
const HANDSHAKES = rounds(60, 10_000);
/** Rounds until everything that is made once is made. */
const WARM = 10;
/** Milliseconds after which a connection counts as a success, and the timer for that is gone; less matters little. */
const SETTLED = rounds(0, 65_000);
/** Seconds of a window that is open while the memory is measured. */
const OPEN = 3600;

describe("the memory of the real interpreter", function () {
  this.timeout(patience(SETTLED / 100 + WINDOWS + HANDSHAKES, 150));
  let world: World;
  let possession: Possession;

  before(async function () {
    if (!hasEngine("espruino")) return this.skip();
    const pop = newPop();
    world = await World.start("espruino", { program: "library", pop });
    const { envelope } = await world.bind({ pop });
    possession = possessionOf({ authKey: envelope.data!.authKey }, DK)!;
    await eventually(() => world.device.eval("W.state() == 'bound'"));
    // The access point of the provisioning is closed by then, and no timer of it is left.
    await world.device.reboot();
    await eventually(() => world.device.eval("W.state() == 'bound'"), 20_000);
    await pause(SETTLED);
  });

  after(async () => {
    await world?.stop();
    expect(world?.device.uncaught.slice(0, 5) ?? []).to.deep.equal([]);
  });

  const reports = (): number => world.events.filter(({ event }) => event === "window").length;

  /** A window that the cloud knows. */
  async function open(): Promise<void> {
    const before = reports();
    await world.device.eval(`W.openWindow(${OPEN})`);
    await eventually(() => reports() > before);
  }

  /** JsVars in use with a window open and nobody connected, when they have stayed the same for a while. */
  async function memory(): Promise<number> {
    await open();
    let last = NaN;
    let same = 0;
    return eventually(async () => {
      await pause(100);
      const now = (await world.device.eval("process.memory().usage")) as number;
      same = now === last ? same + 1 : 0;
      last = now;
      // Longer than functions stay that nobody needs any more.
      return same >= 15 ? now : undefined;
    }, 20_000);
  }

  async function costs(count: number, round: () => Promise<unknown>): Promise<void> {
    await open();
    for (let n = 0; n < WARM; n++) await round();
    const before = await memory();
    const start = performance.now();
    for (let n = 0; n < count; n++) await round();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const end = await memory();
    console.log(`      ${before} JsVars before, ${end} after; ${seconds} s`);
    expect(end).to.be.at.most(before);
  }

  it(`endurance: ${WINDOWS} windows, each reported`, () => costs(WINDOWS, open));

  it(`endurance: ${HANDSHAKES} handshakes, each with a proof and the code`, () =>
    costs(HANDSHAKES, async () => {
      const window = await bindingWindow(world.device.host, { possession });
      expect(window?.bindingCode).to.match(/^[0-9A-F]{16}$/);
    }));
});
