/** Compares what a device says with what the model says that it should. */

import { expect } from "chai";

import { agreeCloud } from "./agree-cloud.js";
import { BLUR, PATIENCE, type Model, type Window } from "./model.js";
import { SERVERS, type Look } from "./system.js";

function agreeCode(model: Model, open: Window, seen: { code: string; seconds: number }): void {
  expect(seen.seconds).to.be.closeTo((open.end - model.now) / 1000, BLUR / 1000);
  if (open.code) return void expect(seen.code === open.code, "the same code").to.equal(true);
  expect(seen.code).to.match(/^[0-9A-F]{16}$/);
  expect(model.dead.has(seen.code), "a dead code came back").to.equal(false);
  open.code = seen.code;
  // One that takes the place of another has its whole seconds: what each of them loses must not add up.
  open.end = model.now + seen.seconds * 1000;
}

/** What ends by itself. */
function pass(model: Model, look: Look): void {
  const { now, window } = model;
  if (model.mode === "ap" && now > model.apEnd - BLUR && (now > model.apEnd + BLUR || look.state !== "provisioning")) {
    model.mode = model.hasNetwork ? "station" : "idle";
  }
  const open = look.window && (!window?.code || look.window.code === window.code);
  if (window && now > window.end - BLUR && (now > window.end + BLUR || !open)) model.close();
}

/** It goes to another server than before: one that it was sent to and that was there. */
function follow(model: Model, { at }: Look): void {
  expect(at, "where the cloud has sent it").to.equal(model.trial);
  expect(model.lines[at], `${SERVERS[at]} is there`).to.equal(true);
  model.at = at;
}

/** Whether the cloud took another bindingSecret for a reset: it does so once for each, and for nothing else. */
function agreeReset(model: Model, { resets }: Look): void {
  if (resets > model.resets) {
    expect(resets - model.resets, "resets that the cloud has seen").to.equal(1);
    expect(model.resetPending && model.known, "a reset that the cloud did not know of").to.equal(true);
    model.forgotten();
  }
  model.resets = resets;
  if (!model.online) return;
  expect(model.resetPending && model.known, "a reset that the cloud did not see").to.equal(false);
  model.resetPending = false;
}

function agreeState(model: Model, look: Look): void {
  const reachable = model.mode === "station" && model.router && model.lines[model.at];
  const free = reachable ? Math.min(model.freeSince, model.now) : Infinity;
  model.freeSince = free;
  model.online = look.state === "online" || look.state === "bound";
  if (model.online) model.trial = undefined;
  if (model.online) expect(reachable, "online, with router and cloud in reach").to.equal(true);
  else if (model.mode === "ap") expect(look.state).to.equal("provisioning");
  else if (model.mode === "idle") expect(look.state).to.equal("idle");
  else expect(look.state).to.be.oneOf(model.router ? ["joining", "connecting"] : ["joining"]);
  if (model.online || !reachable) model.patience = PATIENCE;
  if (model.now - free > model.patience)
    expect(model.online, `online after ${model.patience} ms in reach`).to.equal(true);
}

/** Device and cloud hear each other: each knows what the other knew. */
function meet(model: Model, look: Look): void {
  const { cloud } = model;
  model.known = true;
  for (const result of cloud.untold.splice(0)) model.learn(result);
  if (model.online) expect(look.state).to.equal(model.bound ? "bound" : "online");
  if (model.rotates && !model.bound && !model.window) model.open(look.window?.seconds ?? 0);
}

function agreeWindow(model: Model, { window: seen }: Look): void {
  if (seen) model.rotates = model.autoRotate > 0;
  expect(seen !== undefined, "a window is open").to.equal(model.window !== undefined);
  const open = model.window;
  if (open && seen) agreeCode(model, open, seen);
}

/** Time has passed: compares what the device says with what it should say. */
export function agree(model: Model, now: number, look: Look): void {
  const bound = model.bound;
  model.now = now;
  if (look.at !== model.at) follow(model, look);
  pass(model, look);
  agreeState(model, look);
  // It may have been online for a moment between two looks.
  const met = model.online || look.connections > model.connections;
  model.connections = look.connections;
  agreeReset(model, look);
  if (met) meet(model, look);
  // What rotates by itself while it is online may have done so between two looks, and before it heard that it is bound.
  if (!model.window && look.window && model.autoRotate && !bound) {
    model.open(look.window.seconds);
  }
  agreeWindow(model, look);
  agreeCloud(model, look);
  expect(look.capabilities, "capabilities").to.equal(model.bluetooth ? 7 : 3);
  expect(look.heard > 0, "the last window event").to.equal(look.window !== undefined);
}
