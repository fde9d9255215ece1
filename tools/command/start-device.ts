/** Starts one device with the firmware that is flashed, an identity and its options. */
import { existsSync, readFileSync } from "node:fs";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { LAN_TCP_PORT, LAN_UDP_PORT } from "../../src/codec/commands.js";
import {
  BLE_PORT,
  engine,
  findEspruino,
  type AccessPoint,
  type Device,
  type EngineName,
} from "../../sim/emulator/index.js";
import { FailedError, UsageError } from "../../sim/errors.js";
import { encodeIdentity } from "../factory/identity-image.js";
import { packageFile } from "./package.js";

export interface DeviceSetup {
  engine: EngineName;
  /** Loopback address of its sockets. */
  host: string;
  pk: string;
  ps: string;
  dk: string;
  /** The cloud that it is configured with: an MQTT URL. */
  server: string;
  /** Length of its binding window in seconds. */
  window?: number;
  /** MQTT user name; the cloud's devices send none. */
  username?: string;
  /** Proof of possession; without one the device is open, at level 0. */
  pop?: string;
  /** Factory seed in hexadecimal; drawn anew when absent. */
  seed?: string;
  /** What its radio hears. */
  networks: AccessPoint[];
  /** Whether it has Bluetooth, and the module for it. */
  bluetooth?: boolean;
  /** Path of the bundle, default build/firmware.min.js of this package. */
  firmware?: string;
  onLine?: (line: string) => void;
}

function readFirmware(path: string): string {
  if (existsSync(path)) return readFileSync(path, "latin1");
  throw new UsageError(`no firmware at ${path}: run \`npm run build\`, or give its path by --firmware`);
}

/** Modules that the firmware starts where it finds them. */
function modules(bluetooth?: boolean): Record<string, string> {
  return bluetooth ? { WifiBindingBle: readFirmware(packageFile("build", "WifiBindingBle.min.js")) } : {};
}

/** Refuses what the engine cannot do, before anything starts. */
function checkEngine(name: EngineName, host: string): void {
  if (name !== "espruino") return;
  if (!findEspruino()) {
    throw new UsageError("no `espruino` found: put it on the PATH, name it in $ESPRUINO, or use --engine emulator");
  }
  if (host !== "127.0.0.1") throw new UsageError("the espruino engine has only 127.0.0.1: leave --host away");
}

function taken(host: string, port: number): FailedError {
  return new FailedError(`port ${port} of ${host} is in use, by another device maybe: stop it, or give another --host`);
}

async function checkTcp(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(taken(host, port))).listen(port, host, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

/** Makes sure that nobody else answers at the device's address. */
async function checkPorts(host: string, bluetooth?: boolean): Promise<void> {
  await checkTcp(host, LAN_TCP_PORT);
  if (bluetooth) await checkTcp(host, BLE_PORT);
  const udp = createSocket("udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once("error", () => reject(taken(host, LAN_UDP_PORT))).bind(LAN_UDP_PORT, host, resolve);
    });
  } finally {
    udp.close();
  }
}

/**
 * Boots a device.
 * @throws UsageError for an engine, address or bundle that is not there; FailedError for an address in use
 */
export async function startDevice(setup: DeviceSetup): Promise<Device> {
  const { host, pk, ps, dk, server, window, username, pop, seed, networks, bluetooth, onLine } = setup;
  checkEngine(setup.engine, host);
  const firmware = readFirmware(setup.firmware ?? packageFile("build", "firmware.min.js"));
  await checkPorts(host, bluetooth);
  return engine(setup.engine).start({
    host,
    storage: {
      ...modules(bluetooth),
      ".bootcde": firmware,
      "binding.json": JSON.stringify({ server, window, username, security: pop ? 1 : 0 }),
    },
    flash: [
      { offset: 0, bytes: encodeIdentity({ pk, ps, dk, pop, seed: seed ? Buffer.from(seed, "hex") : undefined }) },
    ],
    networks,
    bluetooth,
    onLine,
  });
}
