/** Espruino's `net` and `tls` on real sockets of the loopback interface. */

import { connect, createServer, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { DeviceSocket } from "./socket.js";
import { isListening, resolve, type NetworkHost, type OpenSockets } from "./sockets.js";

interface ConnectOptions {
  host?: string;
  port?: number;
  ca?: string;
  key?: string;
  cert?: string;
}

type Connector = (options: unknown, connected?: unknown) => object | undefined;

function parseOptions(options: unknown): ConnectOptions | undefined {
  if (typeof options === "string") {
    const [, host, port] = /^(?:\w+:\/\/)?([^:/]+)(?::(\d+))?/.exec(options) ?? [];
    return { host, port: Number(port ?? 0) };
  }
  return typeof options === "object" && options ? (options as ConnectOptions) : undefined;
}

/** Opens connections. Espruino blocks meanwhile, so a virtual clock stands still. */
function connector(host: NetworkHost, open: OpenSockets, dial: (target: Dial) => Socket): Connector {
  const { realm } = host;
  return (given, connected) => {
    const options = parseOptions(given);
    if (!options) return void host.print(`ERROR: Expecting Options to be an Object but it was ${typeof given}`);
    if (connected !== undefined && typeof connected !== "function") {
      return void host.print(`ERROR: Expecting Callback Function but got ${typeof connected}`);
    }
    const address = resolve(options.host);
    if (!address) throw realm.error("Unable to locate host", "InternalError");
    const port = Number(options.port ?? 0) & 0xffff;
    if (open.full) throw realm.error("Unable to create socket", "InternalError");
    if (!isListening(address, port)) {
      host.print("ERROR: Connect failed (err 111)");
      throw realm.error("Unable to create socket", "InternalError");
    }
    const socket = dial({ host: address, port, localAddress: host.address, options });
    const release = open.add(() => void socket.destroy());
    const device = new DeviceSocket(host, socket, release);
    awaitConnection(host, socket, device, connected);
    return device.object;
  };
}

function awaitConnection(host: NetworkHost, socket: Socket, device: DeviceSocket, connected: unknown): void {
  const release = host.clock.hold();
  socket.once("close", release);
  socket.once("connect", () => {
    release();
    host.job(() => {
      if (connected) host.queue(connected, device.object, [device.object]);
      host.queue(() => device.settle(), device.object, []);
      device.connected();
    });
  });
}

interface Dial {
  host: string;
  port: number;
  localAddress: string;
  options: ConnectOptions;
}

const pem = (kind: string, der: string | undefined): string | undefined =>
  der && `-----BEGIN ${kind}-----\n${Buffer.from(der, "latin1").toString("base64")}\n-----END ${kind}-----\n`;

/** Listens on the device's address; connections beyond the sockets that it has wait until one is free. */
function createDeviceServer(host: NetworkHost, open: OpenSockets, connection: unknown): object | undefined {
  const { realm } = host;
  if (typeof connection !== "function") {
    return void host.print(`ERROR: Expecting Callback Function but got ${typeof connection}`);
  }
  const waiting: Socket[] = [];
  const accept = (): void => {
    const socket = open.full ? undefined : waiting.shift();
    if (!socket) return;
    const release = open.add(() => void socket.destroy());
    const device = new DeviceSocket(host, socket, () => {
      release();
      accept();
    });
    host.job(() => {
      host.queue(connection, object, [device.object]);
      host.queue(() => device.settle(), object, []);
      host.queue(() => socket.resume(), object, []);
    });
    accept();
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    host.clock.touch();
    waiting.push(socket);
    accept();
  });
  let release = (): void => {};
  const stop = (): Promise<void> => {
    release();
    for (const socket of waiting.splice(0)) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  const object = realm.make({
    listen(port: number) {
      if (open.full || isListening(host.address, port)) throw realm.error("Unable to create socket", "InternalError");
      server.on("error", (error) => host.trap(`cannot listen on ${host.address}:${port}: ${error.message}`));
      server.listen(port, host.address);
      release = open.add(stop);
      return object;
    },
    close: () => void stop(),
  });
  return object;
}

export function netModule(host: NetworkHost, open: OpenSockets): Record<string, unknown> {
  const dial = ({ options: _options, ...target }: Dial): Socket => connect({ ...target, allowHalfOpen: true });
  return host.realm.make({
    connect: connector(host, open, dial),
    createServer: (connection: unknown) => createDeviceServer(host, open, connection),
  });
}

/** TLS as Espruino has it: client only, and nothing is verified. */
export function tlsModule(host: NetworkHost, open: OpenSockets): Record<string, unknown> {
  const dial = ({ options, ...target }: Dial): Socket => {
    const secret = { key: pem("PRIVATE KEY", options.key), cert: pem("CERTIFICATE", options.cert) };
    return connectTls({ ...target, ...secret, rejectUnauthorized: false });
  };
  return host.realm.make({ connect: connector(host, open, dial) });
}
