/** What a device and a cloud should be like after all that has happened, said as briefly as possible. */

import { expect } from "chai";

import type { Durable } from "./durable.js";
import { SERVERS, type Look } from "./system.js";

/** Milliseconds within which an end may be seen or not: whole seconds are told, and a step takes its time. */
const BLUR = 1500;
/** After this time within reach of router and cloud a device is online: half an hour's rest, and a last try. */
const PATIENCE = 32 * 60_000;
/** After this time a device is back that was sent to a server which is not there: three waits of 7.5 s at most. */
const TRIAL = 30_000;
const PROVISIONING = 300_000;
const FREE_TRIES = 5;

export interface Window {
  /** "" for one that nobody has seen yet: it has to be a new one. */
  code: string;
  /** On the clock. */
  end: number;
  tries: number;
  /** Whether nobody knows if the cloud has it. */
  unheard?: boolean;
}

export type Result = { kind: "bound" | "unbound" | "withdrawn"; code?: string; authKey?: string };

export class Model {
  now = 0;
  /** Access point open, station of a network, or neither. */
  mode: "ap" | "station" | "idle" = "ap";
  apEnd = PROVISIONING;
  hasNetwork = false;
  bound = false;
  /** What an app has to know of a bound device, BASE64. */
  authKey = "";
  window?: Window;
  /** Codes that are dead: a device never makes one of them again. */
  readonly dead = new Set<string>();
  lastDead = "";
  bluetooth = false;
  router = true;
  /** Which of the platform's servers are there, which one it goes to, and which it tries because the platform says so. */
  readonly lines = SERVERS.map(() => true);
  at = 0;
  trial?: number;
  online = false;
  /** Since when nothing has kept it from being online. */
  freeSince = Infinity;
  /** For how long that may be so. */
  private patience = PATIENCE;
  connections = 0;
  wrongProofs = 0;
  lockEnd = 0;
  resetPending = false;
  readonly cloud = {
    window: undefined as Window | undefined,
    /** Until when it may have another one: the power went while it was told, or one is about to end. */
    unsureUntil: 0,
    users: new Set<string>(),
    /** A newer result takes the place of older ones, but the end of a code says nothing about the binding. */
    untold: [] as Result[],
  };
  /** Whether the cloud may have issued a DS that the device has lost: it will refuse the one that it has. */
  private refuses = false;
  /** What this step may have made true when the power goes in it. */
  maybe: Partial<Durable> = {};
  /** Whether the cloud has had its bindingSecret. */
  known = false;
  /** Whether one window has to follow the other; after `closeWindow()` it may. */
  rotates: boolean;

  constructor(readonly autoRotate: number) {
    this.rotates = autoRotate > 0;
  }

  /** A window of so many seconds, with a code that somebody chose or one that is to be seen. */
  open(seconds: number, code = ""): void {
    this.close();
    this.window = { code, end: this.now + seconds * 1000, tries: 0 };
  }

  close(): void {
    if (this.window?.code) {
      this.dead.add(this.window.code);
      if (!this.window.unheard) this.lastDead = this.window.code;
    }
    this.window = undefined;
  }

  /** The platform sends it to another server. @returns which */
  send(): number {
    this.freeSince = Infinity;
    this.patience = TRIAL;
    return (this.trial = 1 - this.at);
  }

  /** Another code in place of the open window's, for the seconds that are left. */
  renew(seen?: Look["window"]): void {
    const left = this.window ? Math.max(1, Math.floor((this.window.end - this.now) / 1000)) : 0;
    if (left) this.open(this.ending() && seen ? seen.seconds : left);
  }

  /** Whether a window ends about now: it may have done so or not, and the next one may have followed. */
  ending(): boolean {
    return this.window !== undefined && Math.abs(this.window.end - this.now) < 2 * BLUR;
  }

  /** The access point is open. */
  wait(): void {
    this.mode = "ap";
    this.trial = undefined;
    this.apEnd = this.now + PROVISIONING;
    this.online = false;
  }

  boot(): void {
    this.close();
    this.bluetooth = this.online = false;
    this.mode = this.hasNetwork ? "station" : "ap";
    this.apEnd = this.now + PROVISIONING;
    this.freeSince = Infinity;
    this.patience = PATIENCE;
    this.trial = undefined;
    this.punish();
  }

  durable(): Durable {
    const { hasNetwork, resetPending, wrongProofs, at } = this;
    return { hasNetwork, authKey: this.bound ? this.authKey : "", resetPending, wrongProofs, at };
  }

  /**
   * The power has gone inside a step: each fact in flash is what it was before, or what the step makes of it.
   * @param connections how often the cloud has let the device in until then
   */
  lose(before: Durable, found: Durable, connections: number): void {
    const { maybe, cloud } = this;
    const after = this.durable();
    const told = cloud.untold.map(({ kind, authKey = "" }) => (kind === "withdrawn" ? after.authKey : authKey));
    expect(found.hasNetwork, "a network").to.be.oneOf([before.hasNetwork, after.hasNetwork, maybe.hasNetwork]);
    expect([before.authKey, after.authKey, ...told].includes(found.authKey), "a known authKey").to.equal(true);
    expect(found.resetPending, "a reset to tell").to.be.oneOf([before.resetPending, after.resetPending, false]);
    expect(found.at, "its server").to.be.oneOf([before.at, after.at, this.trial, maybe.at]);
    // Who was answered that a proof is wrong has had it counted.
    const counted =
      after.wrongProofs === before.wrongProofs ? [before.wrongProofs, maybe.wrongProofs] : [after.wrongProofs];
    expect(found.wrongProofs, "wrong proofs").to.be.oneOf(counted);
    if (found.resetPending) expect(found.hasNetwork || found.authKey !== "", "half a reset").to.equal(false);
    if (before.resetPending && !found.resetPending) this.forgotten();
    const { authKey, ...others } = found;
    Object.assign(this, others, { authKey, bound: authKey !== "", connections });
    this.refuses ||= this.trial !== undefined;
    cloud.window = undefined;
    cloud.unsureUntil = Infinity;
  }

  wrongProof(): void {
    this.wrongProofs++;
    this.punish();
  }

  /** Whether a window is open for so many seconds at least, at the device or in the cloud, beyond all doubt. */
  alive(window: Window | undefined, seconds = 2): window is Window {
    return window !== undefined && window.code !== "" && window.end - this.now > seconds * 1000;
  }

  /** Time has passed: compares what the device says with what it should say. */
  agree(now: number, look: Look): void {
    const bound = this.bound;
    this.now = now;
    if (look.at !== this.at) this.follow(look);
    else if (this.refuses && this.window?.code && look.window && look.window.code !== this.window.code) {
      this.renew(look.window);
      this.refuses = false;
    }
    this.pass(look);
    this.agreeState(look);
    // It may have been online for a moment between two looks.
    const met = this.online || look.connections > this.connections;
    this.connections = look.connections;
    if (met) this.meet(look);
    if (this.online && this.window) this.window.unheard = false;
    // What rotates by itself while it is online may have done so between two looks, and before it heard that it is bound.
    if (!this.window && look.window && this.autoRotate && !bound) {
      this.open(look.window.seconds);
      // The cloud may have been told just before it was lost, and keeps the code to its end.
      if (!this.online) this.window!.unheard = true;
    }
    this.agreeWindow(look, met);
    expect(look.capabilities, "capabilities").to.equal(this.bluetooth ? 7 : 3);
    expect(look.heard > 0, "the last window event").to.equal(look.window !== undefined);
  }

  /** What ends by itself. */
  private pass(look: Look): void {
    const { now, window, cloud } = this;
    if (this.mode === "ap" && now > this.apEnd - BLUR && (now > this.apEnd + BLUR || look.state !== "provisioning")) {
      this.mode = this.hasNetwork ? "station" : "idle";
    }
    const open = look.window && (!window?.code || look.window.code === window.code);
    if (window && now > window.end - BLUR && (now > window.end + BLUR || !open)) this.close();
    if (!cloud.window || now < cloud.window.end) return;
    cloud.unsureUntil = cloud.window.end + BLUR;
    cloud.window = undefined;
  }

  /** It goes to another server than before: one that it was sent to and that was there. */
  private follow({ at, window }: Look): void {
    expect(at, "where the platform has sent it").to.equal(this.trial);
    expect(this.lines[at], `${SERVERS[at]} is there`).to.equal(true);
    this.at = at;
    // It may hear that its code is spent before it makes another one.
    const spent = this.cloud.untold.some(({ code }) => code !== undefined && code === this.window?.code);
    if (spent && !window) this.close();
    else this.renew(window);
  }

  private agreeState(look: Look): void {
    const reachable = this.mode === "station" && this.router && this.lines[this.at];
    const free = reachable ? Math.min(this.freeSince, this.now) : Infinity;
    this.freeSince = free;
    this.online = look.state === "online" || look.state === "bound";
    if (this.online) this.trial = undefined;
    if (this.online) expect(reachable, "online, with router and cloud in reach").to.equal(true);
    else if (this.mode === "ap") expect(look.state).to.equal("provisioning");
    else if (this.mode === "idle") expect(look.state).to.equal("idle");
    else expect(look.state).to.be.oneOf(this.router ? ["joining", "connecting"] : ["joining"]);
    if (this.online || !reachable) this.patience = PATIENCE;
    if (this.now - free > this.patience)
      expect(this.online, `online after ${this.patience} ms in reach`).to.equal(true);
  }

  /** Device and cloud hear each other: each knows what the other knew. */
  private meet(look: Look): void {
    const { cloud } = this;
    this.known = true;
    this.refuses = false;
    if (this.resetPending) this.forgotten();
    for (const result of cloud.untold.splice(0)) this.learn(result);
    if (this.online) expect(look.state).to.equal(this.bound ? "bound" : "online");
    if (this.rotates && !this.bound && !this.window) this.open(look.window?.seconds ?? 0);
  }

  /** The cloud has heard of a reset. */
  private forgotten(): void {
    this.cloud.users.clear();
    this.cloud.untold = [];
    this.resetPending = false;
  }

  private learn({ kind, code, authKey = "" }: Result): void {
    const current = this.window && this.window.code === code;
    if (kind === "withdrawn") {
      if (current) this.open(Math.floor((this.window!.end - this.now) / 1000));
      return;
    }
    this.rotates = this.autoRotate > 0;
    this.bound = kind === "bound";
    this.authKey = authKey;
    if (current) this.close();
  }

  private agreeWindow({ window: seen }: Look, met: boolean): void {
    const { cloud } = this;
    if (seen) this.rotates = this.autoRotate > 0;
    expect(seen !== undefined, "a window is open").to.equal(this.window !== undefined);
    const open = this.window;
    if (open && seen) this.agreeCode(open, seen);
    if (!met) return;
    const known = cloud.window?.code;
    if (known && known !== open?.code) this.lastDead = known;
    const tries = known && known === open?.code ? cloud.window!.tries : 0;
    cloud.window = open && { ...open, tries };
    cloud.unsureUntil = 0;
  }

  private agreeCode(open: Window, seen: { code: string; seconds: number }): void {
    expect(seen.seconds).to.be.closeTo((open.end - this.now) / 1000, BLUR / 1000);
    if (open.code) return void expect(seen.code === open.code, "the same code").to.equal(true);
    expect(seen.code).to.match(/^[0-9A-F]{16}$/);
    expect(this.dead.has(seen.code), "a dead code came back").to.equal(false);
    open.code = seen.code;
    // One that takes the place of another has its whole seconds: what each of them loses must not add up.
    open.end = this.now + seen.seconds * 1000;
  }

  private punish(): void {
    const over = this.wrongProofs - FREE_TRIES;
    if (over >= 0) this.lockEnd = this.now + Math.min(3600, 30 << Math.min(over, 7)) * 1000;
  }
}
