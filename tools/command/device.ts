/** `wifi-binding device`: one device, until it is stopped. */
import { Option, type Command } from "commander";
import { serveBluetooth, type AccessPoint, type Device, type EngineName } from "../../sim/emulator/index.js";
import { messageOf } from "../../sim/errors.js";
import { press, pressOf, PRESSES, serveButton } from "./button.js";
import { consoleEvent, consoleLine } from "./events.js";
import { newDeviceKey, readIdentityFile, type IdentityFile } from "../factory/identity-file.js";
import { FlashKeeper, flashPath, readFlash } from "./flash-file.js";
import { stopped, type Io } from "./io.js";
import { NETWORK_HELP } from "./network.js";
import { Output } from "./output.js";
import { chooseProduct } from "./products.js";
import { startDevice } from "./start-device.js";
import {
  deviceKey,
  loopback,
  mqttUrl,
  networks,
  productKey,
  productSecret,
  seconds,
  updateKey,
  userName,
} from "./values.js";

interface Options {
  engine: EngineName;
  pk?: string;
  ps?: string;
  dk?: string;
  products?: string;
  cloud: string;
  host: string;
  ap: AccessPoint[];
  window?: number;
  pop?: string;
  updateKey?: string;
  identity?: string;
  username?: string;
  firmware?: string;
  app?: string;
  state?: string;
  ble?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding device --products demo.json --cloud mqtt://127.0.0.1:1883 --ap home:password
  wifi-binding device --products demo.json --cloud mqtt://127.0.0.1:1883 --host 127.0.0.2 --ap guests --json
  wifi-binding device --products demo.json --cloud mqtt://127.0.0.1:1883 --ap home:password --ble
  wifi-binding device --products demo.json --cloud mqtt://127.0.0.1:1883 --ap home:password --app examples/button.js
  WIFI_BINDING_PS=… wifi-binding device --engine espruino --pk p1ABCD --cloud mqtt://127.0.0.1:1883 --ap home:password

A new device has an identity and no network: provision it by \`wifi-binding bind\`. Its flash is kept in a file beside the
identity, or beside the products file where --dk names it, so that it is the same device when it is started again; --state
names another file, or "none". At a terminal the keys w (binding window), p (provisioning) and r (reset) press its button
BTN1 shortly, for 5 s and for 10 s, and q quits; \`wifi-binding press\` presses it from elsewhere. --app runs an application
as those of examples/, with the library and its modules beside it; LED1 shows in its console.`;

/** The engine option of `device` and `demo`. */
export function engineOption(): Option {
  return new Option("--engine <name>", "what runs the firmware").choices(["emulator", "espruino"]).default("emulator");
}

/** The keys at a terminal. @returns a promise of the key that quits, and what gives the keyboard back */
function listenToKeys(device: Device, io: Io, output: Output): { quit: Promise<void>; end: () => void } {
  let leave = (): void => {};
  const quit = new Promise<void>((resolve) => (leave = resolve));
  const end = io.keys?.((key) => {
    if (key === "q") return leave();
    const what = pressOf(key);
    if (!what) return;
    if (PRESSES[what].holds > 1000) output.hint(`The button is held for ${Math.floor(PRESSES[what].holds / 1000)} s.`);
    press(device, what).catch((error) => output.hint(messageOf(error)));
  });
  if (end) output.hint("Keys: w binding window, p provisioning, r reset, q quit");
  return { quit, end: end ?? (() => {}) };
}

/** The product and the identity that the options name. */
function identityOf(options: Options): Pick<IdentityFile, "pk" | "ps" | "dk"> & Partial<IdentityFile> {
  const product: Pick<IdentityFile, "pk" | "ps"> & Partial<IdentityFile> = options.identity
    ? readIdentityFile(options.identity)
    : chooseProduct(options);
  const { dk = product.dk ?? newDeviceKey(), updateKey: key = product.updateKey } = options;
  return { ...product, dk, updateKey: key };
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const identity = identityOf(options);
  const { pk, dk } = identity;
  const path = flashPath(options);
  const flash = path && readFlash(path, identity);
  const onLine = (line: string) => output.tell(consoleEvent(line), consoleLine(line, output));
  const { cloud: server, ap = [], ble: bluetooth } = options;
  const setup = { ...options, ...identity, flash: flash || undefined, server, networks: ap, bluetooth, onLine };
  const device = await startDevice(setup);
  const ends: (() => unknown)[] = [() => device.stop()];
  try {
    if (path) {
      const keeper = new FlashKeeper(path, device, identity);
      ends.push(() => keeper.stop());
    }
    if (bluetooth) ends.push(await serveBluetooth(device.bluetooth, device.host));
    ends.push(await serveButton(device, device.host));
    const heard = ap.map((network) => network.ssid);
    output.tell(
      { event: "started", engine: device.engine, host: device.host, pk, dk, networks: heard, state: path },
      `${output.clock()}  device ${output.paint.bold(dk)} of product ${pk} at ${device.host} (${device.engine})`,
    );
    if (!heard.length) output.hint("Its radio hears no network: give one by --ap SSID:PASSWORD to provision it.");
    const keys = listenToKeys(device, io, output);
    ends.push(keys.end);
    await Promise.race([stopped(io), keys.quit]);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

export function addDevice(program: Command, io: Io): void {
  program
    .command("device")
    .description("run one device with the firmware that is flashed, on a simulated radio")
    .addOption(engineOption())
    .option("--pk <ProductKey>", "its product; default: the first of the products file", productKey)
    .addOption(
      new Option("--ps <ProductSecret>", "secret of the product; default: from the products file")
        .env("WIFI_BINDING_PS")
        .argParser(productSecret),
    )
    .option("--dk <DeviceKey>", "its name; default: a random one", deviceKey)
    .option("--products <file>", "products file, as `cloud` writes it")
    .requiredOption("--cloud <url>", "MQTT URL of the cloud", mqttUrl)
    .option("--host <address>", "loopback address of the device (emulator)", loopback, "127.0.0.1")
    .option("--ap <SSID:PASSWORD>", NETWORK_HELP, networks)
    .option("--ble", "with Bluetooth, which `bind --ble` reaches")
    .option("--window <seconds>", "length of its binding window", seconds(1, 3600))
    .addOption(new Option("--pop <text>", "proof of possession, which the device then demands").env("WIFI_BINDING_POP"))
    .option("--update-key <key>", "the public key that its updates are signed with: its digits or file", updateKey)
    .option("--identity <file>", "identity that `identity --write` has made, in place of --pk, --ps, --dk and --pop")
    .option(
      "--state <file>",
      "where its flash is kept, none: nowhere; default: beside --identity, or --products with --dk",
    )
    .option("--username <name>", "MQTT user name, for a broker that wants one", userName)
    .addOption(
      new Option("--app <file>", "application that requires the library, to run in place of the firmware").conflicts(
        "firmware",
      ),
    )
    .option("--firmware <file>", "bundle to run; default: build/firmware.min.js of this package")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}
