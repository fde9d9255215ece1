/** What a device and a cloud should be like after all that has happened, said as briefly as possible. */

import { expect } from "chai";

import type { Look } from "./system.js";

/** Milliseconds within which an end may be seen or not: whole seconds are told, and a step takes its time. */
const BLUR = 1500;
/** After this time within reach of router and cloud a device is online: half an hour's rest, and a last try. */
const PATIENCE = 32 * 60_000;
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
  line = true;
  online = false;
  /** Since when nothing has kept it from being online. */
  freeSince = Infinity;
  connections = 0;
  wrongProofs = 0;
  lockEnd = 0;
  resetPending = false;
  readonly cloud = { window: undefined as Window | undefined, users: new Set<string>(), untold: [] as Result[] };
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

  /** The access point is open. */
  wait(): void {
    this.mode = "ap";
    this.apEnd = this.now + PROVISIONING;
    this.online = false;
  }

  boot(): void {
    this.close();
    this.bluetooth = this.online = false;
    this.mode = this.hasNetwork ? "station" : "ap";
    this.apEnd = this.now + PROVISIONING;
    this.freeSince = Infinity;
    this.punish();
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
    if (window && now > window.end - BLUR && (now > window.end + BLUR || look.window?.code !== window.code))
      this.close();
    if (cloud.window && now >= cloud.window.end) cloud.window = undefined;
  }

  private agreeState(look: Look): void {
    const reachable = this.mode === "station" && this.router && this.line;
    const free = reachable ? Math.min(this.freeSince, this.now) : Infinity;
    this.freeSince = free;
    this.online = look.state === "online" || look.state === "bound";
    if (this.online) expect(reachable, "online, with router and cloud in reach").to.equal(true);
    else if (this.mode === "ap") expect(look.state).to.equal("provisioning");
    else if (this.mode === "idle") expect(look.state).to.equal("idle");
    else expect(look.state).to.be.oneOf(this.router ? ["joining", "connecting"] : ["joining"]);
    if (this.now - free > PATIENCE) expect(this.online, "online after half an hour in reach").to.equal(true);
  }

  /** Device and cloud hear each other: each knows what the other knew. */
  private meet(look: Look): void {
    const { cloud } = this;
    this.known = true;
    if (this.resetPending) {
      cloud.users.clear();
      cloud.untold = [];
      this.resetPending = false;
    }
    for (const result of cloud.untold.splice(0)) this.learn(result);
    if (this.online) expect(look.state).to.equal(this.bound ? "bound" : "online");
    if (this.rotates && !this.bound && !this.window) this.open(look.window?.seconds ?? 0);
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
    const { now, cloud } = this;
    if (seen) this.rotates = this.autoRotate > 0;
    expect(seen !== undefined, "a window is open").to.equal(this.window !== undefined);
    const open = this.window;
    if (open && seen) {
      if (!open.code) {
        expect(seen.code).to.match(/^[0-9A-F]{16}$/);
        expect(this.dead.has(seen.code), "a dead code came back").to.equal(false);
        open.code = seen.code;
      }
      expect(seen.code === open.code, "the same code").to.equal(true);
      expect(seen.seconds).to.be.closeTo((open.end - now) / 1000, BLUR / 1000);
    }
    if (!met) return;
    const tries = open && cloud.window?.code === open.code ? cloud.window.tries : 0;
    cloud.window = open && { ...open, tries };
  }

  private punish(): void {
    const over = this.wrongProofs - FREE_TRIES;
    if (over >= 0) this.lockEnd = this.now + Math.min(3600, 30 << Math.min(over, 7)) * 1000;
  }
}
