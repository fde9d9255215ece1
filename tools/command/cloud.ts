/** `wifi-binding cloud`: the development cloud, until it is stopped. */
import type { Command } from "commander";
import { startCloud, type Cloud, type ExternalBroker } from "../../sim/cloud/index.js";
import { FailedError, messageOf, systemCode, UsageError } from "../../sim/errors.js";
import { cloudLine } from "./events.js";
import { stopped, type Io } from "./io.js";
import { Output, type Happening } from "./output.js";
import { openProducts, type ProductsFile } from "./products.js";
import { fromFile } from "./secrets.js";
import { brokerUrl, loopback, port } from "./values.js";

interface Options {
  host: string;
  httpPort: number;
  mqttPort: number;
  products?: string;
  writeProducts?: string;
  data?: string;
  broker?: string;
  brokerUser?: string;
  brokerPasswordFile?: string;
  brokerAuth?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding cloud
  wifi-binding cloud --http-port 8080 --mqtt-port 1883 --write-products demo.json
  wifi-binding cloud --products demo.json --json
  wifi-binding cloud --data ./cloud --http-port 8080 --mqtt-port 1883
  wifi-binding cloud --broker mqtt://127.0.0.1:1883 --products demo.json

The first line is always {"event":"listening","http":…,"mqtt":…,"products":…}. Without --products the cloud serves a
demo product made now; its secret and the user's token are not printed: they are in a file that only you can read,
which \`device\` and \`bind\` take by --products. Without --write-products and --data it is removed when the
cloud stops. With --data, bindings, DeviceSecrets and open windows outlive the cloud, and so does its demo product.

Changes for a device that is online, from another terminal (see /openapi.json): a new server, product or DeviceSecret,
reauthentication, and requests for its status and information:
  curl -d '{"ds":true}' http://127.0.0.1:8080/dev/devices/PK/DK/config`;

/** The existing broker that was named. */
function brokerOf({
  broker: url,
  brokerUser: username,
  brokerPasswordFile,
  brokerAuth: verifies,
}: Options): ExternalBroker | undefined {
  if (url === undefined) {
    if (!username && !brokerPasswordFile && !verifies) return undefined;
    throw new UsageError("--broker-user, --broker-password-file and --broker-auth need --broker");
  }
  return { url, username, verifies, password: fromFile(brokerPasswordFile, undefined) };
}

async function start(options: Options, file: ProductsFile, output: Output): Promise<Cloud> {
  const onEvent = (event: object) => output.tell(event as Happening, cloudLine(event as Happening, output));
  const { host, httpPort, mqttPort, data } = options;
  const { products, users } = file;
  try {
    return await startCloud({ host, httpPort, mqttPort, data, products, users, onEvent, broker: brokerOf(options) });
  } catch (error) {
    if (error instanceof UsageError || error instanceof FailedError) throw error;
    if (systemCode(error) === "EADDRINUSE") throw new FailedError(inUse(options, error));
    if (systemCode(error) === "EACCES") throw new FailedError("that port needs more rights: give one above 1023");
    throw new FailedError(`the cloud does not start: ${messageOf(error)}`);
  }
}

function inUse({ host, httpPort, mqttPort }: Options, error: unknown): string {
  const port = (error as { port?: number }).port ?? `${httpPort} or ${mqttPort}`;
  return `port ${port} of ${host} is in use: stop what uses it, or give another one (0 picks a free one)`;
}

const UNVERIFIED =
  "nobody verifies the devices: whoever names a known ProductKey is given a DeviceSecret (--broker-auth, docs/broker.md)";

/** The commands that come next, ready to be copied. */
function next(cloud: Cloud, path: string, foreign: boolean): string {
  // Other brokers refuse a password without a name.
  const username = foreign ? " --username device" : "";
  return [
    "Next, in two other terminals:",
    `  wifi-binding device --cloud ${cloud.mqtt} --products ${path} --ap home:password${username}`,
    `  wifi-binding bind --cloud ${cloud.http} --products ${path} --ssid home --password password`,
  ].join("\n");
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const file = openProducts(options);
  try {
    const cloud = await start(options, file, output);
    output.announce({ event: "listening", http: cloud.http, mqtt: cloud.mqtt, products: file.path });
    if (options.broker && !options.brokerAuth) {
      output.tell({ event: "warning", message: UNVERIFIED }, output.paint.red(`Warning: ${UNVERIFIED}`));
    }
    output.hint(next(cloud, file.path, options.broker !== undefined));
    await stopped(io);
    await cloud.stop();
  } finally {
    file.dispose();
  }
}

export function addCloud(program: Command, io: Io): void {
  program
    .command("cloud")
    .description("run the development cloud: MQTT for devices, HTTP for apps")
    .option("--host <address>", "loopback address to listen on", loopback, "127.0.0.1")
    .option("--http-port <port>", "port of the binding API, 0: any free one", port, 0)
    .option("--mqtt-port <port>", "port of the MQTT broker, 0: any free one", port, 0)
    .option("--products <file>", "products and users to serve")
    .option("--write-products <file>", "where to keep the demo product that is made without --products")
    .option("--data <directory>", "where to keep the state (SQLite); without it, it ends with the cloud")
    .option("--broker <url>", "an existing broker to use in place of the cloud's own (Mosquitto, EMQX)", brokerUrl)
    .option("--broker-auth", "that broker asks POST /mqtt/auth of this cloud about every client")
    .option("--broker-user <name>", "user name for that broker")
    .option("--broker-password-file <file>", "file that holds the password for that broker")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}
