/** The public states: every state at every event, against what the design says in words. */

import { expect } from "chai";

import { createEmitter } from "../../../../src/binding/emitter.js";
import {
  BOUND,
  createStates,
  ENTERED,
  ENTERED_BOUND,
  LOST,
  UNBOUND,
  type States,
} from "../../../../src/binding/states.js";
import type { Hal } from "../../../../src/hal/hal.js";
import { FakeClock } from "../../../support/hal.js";

const NAMES = ["idle", "provisioning", "joining", "connecting", "online", "bound"];
const ROUTES: Record<string, number[]> = {
  idle: [],
  provisioning: [1],
  joining: [2],
  connecting: [3],
  online: [3, ENTERED],
  bound: [3, ENTERED_BOUND],
};

describe("the public state", () => {
  const begin = (lines: string[] = []): States => {
    const hal = { ...new FakeClock(), log: (line: string) => lines.push(line) } as unknown as Hal;
    return createStates(hal, createEmitter(hal));
  };

  const after = (state: string, event: number): string => {
    const states = begin();
    ROUTES[state]!.forEach((each) => states.fire(each));
    expect(states.name()).to.equal(state);
    const before = states.current();
    expect(states.fire(event)).to.equal(states.current() !== before);
    return states.name();
  };

  for (const state of NAMES) {
    const inCloud = state === "online" || state === "bound";
    it(`${state}: the network leads anywhere, the cloud only to where it can be`, () => {
      for (const event of [0, 1, 2, 3]) expect(after(state, event)).to.equal(NAMES[event]);
      expect(after(state, ENTERED)).to.equal(inCloud || state === "connecting" ? "online" : state);
      expect(after(state, ENTERED_BOUND)).to.equal(inCloud || state === "connecting" ? "bound" : state);
      expect(after(state, BOUND)).to.equal(inCloud ? "bound" : state);
      expect(after(state, UNBOUND)).to.equal(inCloud ? "online" : state);
      expect(after(state, LOST)).to.equal(inCloud ? "connecting" : state);
    });
  }

  it("is said once, and again with the reason of an attempt that has ended", () => {
    const lines: string[] = [];
    const states = begin(lines);
    states.fire(1);
    states.fire(1);
    states.fire(1, 2);
    expect(lines).to.deep.equal(["state=provisioning", "state=provisioning reason=2"]);
  });
});
