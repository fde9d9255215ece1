/** The development cloud with a memory that a test reads, keeps and puts back, and with notes of all that a device says. */

import { bindByWifi, type Context } from "../../../sim/cloud/binding.js";
import { EmbeddedBroker } from "../../../sim/cloud/broker.js";
import type { Change } from "../../../sim/cloud/configure.js";
import { Connections } from "../../../sim/cloud/connections.js";
import type { Clock, DeviceRecord } from "../../../sim/cloud/device-record.js";
import { unbind } from "../../../sim/cloud/devices.js";
import { demoProducts, type Product } from "../../../sim/cloud/products.js";
import { Registry } from "../../../sim/cloud/registry.js";
import type { Row, Store } from "../../../sim/cloud/store.js";
import { releaseOf } from "../../../sim/cloud/updates/release.js";
import { updateFile } from "../ota/files.js";

export const DK = "ABCD12345678";
/** The version of the update that is offered. */
export const UPDATE = "2.0.0";
export const PRODUCTS: Product[] = ["p1demo", "p2demo"].map((pk) => ({ ...demoProducts().products[0], pk }));

/** States of the devices' records, by PK. */
export type CloudState = Map<string, string>;

/** All that was ever said or made under a name that has to be new each time. */
export interface Notes {
  /** bindingCodes that the cloud was told, each time it was. */
  codes: string[];
  /** Passwords of CONNECT; each holds a random of its own. */
  passwords: string[];
  /** DeviceSecrets that the cloud has issued. */
  deviceSecrets: Set<string>;
}

export class LifeCloud {
  notes!: Notes;
  private readonly states: CloudState = new Map();
  private readonly registry: Registry;
  private readonly connections: Connections;
  private broker!: EmbeddedBroker;

  private constructor(now: Clock) {
    const after = (done: () => void): void => done();
    const save = (row: Row): void => this.keep(row);
    const store = { each: () => {}, save, saveValue: () => {}, after } as unknown as Store;
    this.registry = new Registry(PRODUCTS, now, store);
    this.connections = new Connections(this.registry, () => {});
    const admit = this.connections.admit.bind(this.connections);
    this.connections.admit = (clientId, password) => {
      this.notes.passwords.push(password);
      return admit(clientId, password);
    };
  }

  static async start(now: Clock): Promise<LifeCloud> {
    const cloud = new LifeCloud(now);
    cloud.restore(new Map());
    cloud.broker = await EmbeddedBroker.start(cloud.connections, "127.0.0.1", 0);
    return cloud;
  }

  get url(): string {
    return this.broker.url;
  }

  stop(): Promise<void> {
    return this.broker.stop();
  }

  state(): CloudState {
    for (const { pk } of PRODUCTS) this.record(pk)?.save();
    return new Map(this.states);
  }

  /** Takes a state back, and begins new notes. */
  restore(state: CloudState): void {
    const { releases } = this.connections.updates;
    for (const release of releases.of()) releases.remove(release);
    this.notes = { codes: [], passwords: [], deviceSecrets: new Set() };
    this.states.clear();
    for (const product of PRODUCTS) {
      const record = this.registry.enrol(product, DK);
      const kept = state.get(product.pk);
      if (kept) this.keep({ pk: product.pk, dk: DK, state: kept });
      if (kept) record.restore(kept);
    }
  }

  record(pk: string): DeviceRecord {
    return this.registry.find(pk, DK)!;
  }

  /** The binding call. @returns its status code */
  bind(pk: string, user: string, bindingCode: string): number {
    const body = { productKey: pk, deviceKey: DK, bindingCode };
    return bindByWifi(this.context(), { id: user, token: "" }, body).code;
  }

  unbind(pk: string, user: string): number {
    return unbind(this.context(), { id: user, token: "" }, { pk, dk: DK }).code;
  }

  configure(pk: string, change: Change): boolean {
    return this.connections.configure(this.record(pk), change);
  }

  /** Offers an update whose file is nowhere: a device stores each step of it, and ends it soon. */
  offerUpdate(): void {
    const { updates } = this.connections;
    const release = releaseOf(updateFile("good", { version: UPDATE }), { percent: 100 });
    updates.releases.put(release);
    updates.stage(release, true);
  }

  private context(): Context {
    const { registry, connections } = this;
    return {
      registry,
      tell: () => {},
      isOnline: (device) => connections.isOnline(device),
      mayReport: (device) => connections.mayReport(device),
      tellResults: (device) => connections.tellResults(device),
      configure: (device, change) => connections.configure(device, change),
      control: (device, cmd, data) => connections.control(device, cmd, data),
      read: (device, ids) => connections.read(device, ids),
      forget: (device) => connections.forget(device),
      updates: connections.updates,
    };
  }

  private keep({ pk, state }: Row): void {
    const { window, ds, nextDs } = JSON.parse(state);
    const before = JSON.parse(this.states.get(pk) ?? "{}").window;
    if (window && (window.code !== before?.code || window.end !== before.end)) this.notes.codes.push(window.code);
    for (const secret of [ds, nextDs]) if (secret) this.notes.deviceSecrets.add(secret);
    this.states.set(pk, state);
  }
}
