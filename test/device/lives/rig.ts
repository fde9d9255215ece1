/** One device with its cloud and an app at its side, for lives that end at any moment. */

import { readFileSync } from "node:fs";

import { credentialNodes } from "../../../sim/app/credentials.js";
import { readAnswer } from "../../../sim/app/result.js";
import type { Device } from "../../../sim/emulator/index.js";
import { literal } from "../../../compiler/literal.js";
import { CMD_PROVISION, CMD_PROVISION_ANSWER } from "../../../src/codec/commands.js";
import { decodeFrame, encodeFrame, type Frame } from "../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { pause } from "../../unit/sim/emulator/harness.js";
import type { LifeCloud } from "./cloud.js";

export const NETWORKS = [
  { ssid: "home", password: "right-password" },
  { ssid: "other", password: "other-password" },
];

/** The application: the library, and a place where an app's frames come in and the answers are kept. */
export const APPLICATION = `
var W = require("WifiBinding"), said = [], errors = [], ends = [], app;
function hear(frame) {
  if (!app) app = W.attach({ send: function (f) { said.push(btoa(f)); }, end: function () { app = undefined; } });
  app.received(frame);
}
W.on("provisioning", function (event) { ends.push(event.error || 0); });
W.on("error", function (event) { errors.push(event.code); });
W.start(require("Storage").readJSON("binding.json", true));`;

/** One that also reports a value at once and every second, as the module for data sends it, and takes updates. */
export const REPORTING = `${APPLICATION}
var D, acknowledged = 0;
global.appSlot = "a";
function report() { D.report({ 1: acknowledged }, {}, function (yes) { if (yes) acknowledged++; }); }
// Without an identity nothing has started.
if (W.capabilities()) {
  D = require("WifiBindingData").start(W);
  setInterval(report, 1000);
  report();
  require("WifiBindingOta").start(W);
}`;

/** The modules that it starts. */
export const MODULES = ["WifiBindingData", "WifiBindingOta"];

/** The files of a device that runs it. */
export const reportingFiles = (): Record<string, string> => ({
  ".bootcde": REPORTING,
  ...Object.fromEntries(
    ["WifiBinding", ...MODULES, "WifiBindingSlh"].map((name) => [name, readFileSync(`build/${name}.min.js`, "latin1")]),
  ),
});

/** The power is gone: the life is over here. */
export class PowerOff extends Error {}

/** How a rig lets time pass, and whether its device still has power. */
export interface World {
  pass(milliseconds: number): Promise<void>;
  /** Milliseconds between two looks at the device. */
  step: number;
  alive(): boolean;
}

/** Looks before a wait is given up. */
const STEPS = 2000;
/** Looks after which it takes longer than the device alone would. */
const SOON = 10;

export class Rig {
  /** Codes that the device has made or given to an app, as far as anybody has seen. */
  readonly codes = new Set<string>();
  /** Whether the life is over although the device still has power. */
  ended: (() => Promise<boolean>) | undefined;
  private id = 1;

  constructor(
    readonly device: Device,
    readonly cloud: LifeCloud,
    private readonly world: World,
  ) {}

  async eval(expression: string): Promise<unknown> {
    if (!this.world.alive()) throw new PowerOff();
    try {
      return await this.device.eval(expression);
    } finally {
      if (!this.world.alive()) throw new PowerOff();
    }
  }

  async pass(milliseconds: number): Promise<void> {
    await this.world.pass(milliseconds);
    if (!this.world.alive() || (await this.ended?.())) throw new PowerOff();
  }

  /** Waits until `look` gives something. */
  async until<T>(what: string, look: () => T | Promise<T>): Promise<Exclude<T, undefined | null | false>> {
    for (let n = 0; n < STEPS; n++) {
      const value = await look();
      if (value) return value as Exclude<T, undefined | null | false>;
      await this.pass(this.world.step);
      // The device's clock may be a virtual one, the cloud's broker needs real time.
      if (n > SOON) await pause(1);
    }
    throw new Error(`never: ${what}; the device is ${await this.state()}`);
  }

  state(): Promise<unknown> {
    return this.eval("W.state()");
  }

  /** Waits until the device is in one of these states. @returns which */
  inState(...states: string[]): Promise<string> {
    return this.until(states.join(" or "), async () => {
      const state = String(await this.state());
      return states.includes(state) && state;
    });
  }

  async pk(): Promise<string> {
    return String(await this.eval("W.identity().pk"));
  }

  /** The open window's code. */
  async code(): Promise<string | undefined> {
    const code = await this.eval("W.window() && W.window().code");
    if (typeof code !== "string") return undefined;
    this.codes.add(code);
    return code;
  }

  /** Waits until the device has a code that the cloud knows. @returns the code */
  reported(not = ""): Promise<string> {
    return this.until("a code that is reported", async () => {
      const code = await this.code();
      return code !== not && code !== undefined && this.cloud.notes.codes.includes(code) && code;
    });
  }

  async openWindow(seconds: number): Promise<string> {
    await this.eval(`W.openWindow(${seconds})`);
    return this.reported();
  }

  /** An app brings a network. @returns the code that it is given, or the number of the failure */
  async provision(ssid: string, password?: string): Promise<string | number> {
    await this.inState("provisioning");
    await this.eval("ends.splice(0,ends.length)");
    await this.send(CMD_PROVISION, credentialNodes({ ssid, password }));
    const answer = await this.until("7011", async () => {
      const frame = (await this.heard()).find(({ cmd }) => cmd === CMD_PROVISION_ANSWER);
      return frame && readAnswer(decodeTtlv(frame.data) ?? []);
    });
    if (answer.kind !== "accepted") throw new Error(`the device answers an honest app: ${answer.kind}`);
    this.codes.add(answer.binding.bindingCode);
    const [end] = await this.until("the end of the provisioning", async () => {
      const ends = (await this.eval("ends")) as number[];
      return ends.length > 0 && ends;
    });
    return end || answer.binding.bindingCode;
  }

  /** Waits until the module for updates keeps no update in flash. */
  noUpdate(): Promise<unknown> {
    return this.until("no update in flash", () => this.eval("(W.updates().task() || []).length < 3"));
  }

  private send(cmd: number, nodes: Node[]): Promise<unknown> {
    return this.eval(`(hear(${literal(encodeFrame(this.id++, cmd, encodeTtlv(nodes)))}),0)`);
  }

  private async heard(): Promise<Frame[]> {
    const frames = (await this.eval("said.splice(0,said.length)")) as string[];
    return frames.flatMap((frame) => decodeFrame(Buffer.from(frame, "base64").toString("latin1")) ?? []);
  }
}
