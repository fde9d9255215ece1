/** The products of the cloud and the devices that it has met. */
import { DeviceRecord, type Clock } from "./device-record.js";
import type { Product } from "./products.js";
import type { Store } from "./store.js";

const nameOf = (pk: string, dk: string): string => `${pk} ${dk}`;

export class Registry {
  private readonly devices = new Map<string, DeviceRecord>();

  /** Devices of products that are no longer served stay in the store. */
  constructor(
    private products: Product[],
    private readonly now: Clock,
    private readonly store: Store,
  ) {
    this.restore();
  }

  product(pk: string): Product | undefined {
    return this.products.find((product) => product.pk === pk);
  }

  /** Serves other products from now on. @returns the devices of those that are served no more */
  serve(products: Product[]): DeviceRecord[] {
    this.products = products;
    const gone: DeviceRecord[] = [];
    for (const [name, device] of this.devices) {
      const product = this.product(device.product.pk);
      if (product) device.product = product;
      else {
        gone.push(device);
        this.devices.delete(name);
      }
    }
    this.restore();
    return gone;
  }

  /** Takes up the devices of the products that are served, as far as they are not there. */
  private restore(): void {
    this.store.each(({ pk, dk, state }) => {
      const product = this.product(pk);
      if (!product || this.find(pk, dk)) return;
      const device = this.enrol(product, dk).restore(state);
      this.store.eachValue({ pk, dk }, (slot, json) => device.data.restore(slot, json));
    });
  }

  /**
   * Splits a clientId, `qd` + PK + DK. Where two products' PKs fit, the one that the password names is taken, or the
   * one of a device that is known, or the longer.
   */
  identify(clientId: string, pk?: string): { product: Product; dk: string } | undefined {
    const fits = this.products
      .filter((product) => clientId.startsWith(`qd${product.pk}`))
      .sort((a, b) => b.pk.length - a.pk.length)
      .map((product) => ({ product, dk: clientId.slice(2 + product.pk.length) }));
    return (
      fits.find(({ product }) => product.pk === pk) ??
      fits.find(({ product, dk }) => this.find(product.pk, dk)) ??
      fits[0]
    );
  }

  find(pk: string, dk: string): DeviceRecord | undefined {
    return this.devices.get(nameOf(pk, dk));
  }

  /** Makes the record of a device that has authenticated for the first time. */
  enrol(product: Product, dk: string): DeviceRecord {
    const { pk } = product;
    // What an old connection of a forgotten device still changes is nobody's.
    const isKnown = (): boolean => this.find(pk, dk) === device;
    const device: DeviceRecord = new DeviceRecord(
      product,
      dk,
      this.now,
      (state) => isKnown() && this.store.save({ pk, dk, state }),
      (slot, json) => isKnown() && this.store.saveValue({ pk, dk, slot, json }),
    );
    this.devices.set(nameOf(pk, dk), device);
    return device;
  }

  /** Forgets a device. */
  remove({ product: { pk }, dk }: DeviceRecord): void {
    this.devices.delete(nameOf(pk, dk));
    this.store.remove({ pk, dk });
  }

  /** Calls back once everything that was changed until now is durable. */
  durable(done: () => void): void {
    this.store.after(done);
  }

  all(): Iterable<DeviceRecord> {
    return this.devices.values();
  }

  /** The devices that a user has bound. */
  of(user: string): DeviceRecord[] {
    return [...this.devices.values()].filter((device) => device.bindings.has(user));
  }
}
