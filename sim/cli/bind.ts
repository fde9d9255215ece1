/** `wifi-binding bind`: the app's side, once. */
import { readFileSync } from "node:fs";
import { Option, type Command } from "commander";
import { API_SUCCESS } from "../app/api.js";
import { bindDevice, discover, possessionOf, scan, type BindResult } from "../app/index.js";
import { FailedError, messageOf, UsageError } from "../errors.js";
import { parseLabel, type Label } from "../label.js";
import { askPassword, chooseDevice, chooseNetwork } from "./choose.js";
import type { Io } from "./io.js";
import { duration, Output } from "./output.js";
import { chooseToken } from "./products.js";
import { answerEvent, refusal, tellStep } from "./steps.js";
import { addresses, bindingCode, deviceKey, httpUrl, mqttUrl, seconds } from "./values.js";

interface Options {
  device?: string[];
  dk?: string;
  qr?: string;
  passwordFile?: string;
  ssid?: string;
  password?: string;
  pop?: string;
  authKey?: string;
  server?: string;
  cloud: string;
  token?: string;
  products?: string;
  code?: string;
  name?: string;
  timeout: number;
  showAuthKey?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding bind --cloud http://127.0.0.1:8080 --products demo.json --ssid home --password password
  WIFI_BINDING_PASSWORD=… WIFI_BINDING_TOKEN=… wifi-binding bind --cloud http://127.0.0.1:8080 --ssid home
  wifi-binding bind --device 127.0.0.2 --cloud http://127.0.0.1:8080 --products demo.json --json

With --ssid the device is provisioned first. Without it, at a terminal, you choose the network from those that the device
hears; elsewhere the device must be on the network with its binding window open. What stands in options is visible to
others on this machine: secrets may come from files or the environment.`;

const MODES = ["", "multi-user binding", "owner binding", "rotation binding"];

/** What a person reads at the end. */
function summary(result: BindResult, showAuthKey: boolean, output: Output): string {
  const data = result.envelope.data;
  const product = data ? `${data.productName}, ${MODES[data.bindingMode] ?? `mode ${data.bindingMode}`}` : result.pk;
  const key = data && showAuthKey ? `\n  authKey ${data.authKey}` : "";
  const bound = output.paint.bold(output.paint.green("bound"));
  return `${bound}: ${result.dk} (${product}) in ${duration(result.timings.total)}${key}`;
}

/** The label's text as it stands, or a file that holds it. */
function labelOf(qr: string): Label {
  if (qr.startsWith("WB:")) return parseLabel(qr);
  try {
    return parseLabel(readFileSync(qr, "utf8"));
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`cannot read ${qr} (${messageOf(error)})`);
  }
}

/** What was not given as an option and can be found out, or asked for at a terminal. */
async function complete(options: Options, io: Io) {
  const label = options.qr === undefined ? undefined : labelOf(options.qr);
  const pop = options.pop ?? label?.pop;
  const asked = options.device ?? ["127.0.0.1"];
  const single = asked.length === 1 && !asked[0].endsWith(".255");
  const search = { addresses: asked, timeout: single ? 5000 : 2000, count: single ? 1 : undefined, signal: io.stop };
  const device = await chooseDevice(io, await discover(search), asked, options.dk ?? label?.dk);
  let { ssid, password } = options;
  if (options.passwordFile) password = readFileSync(options.passwordFile, "utf8").replace(/\r?\n$/, "");
  const free = device.state === "provisioning" || device.state === "idle";
  if (ssid === undefined && free && io.ask && !options.code) {
    const possession = possessionOf({ pop, authKey: options.authKey }, device.dk);
    const network = await chooseNetwork(io, await scan(device.address, { possession, signal: io.stop }));
    ssid = network.ssid;
    if (network.authMode && password === undefined) password = await askPassword(io, ssid);
  }
  return { address: device.address, pop, ssid, password };
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const showAuthKey = Boolean(options.showAuthKey);
  const token = chooseToken(options);
  const result = await bindDevice({
    ...options,
    ...(await complete(options, io)),
    token,
    deviceName: options.name,
    timeout: options.timeout * 1000,
    onStep: (step) => tellStep(output, step),
    signal: io.stop,
  });
  const bound = result.envelope.code === API_SUCCESS;
  output.tell(answerEvent(result, showAuthKey), bound ? summary(result, showAuthKey, output) : undefined);
  if (!bound) throw new FailedError(refusal(result.envelope));
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
    .option("--device <address>", "address of the device, repeatable; a broadcast address asks a network", addresses)
    .option("--dk <DeviceKey>", "which of the devices that answer", deviceKey)
    .option("--qr <text|file>", "the label's text, as its QR code says it, or a file with it: gives --dk and --pop")
    .option("--ssid <name>", "network that the device shall join")
    .addOption(secret("--password <text>", "password of that network", "WIFI_BINDING_PASSWORD"))
    .option("--password-file <file>", "file that holds that password")
    .addOption(secret("--pop <text>", "proof of possession on the device's label, for level 1", "WIFI_BINDING_POP"))
    .addOption(
      secret("--auth-key <base64>", "the authKey of a device that is bound, in its place", "WIFI_BINDING_AUTH_KEY"),
    )
    .option("--server <url>", "MQTT URL that the device shall use; default: the one it is configured with", mqttUrl)
    .addOption(secret("--token <text>", "the user's token; default: from the products file", "WIFI_BINDING_TOKEN"))
    .option("--products <file>", "products file, as `cloud` writes it")
    .addOption(
      secret("--code <bindingCode>", "bindingCode that you already have", "WIFI_BINDING_CODE").argParser(bindingCode),
    )
    .option("--name <text>", "name for the device")
    .option("--timeout <seconds>", "how long provisioning may take", seconds(1, 3600), 300)
    .option("--show-auth-key", "print the authKey of the answer, a secret")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}
