/** A development cloud with its clock, its events and its devices, for one test. */

import { expect } from "chai";

import {
  startCloud,
  type Cloud,
  type CloudEvent,
  type CloudOptions,
  type Product,
  type Products,
} from "../../sim/cloud/index.js";
import * as protocol from "../../src/codec/commands.js";
import type { Node } from "../../src/codec/ttlv.js";
import { watch } from "./secrets.js";
import { TestDevice, type Connect } from "./cloud-device.js";

export const PS = "QUJDREVGR0hJSktM";
export const DK = "DEVICE01";
export const CODE = "0123456789ABCDEF";
export const OTHER = "FEDCBA9876543210";
export const BIND = "/v2/binding/enduserapi/v2/deviceBindingByWifi";

const product = (pk: string, more: Partial<Product> = {}): Product => ({
  ...{ pk, ps: PS, name: `name of ${pk}`, logo: `https://logo.example/${pk}`, bindingMode: 1 },
  ...more,
});

export const WORLD: Products = {
  products: [
    product("multi", { capabilitiesBitmask: 3 }),
    product("multiplex"),
    product("single", { bindingMode: 2 }),
    product("turn", { bindingMode: 3 }),
    product("closed", { domains: ["inside"] }),
    product("european", { dataCenter: "eu" }),
    product("strict", { bindingMode: 2, domains: ["inside"], dataCenter: "eu" }),
  ],
  users: [
    { id: "one", token: "token-one", domain: "outside", dataCenter: "us" },
    { id: "two", token: "token-two", domain: "inside", dataCenter: "eu" },
    { id: "three", token: "token-three", domain: "inside", dataCenter: "us" },
    { id: "firm", token: "token-firm", enterprise: true },
  ],
};

/** Nodes that report a code and its window. */
export const window = (code: string, seconds: number): Node[] => [
  [protocol.BINDING_CODE, code],
  [protocol.BINDING_WINDOW, seconds],
];

/** The body of a binding call. */
export const request = (more: object = {}): object => ({
  ...{ productKey: "multi", deviceKey: DK, bindingCode: CODE },
  ...more,
});

export interface Answer {
  code: number;
  msg: string;
  extMsg: string;
  data: unknown;
}

export class Bench {
  readonly events: CloudEvent[] = [];
  /** Milliseconds of the cloud's clock. */
  time = 0;
  cloud!: Cloud;
  private devices: TestDevice[] = [];

  private constructor(private readonly more: Partial<CloudOptions>) {}

  /** @param more the directory of the cloud's state, or an existing broker */
  static async start(more: Partial<CloudOptions> = {}): Promise<Bench> {
    const bench = new Bench(more);
    await bench.open();
    return bench;
  }

  async stop(): Promise<void> {
    for (const device of this.devices.splice(0)) device.stop();
    await this.cloud.stop();
  }

  /** Ends the cloud, and starts another with the same state. */
  async restart(): Promise<void> {
    await this.stop();
    await this.open();
  }

  /** Ends the cloud, and starts another; the devices stay, if its broker is not its own. */
  async reopen(more: Partial<CloudOptions> = {}): Promise<void> {
    await this.cloud.stop();
    Object.assign(this.more, more);
    await this.open();
  }

  private async open(): Promise<void> {
    const onEvent = watch.events(this.events);
    this.cloud = await startCloud({ ...WORLD, ...this.more, now: () => this.time, onEvent });
  }

  /** Connects a device; by default it authenticates for the first time. */
  async device(more: Partial<Connect> = {}): Promise<TestDevice> {
    const device = await TestDevice.connect(this.cloud.mqtt, { pk: "multi", ps: PS, dk: DK, ...more });
    this.devices.push(device);
    return device;
  }

  /** A device that has reported its secret and a code. */
  async ready(pk = "multi", code = CODE): Promise<TestDevice> {
    const device = await this.device({ pk });
    await device.ds();
    await device.report([...device.secret(), ...window(code, 120)]);
    return device;
  }

  /** Any call of the API. */
  async call(method: string, path: string, token: string, body?: string): Promise<Answer> {
    const headers = { ...(token && { authorization: token }), ...(body && { "content-type": "application/json" }) };
    const response = await fetch(this.cloud.http + path, { method, headers, body });
    expect(response.status).to.equal(200);
    const answer = (await response.json()) as Answer;
    expect(Object.keys(answer).sort()).to.deep.equal(["code", "data", "extMsg", "msg"]);
    return answer;
  }

  /** The binding call. */
  bind(body: unknown, token = "token-one"): Promise<Answer> {
    return this.call("POST", BIND, token, typeof body === "string" ? body : JSON.stringify(body));
  }

  /** An operator's change. */
  configure(change: unknown, device = `multi/${DK}`): Promise<Answer> {
    return this.call("POST", `/dev/devices/${device}/config`, "", JSON.stringify(change));
  }

  async code(body: unknown, token?: string): Promise<number> {
    return (await this.bind(body, token)).code;
  }

  /** How many events of that name there were. */
  count(name: CloudEvent["event"]): number {
    return this.events.filter(({ event }) => event === name).length;
  }
}
