/** What a power cut inside a step may leave, seen from the model. */

import { expect } from "chai";

import type { Durable } from "./durable.js";
import type { Model } from "./model.js";

/** What was so before the step. */
export type Before = Durable & Pick<Model, "resetPending">;

/**
 * The power has gone inside a step: each fact in flash is what it was before, or what the step makes of it.
 * @param connections how often the cloud has let the device in until then
 */
export function lose(model: Model, before: Before, found: Durable, connections: number): void {
  const { maybe, cloud } = model;
  const after = model.durable();
  const told = cloud.untold.map(({ kind, authKey = "" }) => (kind === "withdrawn" ? after.authKey : authKey));
  expect(found.hasNetwork, "a network").to.be.oneOf([before.hasNetwork, after.hasNetwork, maybe.hasNetwork]);
  expect([before.authKey, after.authKey, ...told].includes(found.authKey), "a known authKey").to.equal(true);
  expect(found.at, "its server").to.be.oneOf([before.at, after.at, model.trial, maybe.at]);
  // Who was answered that a proof is wrong has had it counted.
  const counted =
    after.wrongProofs === before.wrongProofs ? [before.wrongProofs, maybe.wrongProofs] : [after.wrongProofs];
  expect(found.wrongProofs, "wrong proofs").to.be.oneOf(counted);
  const reset = maybe.reset === true && found.secret !== before.secret;
  if (reset) expect(found.hasNetwork || found.authKey !== "", "half a reset").to.equal(false);
  else if (maybe.reset) {
    expect(found.hasNetwork === before.hasNetwork && found.authKey === before.authKey, "half a reset").to.equal(true);
  }
  const { hasNetwork, authKey, wrongProofs, at } = found;
  Object.assign(model, { hasNetwork, authKey, wrongProofs, at, bound: authKey !== "", connections });
  model.resetPending = before.resetPending || reset;
  for (const { code } of [model.window, cloud.window].filter((one) => one !== undefined)) cloud.unsure.add(code);
  cloud.window = cloud.told = undefined;
  cloud.unsureUntil = Infinity;
}
