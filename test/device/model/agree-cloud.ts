/** Compares what the cloud was told with what the model says that it should have been told. */

import { expect } from "chai";

import { BLUR, type Model } from "./model.js";
import type { Look, Report } from "./system.js";

/** Milliseconds for which the cloud takes a code from its report on, whatever the device's window is. */
const CLOUD_WINDOW = 120_000;
/** Dead codes that the cloud remembers at least, in reports. */
const REMEMBERED = 60;

/** The device's code, "" for one that no app is told, was reported. */
function reported(model: Model, code: string, { at, taken }: Report): void {
  const { cloud } = model;
  const known = cloud.window?.code === code ? cloud.window : undefined;
  if (taken) {
    const dead = cloud.dead.get(code);
    const forgotten = dead !== undefined && cloud.reports - dead >= REMEMBERED;
    expect(dead === undefined || forgotten, "the cloud has taken a dead code").to.equal(true);
  } else {
    const stale = cloud.dead.has(code) || cloud.unsure.has(code) || (known && known.end <= at);
    expect(Boolean(stale), "a code that the cloud knew").to.equal(true);
  }
  if (!taken || !known) model.spend();
  if (!taken) cloud.dead.set(code, cloud.reports);
  if (!taken) cloud.lastDead = code;
  cloud.window = taken && code ? { code, end: at + CLOUD_WINDOW, tries: known?.tries ?? 0 } : undefined;
  cloud.told = code;
  cloud.unsureUntil = 0;
}

/** What the cloud has heard of the device's code since the last look. */
export function agreeCloud(model: Model, { reports }: Look): void {
  const { cloud, window } = model;
  const code = window?.code ?? "";
  const last = reports.length > cloud.reports ? reports.at(-1) : undefined;
  cloud.reports = reports.length;
  if (last && model.online) reported(model, code, last);
  else if (last) {
    // It was reported just before the cloud was lost, or just before another one took its place.
    for (const one of [cloud.window?.code, code]) if (one) cloud.unsure.add(one);
    cloud.window = cloud.told = undefined;
    cloud.unsureUntil = Infinity;
  } else if (model.online) expect(cloud.told === code, "the cloud was told the code that counts").to.equal(true);
  if (!cloud.window || model.now < cloud.window.end) return;
  cloud.unsureUntil = cloud.window.end + BLUR;
  model.spend();
}
