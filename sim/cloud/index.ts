/**
 * The development cloud: the platform's MQTT side and its binding API, for a bench without an account. It is the
 * verifier of what the device does, and it is strict. State is in memory.
 */
import { isIPv4, type AddressInfo } from "node:net";

import { UsageError } from "../errors.js";
import { startApi } from "./api.js";
import { Broker } from "./broker.js";
import type { Clock, DeviceRecord } from "./device-record.js";
import type { CloudEvent, Tell } from "./events.js";
import type { Products } from "./products.js";
import { Registry } from "./registry.js";

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
  /** Milliseconds that only grow; the windows' clock. */
  now?: Clock;
}

export interface Cloud {
  /** Base URL of the binding API. */
  readonly http: string;
  /** URL of the MQTT broker. */
  readonly mqtt: string;
  stop(): Promise<void>;
}

/** @throws UsageError for an address that is not this machine's own; the system's error when a port cannot be had */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { host = "127.0.0.1", httpPort = 0, mqttPort = 0, products, users, onEvent, now } = options;
  if (!isIPv4(host) || !host.startsWith("127.")) throw new UsageError(`${host} is no loopback address: give 127.x.x.x`);
  const registry = new Registry(products, now ?? (() => performance.now()));
  const tell: Tell = (event) => onEvent?.({ ...event, time: Date.now() });
  const broker = await Broker.start(registry, tell, host, mqttPort);
  try {
    const context = { registry, tell, tellResults: (device: DeviceRecord) => broker.tellResults(device) };
    const api = await startApi(context, users, host, httpPort);
    const { address, port } = api.server.address() as AddressInfo;
    return {
      http: `http://${address}:${port}`,
      mqtt: broker.url,
      async stop() {
        await api.close();
        await broker.stop();
      },
    };
  } catch (error) {
    await broker.stop();
    throw error;
  }
}
