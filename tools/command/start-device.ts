/** Starts one device with the firmware that is flashed, an identity and its options. */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { LAN_TCP_PORT, LAN_UDP_PORT } from "../../src/codec/commands.js";
import { APP_FILE, FIRST } from "../../src/ota/slots.js";
import {
  BLE_PORT,
  engine,
  findEspruino,
  type AccessPoint,
  type Device,
  type EngineName,
} from "../../sim/emulator/index.js";
import { OWN_MODULES } from "../../compiler/gate/features.js";
import { FailedError, UsageError } from "../../sim/errors.js";
import { encodeIdentity } from "../factory/identity-image.js";
import { BUTTON } from "./button.js";
import { listenersOn, type Listener } from "./listeners.js";
import { packageFile, readProgram } from "./package.js";

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
  /** Proof of possession, which the device then demands; without one it speaks the platform's open form. */
  pop?: string;
  /** The public key that its updates are signed with, 64 hexadecimal digits. */
  updateKey?: string;
  /** Factory seed in hexadecimal; drawn anew when absent. */
  seed?: string;
  /** What its flash held when it lost its power; absent for a device that is new. */
  flash?: Uint8Array;
  /** What its radio hears. */
  networks: AccessPoint[];
  /** Whether it has Bluetooth, and the module for it. */
  bluetooth?: boolean;
  /** Path of the bundle, default build/firmware.min.js of this package. */
  firmware?: string;
  /** Path of an application in its place: the library and all its modules are in Storage then. */
  app?: string;
  onLine?: (line: string) => void;
}

/** The modules that the firmware starts where it finds them; an application finds all, and the library. */
function modules({ bluetooth, pop, app, updateKey }: DeviceSetup): Record<string, string> {
  const names = app
    ? OWN_MODULES
    : [
        ...(bluetooth ? ["WifiBindingBle"] : []),
        ...(pop ? ["WifiBindingProof"] : []),
        ...(updateKey ? ["WifiBindingData", "WifiBindingOta", "WifiBindingSlh"] : []),
      ];
  return Object.fromEntries(names.map((name) => [name, readProgram(packageFile("build", `${name}.min.js`))]));
}

/** The files that boot: an application that can be updated is in the first of two slots. */
function bootFiles(updateKey: string | undefined, application: string): Record<string, string> {
  if (!updateKey) return { ".bootcde": application };
  return { ".bootcde": readProgram(packageFile("build", "boot.min.js")), [APP_FILE + FIRST]: application };
}

/** Refuses what the engine cannot do, before anything starts. */
function checkEngine(name: EngineName, host: string): void {
  if (name !== "espruino") return;
  if (!findEspruino()) {
    throw new UsageError("no `espruino` found: put it on the PATH, name it in $ESPRUINO, or use --engine emulator");
  }
  if (host !== "127.0.0.1") throw new UsageError("the espruino engine has only 127.0.0.1: leave --host away");
}

const everywhere = (address: string): boolean => address === "0.0.0.0";

/** @param listener who is there, where that is known */
function taken(host: string, port: number, listener?: Listener): FailedError {
  const { pid, name, address = host } = listener ?? {};
  const holder = pid ? `, by process ${pid} (${name})` : ", by another device maybe";
  // What listens everywhere is in the way at every address.
  const way = everywhere(address) ? "stop it" : "stop it, or give another --host";
  return new FailedError(`port ${port} of ${address} is in use${holder}: ${way}`);
}

/** Who has a port already: at the address, or at all of them, which is what the real interpreter listens on. */
function holderOf(protocol: "tcp" | "udp", host: string, port: number, all: boolean): Listener | undefined {
  return listenersOn(protocol, port).find(({ address }) => all || everywhere(address) || address === host);
}

async function checkTcp(host: string, port: number, all: boolean): Promise<void> {
  const holder = holderOf("tcp", host, port, all);
  if (holder) throw taken(host, port, holder);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(taken(host, port))).listen(port, host, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

/** Makes sure that no other device answers at this one's address. */
async function checkPorts({ host, bluetooth, engine }: DeviceSetup): Promise<void> {
  const all = engine === "espruino";
  await checkTcp(host, LAN_TCP_PORT, all);
  if (bluetooth) await checkTcp(host, BLE_PORT, false);
  const holder = holderOf("udp", host, LAN_UDP_PORT, all);
  if (holder) throw taken(host, LAN_UDP_PORT, holder);
  const udp = createSocket("udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once("error", () => reject(taken(host, LAN_UDP_PORT))).bind(LAN_UDP_PORT, host, resolve);
    });
  } finally {
    udp.close();
  }
}

/** The identity of a device that is new. */
function factoryFlash({ pk, ps, dk, pop, updateKey, seed }: DeviceSetup): Uint8Array {
  return encodeIdentity({ pk, ps, dk, pop, updateKey, seed: seed ? Buffer.from(seed, "hex") : undefined });
}

/**
 * Boots a device.
 * @throws UsageError for an engine, address or bundle that is not there; FailedError for an address in use
 */
export async function startDevice(setup: DeviceSetup): Promise<Device> {
  const { host, server, window, username, networks, bluetooth, onLine } = setup;
  checkEngine(setup.engine, host);
  const firmware = readProgram(setup.app ?? setup.firmware ?? packageFile("build", "firmware.min.js"));
  await checkPorts(setup);
  return engine(setup.engine).start({
    host,
    storage: {
      ...modules(setup),
      ...bootFiles(setup.updateKey, firmware),
      "binding.json": JSON.stringify({ server, window, username, button: BUTTON }),
    },
    flash: [{ offset: 0, bytes: setup.flash ?? factoryFlash(setup) }],
    networks,
    bluetooth,
    pins: true,
    onLine,
  });
}
