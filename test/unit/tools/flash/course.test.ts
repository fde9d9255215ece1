/** The course of flashing: which errors of an application count. */
import { expect } from "chai";

import { FIRST } from "../../../../src/ota/slots.js";
import type { Board } from "../../../../tools/flash/board.js";
import type { Console } from "../../../../tools/flash/console.js";
import { Course } from "../../../../tools/flash/course.js";
import type { Plan } from "../../../../tools/flash/install.js";

const BOARD = { board: "LINUX" } as Board;
const PLAN = { letter: undefined, slots: {} } as unknown as Plan;
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe("flash: the course", () => {
  async function begin() {
    let say = (_: string): void => {};
    const device = {
      eval: async (expression: string) => (expression.startsWith("[global.appIsGood") ? [1, FIRST] : undefined),
      close: () => {},
    } as unknown as Console;
    const course = new Course(async ({ onLine }) => {
      say = onLine!;
      return device;
    });
    await course.open();
    return { course, device, say: (line: string) => say(line) };
  }

  it("takes no error of the application that runs until the reboot for one of the new application", async () => {
    const { course, device, say } = await begin();
    say("Uncaught Error: before");
    const booted = course.reboot(device, BOARD);
    await sleep(150);
    say("Uncaught Error: while the reboot is on its way");
    say("WB boot b trial 1");
    await booted;
    await course.watch(device, BOARD, PLAN);
  });

  it("tells the first error after the reboot, however soon that comes", async () => {
    const { course, device, say } = await begin();
    const booted = course.reboot(device, BOARD);
    await sleep(50);
    say("WB boot b trial 1");
    say("Uncaught Error: new");
    say("Uncaught Error: newer");
    await booted;
    const error = await course.watch(device, BOARD, PLAN).catch((thrown: Error) => thrown);
    expect(String(error)).to.match(/the application threw: Uncaught Error: new$/);
  });

  it("waits no longer when the command is stopped, whether the device answers or not", async () => {
    for (const gone of [false, true]) {
      const stop = new AbortController();
      const device = {
        eval: async () => (gone ? Promise.reject(new Error("gone")) : [0, ""]),
        close: () => {},
      } as unknown as Console;
      const course = new Course(async () => device);
      const plan = { letter: "b", slots: { kept: "a" } } as unknown as Plan;
      const watched = course.watch(device, BOARD, plan, stop.signal).catch((error: Error) => error.name);
      stop.abort();
      expect(await watched).to.equal("AbortError");
    }
  });
});
