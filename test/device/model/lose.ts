/** What a power cut inside a step may leave, seen from the model. */

import { expect } from "chai";

import type { Durable } from "./durable.js";
import type { Model } from "./model.js";

/**
 * The power has gone inside a step: each fact in flash is what it was before, or what the step makes of it.
 * @param connections how often the cloud has let the device in until then
 */
export function lose(model: Model, before: Durable, found: Durable, connections: number): void {
  const { maybe, cloud } = model;
  const after = model.durable();
  const told = cloud.untold.map(({ kind, authKey = "" }) => (kind === "withdrawn" ? after.authKey : authKey));
  expect(found.hasNetwork, "a network").to.be.oneOf([before.hasNetwork, after.hasNetwork, maybe.hasNetwork]);
  expect([before.authKey, after.authKey, ...told].includes(found.authKey), "a known authKey").to.equal(true);
  expect(found.resetPending, "a reset to tell").to.be.oneOf([before.resetPending, after.resetPending, false]);
  expect(found.at, "its server").to.be.oneOf([before.at, after.at, model.trial, maybe.at]);
  // Who was answered that a proof is wrong has had it counted.
  const counted =
    after.wrongProofs === before.wrongProofs ? [before.wrongProofs, maybe.wrongProofs] : [after.wrongProofs];
  expect(found.wrongProofs, "wrong proofs").to.be.oneOf(counted);
  if (found.resetPending) expect(found.hasNetwork || found.authKey !== "", "half a reset").to.equal(false);
  if (before.resetPending && !found.resetPending) model.forgotten();
  const { authKey, ...others } = found;
  Object.assign(model, others, { authKey, bound: authKey !== "", connections });
  model.refuses ||= model.trial !== undefined && model.trial !== found.at;
  cloud.window = undefined;
  cloud.unsureUntil = Infinity;
}
