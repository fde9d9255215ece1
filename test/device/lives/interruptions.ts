/**
 * Every interruption: the lives of the whole bundle, in which one call, allocation or assignment of the device's own code,
 * or one flash operation, ends the job that it is in, as an exhausted stack or a full memory does. The device goes on
 * without it, or loses its power, boots again, and has to keep what invariants.ts lists.
 */

import { readFileSync } from "node:fs";

import { expect } from "chai";

import { literal } from "../../../compiler/literal.js";
import { HARNESS, withPoints } from "../../support/points.js";
import { patience } from "../../support/endurance.js";
import { readFacts } from "./facts.js";
import { AT_THE_CUT, broken, IN_THE_END, type Story } from "./invariants.js";
import { LIVES, type Life } from "./lives.js";
import { MODULES, PowerOff, type Rig } from "./rig.js";
import { Stories, type Course, type Snapshot } from "./stories.js";

/** Points before and behind each change of the flash of which each is tried, whatever others were tried before. */
const BEFORE = 40;
const BEHIND = 20;
/** Bytes that the journal's block has left: the lives take turns. */
const ROOMS = [60, 4096, 0];
/** Milliseconds that a device goes on after the interruption, every second time. */
const LATER = 20_000;
const OVERFLOW = /Too much recursion/;

/** One life with the places that it passes, and the counts at which the flash is changed. */
interface Way extends Course {
  places: number[];
  changes: number[];
}

class Interruptions {
  readonly found: string[] = [];
  tried = 0;
  private readonly known = new Set<number>();

  private constructor(
    private readonly stories: Stories,
    private readonly places: string[],
    private readonly share: number,
  ) {}

  /** @param share one of so many places is tried */
  static async start(host: string, share: number): Promise<Interruptions> {
    const files: Record<string, string> = { ".boot0": HARNESS };
    const places: string[] = [];
    for (const name of ["WifiBinding", ...MODULES]) {
      files[name] = withPoints(readFileSync(`build/${name}.min.js`, "latin1"), places);
    }
    const stories = await Stories.start(host, files);
    return new Interruptions(stories, places, share);
  }

  stop(): Promise<void> {
    return this.stories.stop();
  }

  /** Interrupts one life everywhere. */
  async life(life: Life, left: number): Promise<void> {
    const from = this.stories.begin(life, left);
    const way = await this.walk(life, from);
    for (const count of this.countsOf(way)) {
      if (count % this.share) continue;
      const told = await this.story(life, from, way, count).catch((error: unknown) => String(error));
      const where = `${life.name}, ${left} bytes left, point ${count} of ${way.places.length} (${this.places[way.places[count - 1]!]}): `;
      const faults = typeof told === "string" ? [told] : [...broken(AT_THE_CUT, told), ...broken(IN_THE_END, told)];
      for (const fault of faults) this.found.push(where + fault);
      if (faults.length) console.log(where, faults);
      this.tried++;
    }
  }

  /** What the next boots do: "all" writes the points down, a number ends at that one. */
  private async arm(wanted: string): Promise<void> {
    if (!this.stories.device.alive) await this.stories.device.reboot();
    await this.stories.device.eval(`(require("Storage").write("points",${literal(wanted)}),0)`);
  }

  private async walk(life: Life, from: Snapshot): Promise<Way> {
    const { device } = this.stories;
    await this.arm("all");
    const course = await this.stories.whole(life, from);
    const [places, changes] = (await device.eval("[points,changes]")) as [number[], number[]];
    return { ...course, places, changes };
  }

  /** Each place that was never passed before, and each point near a change of the flash. */
  private countsOf({ places, changes }: Way): number[] {
    const counts = new Set<number>();
    places.forEach((place, at) => {
      const near = changes.some((change) => at >= change - BEFORE && at < change + BEHIND);
      if (near || !this.known.has(place)) counts.add(at + 1);
      this.known.add(place);
    });
    return [...counts];
  }

  private async story(life: Life, from: Snapshot, course: Course, count: number): Promise<Story> {
    const { stories } = this;
    const { device } = stories;
    const failures = device.uncaught.length;
    await this.arm(String(count));
    const rig = await stories.boot(from);
    const interrupted = async (): Promise<boolean> => (await device.eval("pointsLeft")) === 0;
    await this.until(life, rig, interrupted);
    const lost = count % 2 ? await this.goOn(rig) : "";
    const told = device.uncaught.slice(failures).filter((line) => !OVERFLOW.test(line));
    if (told.length || lost) throw new Error(told.join() || lost);
    await this.arm("none");
    return stories.tell(rig, from, course);
  }

  /** Some time later the cloud gives another DS. @returns how that was lost, if it was and no `error` says so */
  private async goOn(rig: Rig): Promise<string> {
    const { cloud, device } = this.stories;
    await rig.pass(LATER);
    const pk = await rig.pk().catch(() => "");
    if (!pk || !cloud.configure(pk, { ds: true })) return "";
    await rig.pass(LATER);
    const { ds, nextDs } = cloud.record(pk);
    const errors = await device.eval("errors");
    const kept = nextDs !== undefined || readFacts(device.flash).KEY_DS === ds;
    return kept || String(errors).includes("flash") ? "" : "a DS that the device has acknowledged is not in its flash";
  }

  /** Lives until the interruption. */
  private async until(life: Life, rig: Rig, interrupted: () => Promise<boolean>): Promise<void> {
    rig.ended = interrupted;
    try {
      await life.act(rig);
    } catch (error) {
      if (!(error instanceof PowerOff) && !(await interrupted())) throw error;
    } finally {
      rig.ended = undefined;
    }
  }
}

/** @param share one of so many points is tried */
export function describeInterruptions(host: string, share: number): void {
  describe("every interruption in the life of a device", function () {
    this.timeout(patience(1, 1_200_000));
    let all: Interruptions;

    before(async () => {
      all = await Interruptions.start(host, share);
    });

    after(() => all.stop());

    LIVES.forEach((life, at) => {
      it(life.name, async () => {
        all.found.length = 0;
        await all.life(life, ROOMS[at % ROOMS.length]!);
        expect(all.found).to.deep.equal([]);
      });
    });

    it("was tried at thousands of points", () => {
      console.log(
        `      ${all.tried} interruptions, no violation of ${Object.keys({ ...AT_THE_CUT, ...IN_THE_END }).length} rules`,
      );
      expect(all.tried).to.be.above(4000 / share);
    });
  });
}
