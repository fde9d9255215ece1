/**
 * The development cloud: the cloud's MQTT side and its binding API, for a bench without an account. It is the
 * verifier of what the device does, and it is strict.
 */
import type { AddressInfo } from "node:net";

import { UsageError } from "../errors.js";
import { demandOwn, isLoopback, reachable } from "../listen.js";
import type { Certificate } from "../tls.js";
import { startApi } from "./api.js";
import { EmbeddedBroker, type Broker } from "./broker.js";
import { Console, type Passed, type ConsoleOptions } from "./console/console.js";
import { Connections } from "./connections.js";
import type { Context } from "./binding.js";
import type { Clock, DeviceRecord } from "./device-record.js";
import type { CloudEvent, Tell } from "./events.js";
import { ForeignBroker, type ExternalBroker } from "./external.js";
import type { Products } from "./products.js";
import { Registry } from "./registry.js";
import { Store } from "./store.js";
import { Releases } from "./updates/releases.js";

export type { ConsoleOptions, Press } from "./console/console.js";
export type { CloudEvent } from "./events.js";
export type { ExternalBroker } from "./external.js";
export { demoProducts, type Product, type Products, type User } from "./products.js";
export { loadProducts } from "./products-file.js";

export interface CloudOptions extends Products {
  /** Address of this machine to listen on, default 127.0.0.1. On another than loopback there must be an operator. */
  host?: string;
  /** For `mqtts://` and `https://` in place of `mqtt://` and `http://`. */
  tls?: Certificate;
  /** 0, the default, picks a free port. */
  httpPort?: number;
  mqttPort?: number;
  /** An existing broker to be a client of, in place of one of its own. */
  broker?: ExternalBroker;
  onEvent?: (event: CloudEvent) => void;
  /** Directory for the state; without one it ends with the process. */
  data?: string;
  /** Nothing is sent or taken that the platform is not known to use. Default false. */
  strict?: boolean;
  /** Milliseconds for a whole HTTP request, default 10,000. */
  requestTimeout?: number;
  /** The console's page, served at `/`; without it there is no console. */
  console?: ConsoleOptions;
  /** The windows' clock. */
  now?: Clock;
}

export interface Cloud {
  /** Base URL of the binding API. */
  readonly http: string;
  /** URL of the MQTT broker that devices connect to. */
  readonly mqtt: string;
  /** Serves other products, users and operator from now on; devices of products that are gone are disconnected. */
  reload(world: Products): void;
  stop(): Promise<void>;
}

/** Milliseconds since the epoch that no setting of the clock changes while this process runs. */
const steady: Clock = () => performance.timeOrigin + performance.now();

/** Who reaches the cloud from another machine must not change devices without a token. */
function demandOperator(host: string, { operator }: Products): void {
  if (operator || isLoopback(host)) return;
  throw new UsageError(
    `on ${host} other machines reach this cloud: the products file needs an "operator" (docs/products.md)`,
  );
}

/**
 * @throws UsageError for an address that is not this machine's own, one that needs an operator, and a directory that cannot be used
 * @throws the system's error when a port cannot be had
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { host = "127.0.0.1", httpPort = 0, mqttPort = 0, onEvent, now = steady, requestTimeout = 10_000 } = options;
  const { tls } = options;
  let world: Products = options;
  demandOwn(host);
  demandOperator(host, world);
  const store = Store.open(options.data);
  const registry = new Registry(world.products, now, store);
  const tell: Tell = (event) => {
    const full = { ...event, time: Date.now() };
    onEvent?.(full);
    console?.event(full);
  };
  const watch = (passed: Passed): void => console?.frame(passed);
  const connections = new Connections(registry, tell, options.strict, watch, new Releases(options.data));
  const isOnline = (device: DeviceRecord): boolean => connections.isOnline(device);
  const console = options.console && new Console(registry, isOnline, () => world, options.console);
  let broker: Broker | undefined;
  try {
    const foreign = options.broker && (await ForeignBroker.start(connections, options.broker));
    broker = foreign ?? (await EmbeddedBroker.start(connections, host, mqttPort, tls));
    if (console) console.mqtt = broker.url;
    const context: Context = {
      registry,
      tell,
      isOnline,
      mayReport: (device) => connections.mayReport(device),
      tellResults: (device) => connections.tellResults(device),
      configure: (device, change) => connections.configure(device, change),
      control: (device, cmd, data) => connections.control(device, cmd, data),
      read: (device, ids) => connections.read(device, ids),
      forget: (device) => connections.forget(device),
      updates: connections.updates,
    };
    const api = await startApi(context, () => world, { host, port: httpPort, tls, requestTimeout }, foreign, console);
    const { address, port } = api.server.address() as AddressInfo;
    const http = `${tls ? "https" : "http"}://${reachable(address)}:${port}`;
    connections.updates.origin = http;
    return {
      http,
      mqtt: broker.url,
      reload(next) {
        demandOperator(host, next);
        world = next;
        connections.drop(registry.serve(next.products));
        tell({ event: "productsRead" });
      },
      async stop() {
        console?.close();
        await api.close();
        await broker!.stop();
        await store.close();
      },
    };
  } catch (error) {
    console?.close();
    await broker?.stop();
    await store.close();
    throw error;
  }
}
