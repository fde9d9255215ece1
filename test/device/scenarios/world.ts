/** A cloud, a radio and a device that runs the flashed bundle, for one scenario. */

import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

import { bindDevice, type BindDeviceOptions, type BindResult, type BindStep } from "../../../sim/app/index.js";
import {
  demoProducts,
  startCloud,
  type Cloud,
  type CloudEvent,
  type CloudOptions,
  type Products,
} from "../../../sim/cloud/index.js";
import { engine, type Device, type EngineName } from "../../../sim/emulator/index.js";
import type { Options } from "../../../src/options.js";
import { encodeIdentity } from "../../../tools/factory/identity-image.js";
import { watch } from "../../support/secrets.js";
import { eventually } from "../../unit/sim/emulator/harness.js";

export const NETWORK = { ssid: "home", password: "right-password" };
export const DK = "ABCD12345678";

/** The application that a device `require`s the library from, and that tests talk to. */
const APPLICATION = `var W = require("WifiBinding"); W.start(require("Storage").readJSON("binding.json", true));`;
/** And with it the module of the proof. */
const PROOF = `require("WifiBindingProof").start(W);`;

/**
 * Makes time pass faster for the device, clock and timers alike, so that nobody waits for its patience to end. The radio
 * hands up to two values through a timer: without them a join that failed would look like one that worked.
 */
const haste = (times: number): string =>
  `(function(t,s){global.getTime=function(){return t()*${times}};global.setTimeout=function(f,d,a,b){return s(f,(d||0)/${times},a,b)}})(getTime,setTimeout);`;

/** Takes `crypto` out of a build. Before the library: it looks at what there is when it is loaded. */
const WITHOUT_CRYPTO =
  "(function(r,p){var m=p.env.MODULES.split(',').filter(function(n){return n!='crypto'}).join(','),b=p.env.BOARD;" +
  "global.require=function(n){if(n=='crypto')throw new Error('Module \"crypto\" not found');return r(n)};" +
  "global.process={env:{MODULES:m,BOARD:b,VERSION:p.version},memory:p.memory}})(require,process);";

export const built = (name: string): string => readFileSync(`build/${name}.min.js`, "latin1");

function bootCode(program: string, proof: boolean): string {
  if (program === "library") return proof ? APPLICATION + PROOF : APPLICATION;
  return program === "firmware" ? built("firmware") : program;
}

export interface Setup {
  /** What boots: the firmware by itself, an application that requires the library, reachable as `W`, or other code. */
  program?: "firmware" | "library" | string;
  /** The device's configured server, or how to get it from that of the world's cloud, which is the default. */
  server?: string | ((mqtt: string) => Promise<string>);
  /** Its proof of possession, with the module for it in Storage; without one it speaks the platform's open form. */
  pop?: string;
  /** Whether the library is in Storage, for code that requires it. */
  library?: boolean;
  /** What its identity is sealed with. */
  flashKey?: string;
  /** More of the device's options. */
  options?: Partial<Options>;
  /** How many times faster than in the world time passes for the device. Default 1. */
  haste?: number;
  /** Whether the build has `crypto`. Default true. */
  crypto?: boolean;
  /** Whether the build has Bluetooth. */
  bluetooth?: boolean;
  /** More of the cloud's. */
  cloud?: Partial<CloudOptions>;
  /** More files in Storage. */
  files?: Record<string, string>;
  /** What the products file says, default one demo product with two users. */
  world?: Products;
}

/** What the device prints of its state. */
const STATE = /^WB state=(\w+)/;

/** Calls that the device code nests at most: three less than ESP32's stack has room for. */
const STACK_CALLS = 13;

export class World {
  /** Lines of the console before the last boot. */
  private before = 0;

  private constructor(
    readonly products: Products,
    /** What the cloud has told. */
    readonly events: CloudEvent[],
    readonly cloud: Cloud,
    readonly device: Device,
  ) {}

  static async start(name: EngineName, setup: Setup = {}): Promise<World> {
    const products = setup.world ?? demoProducts();
    products.users.push({ id: "second", token: "token-of-the-second-user" });
    const events: CloudEvent[] = [];
    const cloud = await startCloud({ ...products, ...setup.cloud, onEvent: watch.events(events) });
    const { pk, ps } = products.products[0];
    const server = typeof setup.server === "function" ? await setup.server(cloud.mqtt) : (setup.server ?? cloud.mqtt);
    const storage: Record<string, string> = {
      "binding.json": JSON.stringify({ server, ...setup.options }),
      ".bootcde": bootCode(setup.program ?? "firmware", setup.pop !== undefined),
      ...(setup.pop !== undefined && { WifiBindingProof: built("WifiBindingProof") }),
      ...setup.files,
    };
    if (setup.crypto === false) storage[".boot0"] = (storage[".boot0"] ?? "") + WITHOUT_CRYPTO;
    if (setup.haste) storage[".boot0"] = (storage[".boot0"] ?? "") + haste(setup.haste);
    if (setup.library || setup.program === "library") storage.WifiBinding = built("WifiBinding");
    const device = await engine(name).start({
      host: name === "emulator" ? `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}` : "127.0.0.1",
      storage,
      flash: [{ offset: 0, bytes: encodeIdentity({ pk, ps, dk: DK, pop: setup.pop, flashKey: setup.flashKey }) }],
      networks: [NETWORK],
      bluetooth: setup.bluetooth,
      ...(name === "emulator" && { stack: STACK_CALLS }),
    });
    return new World(products, events, cloud, device);
  }

  /** The app's side, as `wifi-binding bind` does it. */
  async bind(more: Partial<BindDeviceOptions> = {}): Promise<BindResult> {
    const { device, cloud, products } = this;
    const token = products.users[0].token;
    const onStep = (step: BindStep): void => watch.said("an app", JSON.stringify(step));
    try {
      return await bindDevice({ address: device.host, cloud: cloud.http, token, ...NETWORK, onStep, ...more });
    } catch (error) {
      watch.said("an app", String(error));
      throw error;
    }
  }

  /** Names of the cloud's events so far. */
  seen(): string[] {
    return this.events.map(({ event }) => event);
  }

  /** The state that the device has printed last since it booted. */
  state(): string {
    const lines = this.device.lines.slice(this.before);
    return lines.map((line) => STATE.exec(line)?.[1]).findLast(Boolean) ?? "idle";
  }

  /** Waits until the device prints that it is in this state. */
  async reaches(state: string, patience?: number): Promise<void> {
    await eventually(() => this.state() === state, patience);
  }

  /** Power off and on. */
  async reboot(): Promise<void> {
    this.before = this.device.lines.length;
    await this.device.reboot();
  }

  async stop(): Promise<void> {
    await this.device.stop();
    await this.cloud.stop();
  }
}
