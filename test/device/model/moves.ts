/** The cloud's servers: they go away and come back, and one sends the device to the other. */

import { expect } from "chai";
import fc from "fast-check";

import { TRIAL, type Model } from "./model.js";
import { command, SETTLE } from "./step.js";
import { SERVERS, type System } from "./system.js";

const servers = fc.constantFrom(...SERVERS.keys());

export const losses = servers.map((at) =>
  command(
    `${SERVERS[at]} goes away`,
    async (model, system) => {
      await system.proxies[at].down();
      model.lines[at] = false;
    },
    ({ lines }) => lines[at],
  ),
);

export const returns = servers.map((at) =>
  command(
    `${SERVERS[at]} is back`,
    async (model, system) => {
      await system.proxies[at].up();
      model.lines[at] = true;
    },
    ({ lines }) => !lines[at],
  ),
);

/** The cloud tells it to try the other server. */
async function send(model: Model, system: System): Promise<void> {
  const { hostname, port } = new URL(system.urls[model.send()]);
  const server = { domain: hostname, ip: hostname, port: Number(port) };
  expect(await system.configure({ server })).to.equal(200);
  await system.clock.advance(SETTLE);
}

const whenOnline = ({ online }: Model): boolean => online;

export const moves = fc.constantFrom(
  command(
    "the cloud moves it to the other server",
    async (model, system) => {
      const to = 1 - model.at;
      await send(model, system);
      if (model.lines[to]) expect((await system.look()).at, "where it was sent to").to.equal(to);
    },
    whenOnline,
  ),
  command(
    "the cloud moves it to a server that is not there",
    async (model, system) => {
      const to = 1 - model.at;
      if (model.lines[to]) await system.proxies[to].down();
      model.lines[to] = false;
      await send(model, system);
      await system.clock.advance(TRIAL);
    },
    whenOnline,
  ),
);
