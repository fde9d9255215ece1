/** One device whose credentials are watched: what it has, what the cloud knows, and how it gets to where a row begins. */

import { expect } from "chai";

import { bindingWindow, possessionOf, type Window } from "../../../sim/app/index.js";
import type { Link } from "../../../sim/app/frame-link.js";
import { openLink } from "../../../sim/app/proof.js";
import type { ProvedOptions } from "../../../sim/app/query.js";
import { demoProducts, type Cloud } from "../../../sim/cloud/index.js";
import type { EngineName } from "../../../sim/emulator/index.js";
import { newPop } from "../../../tools/factory/identity-image.js";
import {
  KEY_AUTH_KEY,
  KEY_DS,
  KEY_PASSWORD,
  KEY_RANDOM,
  KEY_SECRET,
  KEY_SECRET_REPORTED,
  KEY_SSID,
  KEY_WRONG_PROOFS,
} from "../../../src/storage/keys.js";
import type { Options } from "../../../src/options.js";
import { eventually, pause } from "../../unit/sim/emulator/harness.js";
import { DK, NETWORK, World } from "../scenarios/world.js";
import { journalOf } from "../../support/journal.js";
import { Proxy } from "../../support/proxy.js";
import type { Credential, Start } from "./table.js";

export const OTHER_PK = "p2other";
export const OTHER_PS = "another-product-secret";
const ENTERPRISE = "token-of-an-enterprise";

/** What a device has; "" where there is none. */
export type Possessions = Record<Credential, string> & { secretReported: boolean };

export const NOTHING: Possessions = {
  bindingCode: "",
  bindingSecret: "",
  DS: "",
  "Wi-Fi": "",
  authKey: "",
  "random state": "",
  "lock-out": "",
  secretReported: false,
};

export class Life {
  /** DS that the factory wrote. */
  factoryDs = "";
  authKey = "";
  /** The cloud that it is at now, and its ProductKey there. */
  cloud: Cloud;
  pk: string;
  /** Clouds beside the world's own. */
  readonly more: Cloud[] = [];

  private constructor(
    readonly world: World,
    readonly proxy: Proxy,
    readonly pop: string,
  ) {
    this.cloud = world.cloud;
    this.pk = world.products.products[0].pk;
  }

  static async begin(engine: EngineName, start: Start, options: Partial<Options>, haste?: number): Promise<Life> {
    const products = demoProducts();
    products.products.push({ ...products.products[0], pk: OTHER_PK, ps: OTHER_PS });
    products.users.push({ id: "firm", token: ENTERPRISE, enterprise: true });
    const pop = newPop();
    let proxy: Proxy;
    const server = async (mqtt: string): Promise<string> => (proxy = await Proxy.start(mqtt)).url;
    const setup = { program: "library", world: products, pop, server, haste, options: { window: 600, ...options } };
    const life = new Life(await World.start(engine, setup), proxy!, pop);
    if (start === "online" || start === "bound") await life.provisioned(start === "bound");
    return life;
  }

  get device(): World["device"] {
    return this.world.device;
  }

  async stop(): Promise<void> {
    await this.world.stop();
    await this.proxy.stop();
    for (const cloud of this.more) await cloud.stop();
  }

  /** What the device has now. */
  async look(): Promise<Possessions> {
    const journal = await journalOf(this.device);
    const bindingCode = (await this.device.eval("(W.window()||{code:''}).code")) as string;
    const ds = journal.get(KEY_DS) === undefined ? this.factoryDs : journal.text(KEY_DS);
    return {
      bindingCode,
      bindingSecret: journal.text(KEY_SECRET),
      DS: ds,
      "Wi-Fi": journal.text(KEY_SSID) && `${journal.text(KEY_SSID)}:${journal.text(KEY_PASSWORD)}`,
      authKey: journal.text(KEY_AUTH_KEY),
      "random state": journal.text(KEY_RANDOM),
      "lock-out": String(journal.get(KEY_WRONG_PROOFS) ?? ""),
      secretReported: journal.get(KEY_SECRET_REPORTED) === true,
    };
  }

  /** Whether the cloud would take this code now. Each no counts as a wrong try there, if a window is open. */
  async accepts(code: string): Promise<boolean> {
    const query = new URLSearchParams({ pk: this.pk, dk: DK, bindingCode: code });
    const { code: verdict } = await this.call(
      "POST",
      `/v2/binding/enterpriseapi/verifyBindingCode?${query}`,
      ENTERPRISE,
    );
    return verdict === 200;
  }

  /** A call of the cloud's API. */
  async call(method: string, path: string, token: string, body?: object): Promise<{ code: number; extMsg: string }> {
    const headers = { authorization: token, ...(body && { "content-type": "application/json" }) };
    const answer = await fetch(this.cloud.http + path, { method, headers, body: body && JSON.stringify(body) });
    return (await answer.json()) as { code: number; extMsg: string };
  }

  /** What an operator changes. */
  async configure(change: object): Promise<void> {
    const { operator } = this.world.products;
    const { code, extMsg } = await this.call("POST", `/dev/devices/${this.pk}/${DK}/config`, operator!, change);
    expect(code, extMsg).to.equal(200);
  }

  /** Does something, and waits for one more event of that name, or with that command, at the world's cloud. */
  until(event: string, action: () => unknown, patience?: number): Promise<void> {
    return this.world.until(event, action, patience);
  }

  /** Waits until the device says that it is in this state. */
  async reaches(state: string): Promise<void> {
    await eventually(async () => (await this.device.eval("W.state()")) === state);
  }

  /** A proof that the device does not accept. */
  async wrongProof(): Promise<void> {
    const possession = possessionOf({ pop: newPop() }, DK)!;
    const error = await bindingWindow(this.device.host, { possession }).catch((reason: Error) => reason);
    expect(error)
      .to.be.an("error")
      .with.property("message")
      .that.matches(/another proof/);
  }

  /** The code as an app is given it. */
  readCode(): Promise<Window | undefined> {
    return bindingWindow(this.device.host, this.proof());
  }

  /** An app connects, and proves its possession. */
  connect(): Promise<Link> {
    return openLink(this.device.host, 2000, this.proof());
  }

  private proof(): ProvedOptions {
    return { possession: possessionOf({ pop: this.pop, authKey: this.authKey }, DK)! };
  }

  /** An app brings a network, and binds the device to the first user. @throws ProvisioningError */
  async bind(network = NETWORK): Promise<void> {
    const { envelope } = await this.world.bind({ authKey: this.authKey, ...network });
    this.authKey = envelope.data?.authKey ?? this.authKey;
  }

  /** An app brings the network, and binds the device to nobody. Waits until the cloud has the code, and flash the network. */
  async provision(): Promise<void> {
    await this.until("window", () => this.world.bind({ authKey: this.authKey, token: "no-such-user" }));
    await eventually(async () => (await this.look())["Wi-Fi"]);
  }

  private async provisioned(bound: boolean): Promise<void> {
    if (!bound) return this.provision();
    await this.bind();
    await this.reaches("bound");
    await this.until("window", () => this.device.eval("W.openWindow(600)"));
    for (let n = 0; n < 2; n++) await this.wrongProof();
    // The access point of the provisioning goes, and with it what an app still waits for.
    await pause(100);
  }
}
