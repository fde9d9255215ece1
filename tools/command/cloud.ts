/** `wifi-binding cloud`: the development cloud, until it is stopped. */
import { statSync } from "node:fs";

import type { Command } from "commander";
import { loadProducts, startCloud, type Cloud, type ExternalBroker } from "../../sim/cloud/index.js";
import { FailedError, messageOf, systemCode, UsageError } from "../../sim/errors.js";
import type { Certificate } from "../../sim/tls.js";
import { cloudLine } from "./events.js";
import { stopped, type Io } from "./io.js";
import { holderOn } from "./listeners.js";
import { addListening, certificateOf, exposure, tellCertificate, type ListeningOptions } from "./listening.js";
import { Output, type Happening } from "./output.js";
import { consoleOf } from "./page.js";
import { openProducts, type ProductsFile } from "./products.js";
import { fromFile } from "./secrets.js";
import { brokerUrl, port } from "./values.js";

interface Options extends ListeningOptions {
  httpPort: number;
  mqttPort: number;
  products?: string;
  writeProducts?: string;
  data?: string;
  broker?: string;
  brokerUser?: string;
  brokerPasswordFile?: string;
  brokerAuth?: boolean;
  strict?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding cloud
  wifi-binding cloud --http-port 8080 --mqtt-port 1883 --write-products demo.json
  wifi-binding cloud --products demo.json --json
  wifi-binding cloud --data ./cloud --http-port 8080 --mqtt-port 1883
  wifi-binding cloud --products demo.json --strict
  wifi-binding cloud --host 192.168.1.5 --http-port 8080 --mqtt-port 1883 --write-products bench.json
  wifi-binding cloud --host 0.0.0.0 --tls-self bench.pem --mqtt-port 8883 --write-products bench.json
  wifi-binding cloud --broker mqtt://127.0.0.1:1883 --products demo.json

The first line is always {"event":"listening","http":…,"mqtt":…,"products":…}. Without --products the cloud serves a
demo product made now; its secret and the user's token are not printed: they are in a file that only you can read,
which \`device\` and \`bind\` take by --products. Without --write-products and --data it is removed when the
cloud stops. With --data, bindings, DeviceSecrets and open windows outlive the cloud, and so does its demo product.

On another address than loopback, for a real device (docs/bench.md), other machines reach the cloud: the products file
must have an operator's token then. --tls-self makes a certificate, prints its fingerprint and, with a file, keeps it
there with its key; programs of Node trust it by NODE_EXTRA_CA_CERTS=FILE.

A products file that was given is read again on SIGHUP, without ending the cloud (docs/products.md); a cloud that has made
its own ends, as on SIGTERM. --strict sends and takes nothing that the platform is not known to use.

Changes for a device that is online, from another terminal (see /openapi.json): a new server, product or DeviceSecret,
reauthentication, and requests for its status and information. The operator's token is in the products file:
  curl -H "Authorization: OPERATOR" -d '{"ds":true}' http://127.0.0.1:8080/dev/devices/PK/DK/config
\`wifi-binding forget\` makes the cloud forget a device.`;

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

async function start(
  options: Options,
  file: ProductsFile,
  output: Output,
  tls: Certificate | undefined,
): Promise<Cloud> {
  const onEvent = (event: object) => output.tell(event as Happening, cloudLine(event as Happening, output));
  const { host, httpPort, mqttPort, data, strict } = options;
  const { products, users, operator } = file;
  const world = { products, users, operator };
  try {
    const broker = brokerOf(options);
    const console = consoleOf();
    return await startCloud({ host, tls, httpPort, mqttPort, data, strict, ...world, onEvent, broker, console });
  } catch (error) {
    if (error instanceof UsageError || error instanceof FailedError) throw error;
    if (systemCode(error) === "EADDRINUSE") throw new FailedError(inUse(options, error));
    if (systemCode(error) === "EACCES") throw new FailedError("that port needs more rights: give one above 1023");
    throw new FailedError(`the cloud does not start: ${messageOf(error)}`);
  }
}

function inUse({ host, httpPort, mqttPort }: Options, error: unknown): string {
  const port = (error as { port?: number }).port ?? `${httpPort} or ${mqttPort}`;
  return `port ${port} of ${host} is in use${holderOn("tcp", Number(port), host)}: stop it, or give another one (0 picks a free one)`;
}

const UNVERIFIED =
  "devices are not verified: any client that names a known ProductKey is given a DeviceSecret (--broker-auth, docs/broker.md)";

/** A file with secrets that others may read, or without an operator's token. */
function warn({ path, operator }: ProductsFile, output: Output): void {
  const open = (statSync(path).mode & 0o077) !== 0;
  const warnings = [
    open && `other users of this machine can read the secrets in ${path}: chmod 600 ${path}`,
    !operator && `${path} has no "operator": every program of this machine may change devices (docs/products.md)`,
  ];
  for (const message of warnings) {
    if (message) output.tell({ event: "warning", message }, output.paint.red(`Warning: ${message}`));
  }
}

/** Reads a products file again; one that is malformed by now changes nothing. */
function reload(cloud: Cloud, path: string, output: Output): void {
  try {
    cloud.reload(loadProducts(path));
  } catch (error) {
    const message = `nothing changes: ${messageOf(error)}`;
    output.tell({ event: "warning", message }, output.paint.red(`Warning: ${message}`));
  }
}

/** The commands that come next, ready to be copied. */
function next(cloud: Cloud, { path, operator }: ProductsFile, foreign: boolean): string {
  // Other brokers refuse a password without a name.
  const username = foreign ? " --username device" : "";
  return [
    `Console: ${cloud.http}${operator ? ` (it asks for the "operator" of ${path})` : ""}`,
    "Next, in two other terminals:",
    `  wifi-binding device --cloud ${cloud.mqtt} --products ${path} --ap home:password${username}`,
    `  wifi-binding bind --cloud ${cloud.http} --products ${path} --ssid home --password password`,
  ].join("\n");
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const tls = certificateOf(options);
  const file = openProducts(options);
  try {
    const cloud = await start(options, file, output, tls);
    output.announce({ event: "listening", http: cloud.http, mqtt: cloud.mqtt, products: file.path });
    if (tls) tellCertificate(tls, output);
    exposure(
      options.host,
      "lets any machine of its networks try to connect as a device, an app or an operator",
      output,
    );
    if (options.broker && !options.brokerAuth) {
      output.tell({ event: "warning", message: UNVERIFIED }, output.paint.red(`Warning: ${UNVERIFIED}`));
    }
    if (options.products) warn(file, output);
    if (options.products) io.onReload?.(() => reload(cloud, file.path, output));
    output.hint(next(cloud, file, options.broker !== undefined));
    await stopped(io);
    await cloud.stop();
  } finally {
    file.dispose();
  }
}

export function addCloud(program: Command, io: Io): void {
  const command = program.command("cloud").description("run the development cloud: MQTT for devices, HTTP for apps");
  addListening(command)
    .option("--http-port <port>", "port of the binding API, 0: any free one", port, 0)
    .option("--mqtt-port <port>", "port of the MQTT broker, 0: any free one", port, 0)
    .option("--products <file>", "products and users to serve")
    .option("--write-products <file>", "where to keep the demo product that is made without --products")
    .option("--data <directory>", "where to keep the state (SQLite); without it, it ends with the cloud")
    .option("--broker <url>", "an existing broker to use in place of the cloud's own (Mosquitto, EMQX)", brokerUrl)
    .option("--broker-auth", "that broker asks POST /mqtt/auth of this cloud about every client")
    .option("--broker-user <name>", "user name for that broker")
    .option("--broker-password-file <file>", "file that holds the password for that broker")
    .option("--strict", "send and take nothing that the platform is not known to use")
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}
