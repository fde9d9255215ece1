/** `wifi-binding bind`: the app's side, once. */
import { Option, type Command } from "commander";
import { API_BOUND_ALREADY, API_SUCCESS } from "../../sim/app/api.js";
import { bindDevice, PairingError, STATE_WORDS, type BindResult } from "../../sim/app/index.js";
import { FailedError, messageOf } from "../../sim/errors.js";
import { Bar } from "./bar.js";
import type { Io } from "./io.js";
import { duration, Output, type Happening } from "./output.js";
import { prepare, type Wanted } from "./prepare.js";
import { chooseToken } from "./products.js";
import { answerEvent, refusal, tellStep } from "./steps.js";
import {
  addresses,
  authKey,
  bindingCode,
  deviceKey,
  httpUrl,
  loopback,
  mqttUrl,
  productKey,
  seconds,
} from "./values.js";

interface Options extends Wanted {
  lan?: string[];
  server?: string;
  cloud: string;
  token?: string;
  products?: string;
  name?: string;
  timeout: number;
  showAuthKey?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding bind --cloud http://127.0.0.1:8080 --products demo.json
  wifi-binding bind --cloud http://127.0.0.1:8080 --products demo.json --ssid home --password-file wifi.txt
  WIFI_BINDING_PASSWORD=… WIFI_BINDING_TOKEN=… wifi-binding bind --cloud http://127.0.0.1:8080 --ssid home
  wifi-binding bind --cloud http://127.0.0.1:8080 --products demo.json --ssid home --qr label.txt
  wifi-binding bind --cloud http://127.0.0.1:8080 --products demo.json --ssid home --labels labels.csv --dk AABBCCDDEEFF
  wifi-binding bind --ble --cloud http://127.0.0.1:8080 --products demo.json --ssid home
  wifi-binding bind --device 127.0.0.2 --cloud http://127.0.0.1:8080 --products demo.json --json
  wifi-binding bind --device 192.168.4.1 --lan 192.168.1.255 --cloud https://cloud.example --ssid home

The device must be in pairing mode: new, or its button held for 5 s. One that is on its network already gives a code for
another user when its button is pressed shortly and --ssid and the password are those of that network. A device with a
proof on its label also gives it without --ssid while its window is open. At a terminal what is missing is asked for: the
device, the network, its password, the proof of possession. What is on a command line is visible to every user of this
machine: give secrets by a file (- is standard input), by the environment, or at the terminal. --ble reaches a
\`device --ble\` of this machine. Exit status: 0 bound (also before), 1 not bound,
2 wrong usage, 130 interrupted.`;

/** What is said of a device that its user has bound before. */
const MOVED = "the device is on the network, and bound to this user as before";

const MODES = ["", "multi-user binding", "owner binding", "rotation binding"];

/** What a person reads at the end. */
function summary(result: BindResult, showAuthKey: boolean, output: Output): string {
  const data = result.envelope.data;
  const product = data ? `${data.productName}, ${MODES[data.bindingMode] ?? `mode ${data.bindingMode}`}` : result.pk;
  const key = data && showAuthKey ? `\n  authKey ${data.authKey}` : "";
  const bound = output.paint.bold(output.paint.green("bound"));
  return `${bound}: ${result.dk} (${product}) in ${duration(result.timings.total)}${key}`;
}

/** A phone that lost the access point of a device finds it on its network; on this machine only what was named is asked. */
function lanOf({ lan, ble }: Options, address: string): string[] {
  return lan ?? (ble !== undefined || address.startsWith("127.") ? [] : ["255.255.255.255"]);
}

/** A failure as the last event of --json: also with the state of the vendor's app SDK, in its number and in words. */
function failed(error: unknown, io: Io): Happening {
  if (io.stop.aborted) return { event: "failed", message: "interrupted" };
  const message = messageOf(error);
  if (!(error instanceof PairingError)) return { event: "failed", message };
  const { code, reason, wait, state } = error as PairingError & { code?: number; reason?: string; wait?: number };
  return { event: "failed", message, state, stateText: STATE_WORDS[state], code, reason, wait: wait || undefined };
}

async function bind(options: Options, io: Io, output: Output): Promise<BindResult> {
  const bar = new Bar(output);
  try {
    const token = chooseToken(options);
    const known = await prepare(options, io, output);
    return await bindDevice({
      ...known,
      ...{ token, cloud: options.cloud, server: options.server, deviceName: options.name },
      lan: lanOf(options, known.address),
      pollTimeout: options.timeout * 1000,
      onStep: (step) => {
        bar.show(step);
        tellStep(output, step);
      },
      signal: io.stop,
    });
  } catch (error) {
    output.tell(failed(error, io));
    throw error;
  } finally {
    bar.end();
  }
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const showAuthKey = Boolean(options.showAuthKey);
  const result = await bind(options, io, output);
  const { code } = result.envelope;
  const bound = code === API_SUCCESS;
  // A device that its user has only moved to another network is bound as before.
  const moved = code === API_BOUND_ALREADY && options.ssid !== undefined;
  const words = bound ? summary(result, showAuthKey, output) : moved ? MOVED : undefined;
  output.tell(answerEvent(result, showAuthKey), words);
  if (!bound && !moved) throw new FailedError(refusal(result.envelope));
}

/** An option that may come from the environment, so that it stays out of the shell's history. */
function secret(flags: string, description: string, variable: string): Option {
  return new Option(flags, description).env(variable);
}

export function addBind(program: Command, io: Io): void {
  program
    .command("bind")
    .description("bind a device to a user, as an app does; provisions it where it is needed")
    .requiredOption("--cloud <url>", "URL of the binding API", httpUrl)
    .option("--device <address>", "address to ask, repeatable; a broadcast address asks a network", addresses)
    .addOption(
      new Option("--ble [address]", "by Bluetooth, a `device --ble` at this loopback address; default: 127.0.0.1")
        .argParser(loopback)
        .preset("127.0.0.1")
        .conflicts(["device", "code"]),
    )
    .option("--dk <DeviceKey>", "the device, where several answer", deviceKey)
    .option("--pk <ProductKey>", "ask only devices of this product", productKey)
    .option("--ssid <name>", "network that the device shall join; a hidden one is joined by its name only")
    .option("--password-file <file>", "file with the password of that network")
    .addOption(
      secret("--password <text>", "the password; on a command line others can see it", "WIFI_BINDING_PASSWORD"),
    )
    .option("--qr <text|file>", "the device's label: the text of its QR code, or a file with it")
    .addOption(
      new Option(
        "--labels <file>",
        "the factory's file of labels, in its place; with --dk for one of several",
      ).conflicts("qr"),
    )
    .option("--pop-file <file>", "file with the proof of possession on the device's label")
    .addOption(secret("--pop <text>", "the proof; on a command line others can see it", "WIFI_BINDING_POP"))
    .addOption(
      secret(
        "--auth-key <base64>",
        "in its place, the authKey of a device that is bound",
        "WIFI_BINDING_AUTH_KEY",
      ).argParser(authKey),
    )
    .option(
      "--lan <address>",
      "where to ask a device with a proof why it failed, once its access point is gone, repeatable; default: 255.255.255.255, for a device on this machine nowhere",
      addresses,
    )
    .option("--server <url>", "MQTT URL that the device shall use; default: the one it is configured with", mqttUrl)
    .addOption(secret("--token <text>", "the user's token; default: from the products file", "WIFI_BINDING_TOKEN"))
    .option("--products <file>", "products file, as `cloud` writes it")
    .addOption(
      secret("--code <bindingCode>", "bindingCode that you already have", "WIFI_BINDING_CODE").argParser(bindingCode),
    )
    .option("--name <text>", "name for the device")
    .option("--timeout <seconds>", "how long to ask the cloud, from the device's code on", seconds(1, 3600), 120)
    .option("--show-auth-key", "print the authKey of the answer, a secret")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act({ ...options, device: options.device ?? ["127.0.0.1"] }, io));
}
