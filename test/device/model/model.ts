/** What a device and a cloud should be like after all that has happened, said as briefly as possible; see agree.ts. */

import type { Durable } from "./durable.js";
import { SERVERS } from "./system.js";

/** Milliseconds within which an end may be seen or not: whole seconds are told, and a step takes its time. */
export const BLUR = 1500;
/** After this time within reach of router and cloud a device is online: half an hour's rest, and a last try. */
export const PATIENCE = 32 * 60_000;
/** After this time a device is back that was sent to a server which is not there: three waits of 7.5 s at most. */
export const TRIAL = 30_000;
const PROVISIONING = 300_000;
const FREE_TRIES = 5;

export interface Window {
  /** "" for one that nobody has seen yet: it has to be a new one. */
  code: string;
  /** On the clock. */
  end: number;
}

/** What the model says of flash itself. */
export type Known = Omit<Durable, "secret">;

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
  bluetooth = false;
  router = true;
  /** Which of the cloud's servers are there, which one it goes to, and which it tries because the cloud says so. */
  readonly lines = SERVERS.map(() => true);
  at = 0;
  trial?: number;
  online = false;
  /** Since when nothing has kept it from being online. */
  freeSince = Infinity;
  /** For how long that may be so. */
  patience = PATIENCE;
  connections = 0;
  wrongProofs = 0;
  lockEnd = 0;
  /** Whether the cloud has yet to hear of a reset, and of how many it has heard. */
  resetPending = false;
  resets = 0;
  readonly cloud = {
    /** The good code that an app may know. A code that no app is told is none. */
    window: undefined as (Window & { tries: number }) | undefined,
    /** Until when it may have another one: the power went while it was told, or one is about to end. */
    unsureUntil: 0,
    /** The code that it was told last, "" for one that no app knows, undefined when that is not known. */
    told: "" as string | undefined,
    /** How many reports it has had. */
    reports: 0,
    /** Codes that it takes no more, by the number of reports that it had had by then, and codes that it may take. */
    dead: new Map<string, number>(),
    unsure: new Set<string>(),
    lastDead: "",
    users: new Set<string>(),
    /** A newer result takes the place of older ones, but the end of a code says nothing about the binding. */
    untold: [] as Result[],
  };
  /** What this step may have made true when the power goes in it. */
  maybe: Partial<Known> & { reset?: boolean } = {};
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
    this.window = { code, end: this.now + seconds * 1000 };
  }

  close(): void {
    if (this.window?.code) this.dead.add(this.window.code);
    this.window = undefined;
  }

  /** The cloud's code is worth nothing any more, for ever. */
  spend(): void {
    const { cloud } = this;
    if (!cloud.window) return;
    cloud.lastDead = cloud.window.code;
    cloud.dead.set(cloud.lastDead, cloud.reports);
    cloud.window = undefined;
  }

  /** The cloud sends it to another server. @returns which */
  send(): number {
    this.freeSince = this.now;
    this.patience = TRIAL;
    return (this.trial = 1 - this.at);
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

  durable(): Known {
    const { hasNetwork, wrongProofs, at } = this;
    return { hasNetwork, authKey: this.bound ? this.authKey : "", wrongProofs, at };
  }

  wrongProof(): void {
    this.wrongProofs++;
    this.punish();
  }

  /** Whether a window is open for so many seconds at least, at the device or in the cloud, beyond all doubt. */
  alive<W extends Window>(window: W | undefined, seconds = 2): window is W {
    return window !== undefined && window.code !== "" && window.end - this.now > seconds * 1000;
  }

  /** The cloud has heard of a reset. */
  forgotten(): void {
    this.cloud.users.clear();
    this.cloud.untold = [];
    this.resetPending = false;
  }

  learn({ kind, code, authKey = "" }: Result): void {
    const current = this.window && this.window.code === code;
    const another = kind === "bound" && !(this.bound && this.authKey === authKey);
    if (kind === "withdrawn") {
      if (current) this.open(Math.floor((this.window!.end - this.now) / 1000));
      return;
    }
    this.rotates = this.autoRotate > 0;
    this.bound = kind === "bound";
    this.authKey = authKey;
    // A key that it did not have spends the open code, whichever code it was that a user has bound with.
    if (current || another) this.close();
  }

  private punish(): void {
    const over = this.wrongProofs - FREE_TRIES;
    if (over >= 0) this.lockEnd = this.now + Math.min(3600, 30 << Math.min(over, 7)) * 1000;
  }
}
