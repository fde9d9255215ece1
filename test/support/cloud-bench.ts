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
import { OURS, TestDevice, type Connect } from "./cloud-device.js";

export const PS = "QUJDREVGR0hJSktM";
export const DK = "DEVICE01";
export const CODE = "0123456789ABCDEF";
export const SECRET = "00112233445566FF";
export const OTHER_SECRET = "FF66554433221100";
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
    product("hasty", { window: 30 }),
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

/** Nodes that report a code. */
export const window = (code: string): Node[] => [[protocol.BINDING_CODE, code]];

/** Nodes that report a bindingSecret and a code. */
export const credentials = (code: string, secret = SECRET): Node[] => [
  [protocol.BINDING_SECRET, secret],
  [protocol.BINDING_CODE, code],
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

  /** Starts a cloud, as the one before has ended. */
  async open(): Promise<void> {
    const onEvent = watch.events(this.events);
    this.cloud = await startCloud({ ...WORLD, ...this.more, now: () => this.time, onEvent });
  }

  /** Connects a device; by default it authenticates for the first time. */
  async device(more: Partial<Connect> = {}): Promise<TestDevice> {
    const device = await TestDevice.connect(this.cloud.mqtt, { pk: "multi", ps: PS, dk: DK, ...more });
    this.devices.push(device);
    return device;
  }

  /** A device that has named itself, and reported its secret and a code. */
  async ready(pk = "multi", code = CODE): Promise<TestDevice> {
    const device = await this.device({ pk, sdk: OURS });
    await device.ds();
    await device.report(credentials(code));
    return device;
  }

  /** Any call of the API. */
  async call(
    method: string,
    path: string,
    token: string,
    body?: string | URLSearchParams,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const json = typeof body === "string" && { "content-type": "application/json" };
    const headers = { ...(token && { authorization: token }), ...json, ...more };
    const response = await fetch(this.cloud.http + path, { method, headers, body });
    expect(response.status).to.equal(200);
    expect(response.headers.get("content-type")).to.equal("application/json;charset=UTF-8");
    const answer = (await response.json()) as Answer;
    expect(Object.keys(answer).sort()).to.deep.equal(["code", "data", "extMsg", "msg"]);
    return answer;
  }

  /** The binding call. */
  bind(body: unknown, token = "token-one"): Promise<Answer> {
    return this.call("POST", BIND, token, typeof body === "string" ? body : JSON.stringify(body));
  }

  /** An operator's change. */
  configure(change: unknown, device = `multi/${DK}`, token = ""): Promise<Answer> {
    return this.call("POST", `/dev/devices/${device}/config`, token, JSON.stringify(change));
  }

  async code(body: unknown, token?: string): Promise<number> {
    return (await this.bind(body, token)).code;
  }

  /** Waits until the device has sent the authKey back. */
  async confirmed(device: TestDevice, times = 1): Promise<void> {
    await device.until(() => this.count("keyConfirmed") === times);
  }

  /** How many events of that name there were. */
  count(name: CloudEvent["event"]): number {
    return this.events.filter(({ event }) => event === name).length;
  }
}
