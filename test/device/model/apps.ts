/** What apps ask, and what whoever guesses is told. */

import { expect } from "chai";
import fc from "fast-check";

import { PossessionError } from "../../../sim/app/index.js";
import {
  CMD_PROVISION,
  CMD_SCAN,
  CMD_WINDOW,
  EXT_CAPABILITIES,
  EXT_CODE,
  EXT_OK,
  EXT_SECONDS,
  PROVISION_CODE,
  PROVISION_OK,
  PROVISION_SECONDS,
  WIFI_PASSWORD,
  WIFI_SECONDS,
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
    async ({ cloud }, system) => {
      if (cloud.window) expect(await system.accepts(cloud.window.code), "the good code").to.equal(true);
      else expect(await system.accepts(cloud.lastDead), "the dead code").to.equal(false);
    },
    (model) => {
      const { window, unsureUntil, lastDead } = model.cloud;
      if (window) return model.alive(window) && !model.resetPending;
      return lastDead !== "" && model.now > unsureUntil;
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
  command("an app asks for the code", askCode, (model) => notAtLockEnd(model) && notAtRenewal(model)),
];

/** Close to these ends an app is told one code or the other, or none. */
function notAtRenewal({ window, now }: Model): boolean {
  const left = window ? (window.end - now) / 1000 : 60;
  return Math.abs(left - LEAST_LEFT) > 2 && left > 2;
}

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
  const answer = await proven(model, system, CMD_WINDOW);
  if (!answer) return;
  expect(find(answer, EXT_OK)).to.equal(window !== undefined);
  if (!window) return;
  expect(find(answer, EXT_SECONDS)).to.be.at.least(LEAST_LEFT);
  expect(find(answer, EXT_CAPABILITIES)).to.equal(model.bluetooth ? 7 : 3);
  const fresh = window.end - model.now < LEAST_LEFT * 1000;
  expect(find(answer, EXT_CODE) !== window.code).to.equal(fresh);
  if (fresh) model.open(WINDOW, String(find(answer, EXT_CODE)));
}

interface Brought {
  name: string;
  password: string;
  seconds?: number;
}

const networks = fc.constantFrom<Brought[]>(
  { name: "the network", password: NETWORK.password },
  { name: "the network for 60 s", password: NETWORK.password, seconds: 60 },
  { name: "the network for 600 s", password: NETWORK.password, seconds: 600 },
  { name: "a wrong password", password: "wrong-password" },
);

function nodesOf({ password, seconds }: Brought): Node[] {
  const nodes: Node[] = [
    [WIFI_SSID, NETWORK.ssid],
    [WIFI_PASSWORD, password],
  ];
  return seconds ? [...nodes, [WIFI_SECONDS, seconds]] : nodes;
}

export const provisions = networks.map((brought) =>
  command(
    `an app brings ${brought.name}`,
    async (model, system) => {
      await system.device.eval("ended=undefined");
      const right = brought.password === NETWORK.password;
      const good = right && model.router && model.lines[0];
      if (good && model.mode === "ap") Object.assign(model.maybe, { hasNetwork: true, at: 0 });
      const answer = await proven(model, system, CMD_PROVISION, nodesOf(brought));
      if (!answer) return;
      if (model.mode !== "ap") return repeated(model, right, answer);
      expect(find(answer, PROVISION_OK)).to.equal(true);
      const seconds = Math.min(brought.seconds ?? WINDOW, WINDOW);
      expect(find(answer, PROVISION_SECONDS)).to.equal(seconds);
      model.now = system.clock.now();
      model.open(seconds, codeIn(model, answer));
      await provisioned(model, system, good);
    },
    (model) => notAtLockEnd(model) && notAtRenewal(model) && Math.abs(model.now - model.apEnd) > 2000,
  ),
);

/** The code that an app is given at once: a new one. */
function codeIn(model: Model, answer: Node[]): string {
  const code = String(find(answer, PROVISION_CODE));
  expect(code).to.match(/^[0-9A-F]{16}$/);
  expect(model.dead.has(code) || code === model.window?.code, "a new code").to.equal(false);
  return code;
}

/** The network that it has already: an app is given the code of an open window, and nothing else. */
function repeated(model: Model, right: boolean, answer: Node[]): void {
  const { window, autoRotate } = model;
  if (!right || !window || model.mode !== "station") return void expect(answer).to.deep.equal([]);
  expect(find(answer, PROVISION_OK)).to.equal(true);
  if (autoRotate && window.end - model.now < LEAST_LEFT * 1000) {
    expect(find(answer, PROVISION_SECONDS)).to.equal(autoRotate);
    model.open(autoRotate, codeIn(model, answer));
  } else expect(find(answer, PROVISION_CODE) === window.code, "the same code").to.equal(true);
}

/** Waits for the end of a provisioning, and says what it should be. */
async function provisioned(model: Model, system: System, good: boolean): Promise<void> {
  const start = system.clock.now();
  let ended: unknown;
  for (; ended === undefined && system.clock.now() < start + ATTEMPT; await system.clock.advance(100)) {
    ended = await system.device.eval("ended");
  }
  expect(ended === 0, `provisioning ended with ${ended}`).to.equal(good);
  model.now = system.clock.now();
  model.online = false;
  // The access point's time has gone on meanwhile.
  if (!good) return model.close();
  model.hasNetwork = true;
  model.at = 0;
  model.trial = undefined;
  model.mode = "station";
}
