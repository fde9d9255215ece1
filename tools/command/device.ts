/** `wifi-binding device`: one device, until it is stopped. */
import { Option, type Command } from "commander";
import { serveBluetooth, type AccessPoint, type EngineName } from "../../sim/emulator/index.js";
import { consoleEvent, consoleLine } from "./events.js";
import { newDeviceKey, readIdentityFile, type IdentityFile } from "../factory/identity-file.js";
import { stopped, type Io } from "./io.js";
import { Output } from "./output.js";
import { chooseProduct } from "./products.js";
import { startDevice } from "./start-device.js";
import { deviceKey, loopback, mqttUrl, networks, productKey, productSecret, seconds } from "./values.js";

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
  identity?: string;
  username?: string;
  firmware?: string;
  ble?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding device --products demo.json --cloud mqtt://127.0.0.1:1883 --ap home:password
  wifi-binding device --products demo.json --cloud mqtt://127.0.0.1:1883 --host 127.0.0.2 --ap guests --json
  wifi-binding device --products demo.json --cloud mqtt://127.0.0.1:1883 --ap home:password --ble
  WIFI_BINDING_PS=… wifi-binding device --engine espruino --pk p1ABCD --cloud mqtt://127.0.0.1:1883 --ap home:password

The device is new: it has an identity and no network. Provision it by \`wifi-binding bind\`.`;

/** The engine option of `device` and `demo`. */
export function engineOption(): Option {
  return new Option("--engine <name>", "what runs the firmware").choices(["emulator", "espruino"]).default("emulator");
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const product: Pick<IdentityFile, "pk" | "ps"> & Partial<IdentityFile> = options.identity
    ? readIdentityFile(options.identity)
    : chooseProduct(options);
  const dk = options.dk ?? product.dk ?? newDeviceKey();
  const onLine = (line: string) => output.tell(consoleEvent(line), consoleLine(line, output));
  const { cloud: server, ap = [] } = options;
  const bluetooth = options.ble;
  const device = await startDevice({ ...options, ...product, dk, server, networks: ap, bluetooth, onLine });
  const leave = bluetooth ? await serveBluetooth(device.bluetooth, device.host) : undefined;
  const heard = ap.map((network) => network.ssid);
  output.tell(
    { event: "started", engine: device.engine, host: device.host, pk: product.pk, dk, networks: heard },
    `${output.clock()}  device ${output.paint.bold(dk)} of product ${product.pk} at ${device.host} (${device.engine})`,
  );
  if (!heard.length) output.hint("Its radio hears no network: give one by --ap SSID:PASSWORD to provision it.");
  await stopped(io);
  await leave?.();
  await device.stop();
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
    .option(
      "--ap <SSID:PASSWORD>",
      "network that its radio hears, repeatable; split at the last colon, without one it is open; a colon in the " +
        "password is written \\:, and :hidden at the end leaves the name out of scans",
      networks,
    )
    .option("--ble", "with Bluetooth, which `bind --ble` reaches")
    .option("--window <seconds>", "length of its binding window", seconds(1, 3600))
    .addOption(
      new Option("--pop <text>", "proof of possession; without one the device is open (level 0)").env(
        "WIFI_BINDING_POP",
      ),
    )
    .option("--identity <file>", "identity that `identity --write` has made, in place of --pk, --ps, --dk and --pop")
    .option("--username <name>", "MQTT user name, for a broker that wants one")
    .option("--firmware <file>", "bundle to run; default: build/firmware.min.js of this package")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}
