/** What apps ask, and what whoever guesses is told. */

import { expect } from "chai";
import fc from "fast-check";

import { PossessionError } from "../../../sim/app/index.js";
import {
  CMD_BINDING_INFO,
  CMD_PROVISION,
  CMD_SCAN,
  FAIL_BUSY,
  LAN_CODE,
  LAN_ERROR,
  LAN_OK,
  LAN_SECONDS,
  WIFI_PASSWORD,
  WIFI_SSID,
} from "../../../src/codec/commands.js";
import { find, type Node } from "../../../src/codec/ttlv.js";
import { NETWORK } from "../scenarios/world.js";
import type { Model } from "./model.js";
import { command, WINDOW, type Command } from "./step.js";
import type { System } from "./system.js";

/** Longest joining and connecting of a provisioning. */
const ATTEMPT = 60_000;
/** Seconds that a code has left at least when an app is given it. */
const LEAST_LEFT = 10;

export const asks: Command[] = [
  command(
    "the cloud takes the code that counts, and no dead one",
    async ({ cloud, lastDead }, system) => {
      if (cloud.window) expect(await system.accepts(cloud.window.code), "the good code").to.equal(true);
      else expect(await system.accepts(lastDead), "the dead code").to.equal(false);
    },
    (model) => {
      const { window, unsureUntil } = model.cloud;
      if (window) return model.alive(window) && !model.resetPending;
      return model.lastDead !== "" && model.now > unsureUntil;
    },
  ),
  command(
    "an app that guesses",
    async (model, system) => {
      model.maybe.wrongProofs = model.wrongProofs + 1;
      const error = await system.drive(system.guess(CMD_SCAN)).catch((reason: Error) => reason);
      expect(error).to.be.instanceOf(PossessionError);
      if (model.now >= model.lockEnd) model.wrongProof();
      else expect((error as PossessionError).message).to.match(/too many wrong proofs/);
    },
    notAtLockEnd,
  ),
  command("an app asks for the code", askCode, (model) => {
    const left = model.window ? (model.window.end - model.now) / 1000 : 60;
    return notAtLockEnd(model) && Math.abs(left - LEAST_LEFT) > 2 && left > 2;
  }),
];

/** A second before or after the end of a lock-out either answer is right. */
function notAtLockEnd({ now, lockEnd }: Model): boolean {
  return Math.abs(now - lockEnd) > 1500;
}

/** What an app hears that knows the label, or the authKey; undefined while it is locked out. */
async function proven(model: Model, system: System, cmd: number, nodes?: Node[]): Promise<Node[] | undefined> {
  model.maybe.wrongProofs = 0;
  const answer = await system
    .drive(system.ask(model.bound ? model.authKey : "", cmd, nodes))
    .catch((reason: Error) => reason);
  if (model.now < model.lockEnd) {
    expect(answer).to.be.instanceOf(PossessionError);
    return undefined;
  }
  if (answer instanceof Error) throw answer;
  model.wrongProofs = 0;
  expect(answer, "an answer").not.to.equal(undefined);
  return answer;
}

async function askCode(model: Model, system: System): Promise<void> {
  const { window } = model;
  const answer = await proven(model, system, CMD_BINDING_INFO);
  if (!answer) return;
  const ready = window !== undefined && model.online;
  expect(find(answer, LAN_OK)).to.equal(ready);
  if (!ready) return;
  expect(find(answer, LAN_SECONDS)).to.be.at.least(LEAST_LEFT);
  const fresh = window.end - model.now < LEAST_LEFT * 1000;
  expect(find(answer, LAN_CODE) !== window.code).to.equal(fresh);
  if (fresh) model.open(WINDOW);
}

const networks = fc.constantFrom<Node[][]>(
  [
    [WIFI_SSID, NETWORK.ssid],
    [WIFI_PASSWORD, NETWORK.password],
  ],
  [
    [WIFI_SSID, NETWORK.ssid],
    [WIFI_PASSWORD, "wrong-password"],
  ],
);

export const provisions = networks.map((nodes) =>
  command(
    `an app brings ${nodes[1][1] === NETWORK.password ? "the network" : "a wrong password"}`,
    async (model, system) => {
      await system.device.eval("ended=undefined");
      const answer = await proven(model, system, CMD_PROVISION, nodes);
      if (!answer) return;
      expect(find(answer, LAN_OK)).to.equal(model.mode === "ap");
      if (model.mode !== "ap") return void expect(find(answer, LAN_ERROR)).to.equal(FAIL_BUSY);
      const good = nodes[1][1] === NETWORK.password && model.router && model.lines[0];
      if (good) Object.assign(model.maybe, { hasNetwork: true, at: 0 });
      await provisioned(model, system, good);
    },
    (model) => notAtLockEnd(model) && Math.abs(model.now - model.apEnd) > 2000,
  ),
);

/** Waits for the end of a provisioning, and says what it should be. */
async function provisioned(model: Model, system: System, good: boolean): Promise<void> {
  const start = system.clock.now();
  let ended: unknown;
  for (; ended === undefined && system.clock.now() < start + ATTEMPT; await system.clock.advance(100)) {
    ended = await system.device.eval("ended");
  }
  expect(ended === 0, `provisioning ended with ${ended}`).to.equal(good);
  model.now = system.clock.now();
  if (!good) {
    model.close();
    return model.wait();
  }
  const { window } = await system.look();
  expect(window?.seconds).to.be.within(WINDOW - 16, WINDOW);
  model.open(window!.seconds);
  model.hasNetwork = true;
  model.at = 0;
  model.mode = "station";
}
