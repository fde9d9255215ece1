/** A cloud, a radio and a device that runs the flashed bundle, for one scenario. */

import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";

import { expect } from "chai";

import {
  bindDevice,
  callBinding,
  type BindDeviceOptions,
  type BindResult,
  type BindStep,
} from "../../../sim/app/index.js";
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
export const haste = (times: number): string =>
  `(function(t,s,i){global.getTime=function(){return t()*${times}};global.setTimeout=function(f,d,a,b){return s(f,(d||0)/${times},a,b)};global.setInterval=function(f,d){return i(f,d/${times})}})(getTime,setTimeout,setInterval);`;

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
  /** Whether it has buttons and lights. */
  pins?: boolean;
  /** Calls that a program may nest which is bundled by the test, and not made small by the build. Default as flashed. */
  stack?: number;
  /** More of the cloud's. */
  cloud?: Partial<CloudOptions>;
  /** More files in Storage. */
  files?: Record<string, string>;
  /** What the products file says, default one demo product with two users. */
  world?: Products;
}

/** Milliseconds between two calls of the API while it answers that the code is not reported. */
const POLL = 100;
/** What the device prints of its state. */
const STATE = /^WB state=(\w+)/;

/** Calls that the device code nests at most: three less than ESP32's stack has room for. `haste` is one of its own. */
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
    private readonly pop: string | undefined,
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
      pins: setup.pins,
      ...(name === "emulator" && { stack: setup.stack ?? STACK_CALLS + (setup.haste ? 1 : 0) }),
    });
    return new World(products, events, cloud, device, setup.pop);
  }

  /** The app's side, as `wifi-binding bind` does it, but in more of a hurry. */
  async bind(more: Partial<BindDeviceOptions> = {}): Promise<BindResult> {
    const { device, cloud, products, pop } = this;
    const token = products.users[0].token;
    const onStep = (step: BindStep): void => watch.said("an app", JSON.stringify(step));
    const options = { address: device.host, cloud: cloud.http, token, pop, ...NETWORK, pollInterval: POLL, onStep };
    try {
      return await bindDevice({ ...options, ...more });
    } catch (error) {
      watch.said("an app", String(error));
      throw error;
    }
  }

  /** Binds, and waits until the device knows it. @returns the authKey, in BASE64 */
  async own(more: Partial<BindDeviceOptions> = {}): Promise<string> {
    const { envelope } = await this.bind(more);
    expect(envelope.code, envelope.extMsg).to.equal(200);
    await this.reaches("bound");
    return envelope.data!.authKey;
  }

  /** An operator's change of the device. */
  async configure(change: object, pk = this.products.products[0].pk): Promise<{ code: number; extMsg: string }> {
    const { cloud, products } = this;
    const response = await fetch(`${cloud.http}/dev/devices/${pk}/${DK}/config`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: products.operator! },
      body: JSON.stringify(change),
    });
    return (await response.json()) as { code: number; extMsg: string };
  }

  /** A call of the binding API with a code, by one of the users. @returns its status code */
  async verdict(bindingCode: string, user = 0): Promise<number> {
    const { cloud, products } = this;
    const request = { productKey: products.products[0].pk, deviceKey: DK, bindingCode };
    return (await callBinding(cloud.http, products.users[user].token, request)).code;
  }

  /** Another call of the API for this device. */
  async call(method: string, path: string, user = 0): Promise<{ code: number; data: Record<string, unknown> | null }> {
    const { cloud, products } = this;
    const query = new URLSearchParams({ pk: products.products[0].pk, dk: DK });
    const answer = await fetch(`${cloud.http}${path}?${query}`, {
      method,
      headers: { authorization: products.users[user].token },
    });
    return (await answer.json()) as { code: number; data: Record<string, unknown> | null };
  }

  /** How many events of that name, or with that command, the cloud has told. */
  count(event: string): number {
    return this.events.filter((one) => one.event === event || one.command === event).length;
  }

  /** Does something, and waits for one more event of that name, or with that command. */
  async until(event: string, action: () => unknown, patience?: number): Promise<void> {
    const before = this.count(event);
    await action();
    await eventually(() => this.count(event) > before, patience);
  }

  /** Waits until the device has printed such a line since it booted. */
  async prints(text: RegExp, patience?: number): Promise<void> {
    await eventually(() => this.device.lines.slice(this.before).some((line) => text.test(line)), patience);
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
