/** The platform's servers: they go away and come back, and one sends the device to the other. */

import { expect } from "chai";
import fc from "fast-check";

import { command, SETTLE } from "./step.js";
import { SERVERS } from "./system.js";

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

export const moves = fc.constant(
  command(
    "the platform moves it to the other server",
    async (model, system) => {
      const to = model.send();
      const { hostname, port } = new URL(system.urls[to]);
      const server = { domain: hostname, ip: hostname, port: Number(port) };
      expect(await system.configure({ server })).to.equal(200);
      await system.clock.advance(SETTLE);
      if (model.lines[to]) expect((await system.look()).at, "where it was sent to").to.equal(to);
    },
    (model) => model.online && !model.ending(),
  ),
);
