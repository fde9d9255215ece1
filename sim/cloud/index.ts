/**
 * The development cloud: the platform's MQTT side and its binding API, for a bench without an account. It is the
 * verifier of what the device does, and it is strict.
 */
import { isIPv4, type AddressInfo } from "node:net";

import { UsageError } from "../errors.js";
import { startApi } from "./api.js";
import { Broker } from "./broker.js";
import type { Clock, DeviceRecord } from "./device-record.js";
import type { CloudEvent, Tell } from "./events.js";
import type { Products } from "./products.js";
import { Registry } from "./registry.js";
import { Store } from "./store.js";

export type { CloudEvent } from "./events.js";
export { demoProducts, type Product, type Products, type User } from "./products.js";
export { loadProducts } from "./products-file.js";

export interface CloudOptions extends Products {
  /** Loopback address to listen on, default 127.0.0.1. */
  host?: string;
  /** 0, the default, picks a free port. */
  httpPort?: number;
  mqttPort?: number;
  onEvent?: (event: CloudEvent) => void;
  /** Directory for the state; without one it ends with the process. */
  data?: string;
  /** The windows' clock. */
  now?: Clock;
}

export interface Cloud {
  /** Base URL of the binding API. */
  readonly http: string;
  /** URL of the MQTT broker. */
  readonly mqtt: string;
  stop(): Promise<void>;
}

/** Milliseconds since the epoch that no setting of the clock changes while this process runs. */
const steady: Clock = () => performance.timeOrigin + performance.now();

/**
 * @throws UsageError for an address that is not this machine's own, and for a directory that cannot be used
 * @throws the system's error when a port cannot be had
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { host = "127.0.0.1", httpPort = 0, mqttPort = 0, products, users, onEvent, now = steady } = options;
  if (!isIPv4(host) || !host.startsWith("127.")) throw new UsageError(`${host} is no loopback address: give 127.x.x.x`);
  const store = Store.open(options.data);
  const registry = new Registry(products, now, store);
  const tell: Tell = (event) => onEvent?.({ ...event, time: Date.now() });
  let broker: Broker | undefined;
  try {
    broker = await Broker.start(registry, tell, host, mqttPort);
    const context = { registry, tell, tellResults: (device: DeviceRecord) => broker!.tellResults(device) };
    const api = await startApi(context, users, host, httpPort);
    const { address, port } = api.server.address() as AddressInfo;
    return {
      http: `http://${address}:${port}`,
      mqtt: broker.url,
      async stop() {
        await api.close();
        await broker!.stop();
        store.close();
      },
    };
  } catch (error) {
    await broker?.stop();
    store.close();
    throw error;
  }
}
