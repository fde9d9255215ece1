/** What the world does: routers, power, time, the cloud and its users. */

import { expect } from "chai";
import fc from "fast-check";

import { NETWORK } from "../scenarios/world.js";
import { command, type Command } from "./step.js";

const WRONG_CODE = "0000000000000000";
const MOST_TRIES = 5;
/** The radio tries three times before it says that a network is gone. */
const NOTICED = 300;

export const world: Command[] = [
  command(
    "the router goes away",
    async (model, system) => {
      await system.device.radio.setNetworks([]);
      await system.clock.advance(NOTICED);
      model.router = false;
      model.trial = undefined;
    },
    ({ router }) => router,
  ),
  command(
    "the router is back",
    async (model, system) => {
      await system.device.radio.setNetworks([NETWORK]);
      model.router = true;
    },
    ({ router }) => !router,
  ),
  command("power cut", async (model, system) => {
    await system.power.reboot(model.router);
    model.boot();
  }),
  command(
    "until it is online",
    async (_, system) => {
      for (let n = 0; n < 64 && !/online|bound/.test((await system.look()).state); n++)
        await system.clock.advance(30_000);
    },
    ({ mode, router, lines, at }) => mode === "station" && router && lines[at],
  ),
];

export const passes = fc
  .constantFrom(50, 1000, 5000, 20_000, 65_000, 130_000, 310_000, 2_000_000)
  .map((milliseconds) => command(`${milliseconds} ms pass`, (_, system) => system.clock.advance(milliseconds)));

const users = fc.constantFrom<("one" | "two")[]>("one", "two");

export const binds = users.map((user) =>
  command(
    `user ${user} binds`,
    async (model, system) => {
      const { cloud } = model;
      const { code } = cloud.window!;
      expect(await system.bind(user, code)).to.equal(200);
      cloud.users.add(user);
      model.spend();
      cloud.untold = [{ kind: "bound", code, authKey: system.authKey }];
    },
    (model) => model.known && !model.resetPending && model.alive(model.cloud.window) && !model.cloud.users.has(user),
  ),
);

export const unbinds = users.map((user) =>
  command(
    `user ${user} unbinds`,
    async ({ cloud }, system) => {
      expect(await system.unbind(user)).to.equal(200);
      cloud.users.delete(user);
      if (!cloud.users.size) cloud.untold = [{ kind: "unbound" }];
    },
    ({ cloud, resetPending }) => !resetPending && cloud.users.has(user),
  ),
);

export const guesses = fc.integer({ min: 1, max: MOST_TRIES }).map((count) =>
  command(
    `${count} wrong codes`,
    async (model, system) => {
      const { cloud } = model;
      for (let n = 0; n < count; n++) {
        const window = cloud.window!;
        expect(await system.accepts(WRONG_CODE)).to.equal(false);
        if (++window.tries < MOST_TRIES) continue;
        model.spend();
        cloud.untold.push({ kind: "withdrawn", code: window.code });
        return;
      }
    },
    (model) => model.alive(model.cloud.window),
  ),
);

export const configures = fc.constantFrom("ds", "reauthenticate").map((name) =>
  command(
    `the cloud changes: ${name}`,
    async (_, system) => {
      expect(await system.configure({ [name]: true })).to.equal(200);
      await system.clock.settle();
    },
    ({ online }) => online,
  ),
);
