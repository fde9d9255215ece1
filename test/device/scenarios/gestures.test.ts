/** The plain firmware's ways back to setup, and the examples, as their owner uses them. */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { ENGINES, eventually, hasEngine, pause } from "../../unit/sim/emulator/harness.js";
import { readFacts } from "../lives/facts.js";
import { World, type Setup } from "./world.js";

const example = (name: string): string => readFileSync(`examples/${name}.js`, "latin1");
/** The first program of the README. */
const README = /```js\n([^`]*)```/.exec(readFileSync("README.md", "utf8"))![1];

for (const name of ENGINES) {
  describe(`gestures and examples in the engine ${name}`, function () {
    this.timeout(60_000);
    let world: World;

    before(function () {
      if (!hasEngine(name)) this.skip();
    });

    const begin = async (setup: Setup & { button?: string }): Promise<void> => {
      world = await World.start(name, { pins: true, ...setup });
    };
    const press = (milliseconds?: number): Promise<void> => world.device.pins.press("BTN1", milliseconds);
    const led = (): Promise<number> => world.device.pins.read("LED1");
    const printed = (text: RegExp): Promise<unknown> => eventually(() => world.device.lines.some((line) => text.test(line)), 15_000); // prettier-ignore

    afterEach(async () => {
      await world?.stop();
      expect(world.device.uncaught).to.deep.equal([]);
    });

    for (const button of ["BTN1", "D0"]) {
      it(`the button ${button}: short a window, 5 s provisioning, 10 s a reset, when it is let go`, async () => {
        await begin({ options: { button } as object, haste: 5 });
        expect((await world.bind()).envelope.code).to.equal(200);
        await printed(/^WB bound=true/);
        await press();
        await printed(/^WB window seconds=120/);
        await press(1400);
        await printed(/^WB state=provisioning/);
        expect(await world.device.radio.softAp()).to.not.equal(undefined);
        const before = world.device.lines.length;
        await press(2800);
        await eventually(() => world.device.lines.slice(before).some((line) => line === "WB bound=false"), 15_000);
      });
    }

    it("five power cycles of less than 10 s open provisioning, and the network stays", async () => {
      await begin({});
      expect((await world.bind()).envelope.code).to.equal(200);
      await world.reaches("bound");
      const cycle = async (): Promise<void> => {
        await world.device.reboot();
        await eventually(() => world.device.radio.station(), 15_000);
      };
      for (let i = 0; i < 3; i++) await cycle();
      await world.reaches("bound");
      expect(await world.device.radio.softAp()).to.equal(undefined);
      await world.device.reboot();
      await eventually(() => world.device.radio.softAp(), 15_000);
      await cycle();
      expect(await world.device.radio.softAp(), "the sixth is the first").to.equal(undefined);
      await world.reaches("bound");
    });

    it("power cycles with a longer one between them open nothing", async () => {
      await begin({ haste: 10 });
      expect((await world.bind()).envelope.code).to.equal(200);
      for (let i = 0; i < 6; i++) {
        await world.device.reboot();
        // Ten seconds of its time, after which it counts from the beginning.
        if (i === 2) await eventually(() => !readFacts(world.device.flash).KEY_BOOTS, 30_000);
      }
      await eventually(() => world.device.radio.station(), 15_000);
      expect(await world.device.radio.softAp()).to.equal(undefined);
    });

    for (const [title, program] of [
      ["examples/button.js", example("button")],
      ["the README's application", README],
    ]) {
      it(`${title}: lit while bound, after a reboot too, and dark after a reset; its button opens a window`, async () => {
        await begin({ program, library: true });
        await eventually(() => world.device.radio.softAp());
        expect((await world.bind()).envelope.code).to.equal(200);
        await eventually(led);
        await world.device.reboot();
        await eventually(led);
        await press();
        await printed(/^bindable for 120 s/);
        await world.device.eval('require("WifiBinding").reset()');
        await eventually(async () => !(await led()));
        expect(world.device.lines).to.include.members(["LED1 on", "LED1 off"]);
      });
    }

    it("examples/led.js: blinks on the way, and is lit in the end", async () => {
      await begin({ program: example("led"), library: true });
      await printed(/^LED1 off/);
      expect((await world.bind()).envelope.code).to.equal(200);
      await world.reaches("bound");
      await eventually(led);
      const before = world.device.lines.length;
      await pause(600);
      expect(world.device.lines.slice(before).filter((line) => line.startsWith("LED1"))).to.deep.equal([]);
    });

    it("examples/sleep.js: says good-bye and sleeps", async () => {
      await begin({ program: example("sleep"), library: true, haste: 5 });
      await eventually(() => world.device.radio.softAp());
      expect((await world.bind()).envelope.code).to.equal(200);
      await printed(/^asleep for 600 s/);
      expect(world.seen()).to.include("disconnected");
      expect(await world.device.radio.station()).to.equal(undefined);
    });
  });
}
