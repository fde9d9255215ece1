/** `wifi-binding update push`: uploads an update to the development cloud and follows its devices to the end. */
import { setTimeout as sleep } from "node:timers/promises";

import { Option, type Command } from "commander";

import { loadProducts } from "../../sim/cloud/index.js";
import { counted } from "../../sim/decode/bytes.js";
import { FailedError, UsageError } from "../../sim/errors.js";
import { decodeUpdate } from "../../sim/update/file.js";
import { publicKeyOf, verifyUpdate } from "../../sim/update/signature.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { UpdateCloud, type DeviceState, type ReleaseState } from "./update-cloud.js";
import { about, addGate, productsPath, readBytes, signFile, version, type Signing } from "./update-files.js";
import { deviceKey, httpUrl, productKey, seconds, updateKey } from "./values.js";

interface Options extends Signing {
  cloud: string;
  token?: string;
  percent: number;
  dk?: string[];
  retry?: boolean;
  timeout: number;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  wifi-binding update push --file build/firmware.min.js --version 1.2.0
  wifi-binding update push --cloud http://127.0.0.1:8080 --products products.json --file 1.2.0.update --percent 10
  wifi-binding update push --file 1.2.0.update --dk A1B2C3D4E5F6 --json

--file is an update that \`update sign\` has made, or an application, which is signed here: then --version is needed, and
the secret key is update.key beside the products file unless --key names it. The products file is products.json of this
folder unless --products names it; it has the operator's token and the ProductKey. The same file again with a higher
--percent reaches more devices; those that have failed or refused are offered it again with --retry.

The command follows the devices that are connected until each of them has ended: its new application has passed its
trial, or the old one is back. Devices that are not connected are offered the update when they connect.
Exit status: 0 all devices that were followed have the version, 1 one of them has not, 2 wrong usage.`;

const POLL_MS = 300;
const WIDTH = 24;

const ENDS = ["updated", "current", "failed", "refused", "newer"];

const SENTENCES: Record<string, string> = {
  offered: "is offered the update",
  asked: "decides",
  confirmed: "accepts",
  loading: "downloads",
  interrupted: "was interrupted, and tries again",
  loaded: "has downloaded it",
  installing: "boots the new version, on trial",
  updated: "has passed the trial: it is updated",
  current: "has this version already",
  failed: "has failed: its application is the one before",
  refused: "refuses the update",
};

/** How far each state is. */
const SHARES: Record<string, number> = { confirmed: 0.02, loaded: 0.8, installing: 0.85 };

function shareOf({ state, loaded, size }: DeviceState): number {
  if (ENDS.includes(state)) return 1;
  return state === "loading" ? 0.05 + (0.7 * loaded) / size : (SHARES[state] ?? 0);
}

/** Whether the end of this device can be waited for. */
const isFollowed = ({ online, state }: DeviceState): boolean =>
  !ENDS.includes(state) && (online || ["confirmed", "loading", "loaded", "installing"].includes(state));

/** What is told while devices update. */
class Report {
  private readonly states = new Map<string, string>();

  constructor(private readonly output: Output) {}

  show({ devices, version: target }: ReleaseState, followed: Set<string>): void {
    const shown = devices.filter(({ dk }) => followed.has(dk));
    for (const device of shown) this.device(device);
    const share = shown.reduce((sum, device) => sum + shareOf(device), 0) / (shown.length || 1);
    const full = Math.floor(share * WIDTH);
    const ended = shown.filter(({ state }) => ENDS.includes(state)).length;
    const text = `${target}: ${ended} of ${shown.length} devices, ${Math.floor(100 * share)} %`;
    this.output.progress(ended < shown.length ? `${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${text}` : "");
  }

  private device({ dk, state, loaded, size }: DeviceState): void {
    if (state === "waiting" || this.states.get(dk) === state) return;
    this.states.set(dk, state);
    const text = SENTENCES[state] && `${dk} ${SENTENCES[state]}`;
    this.output.tell({ event: "device", dk, state, loaded, size }, text);
  }
}

/** The file to be pushed, and the public key that it must fit, if that is known here. */
function load(options: Options, output: Output): { bytes: Buffer; key?: string } {
  const bytes = readBytes(options.file);
  if (bytes.toString("latin1", 0, 4) !== "WBU1") {
    const { secretKey, bytes: signed } = signFile(options, (event, line) =>
      output.tell(event as { event: string }, line),
    );
    return { bytes: signed, key: publicKeyOf(secretKey).toString("hex") };
  }
  if (options.version) throw new UsageError(`${options.file} is signed already: its version is part of it`);
  const key = options.key && updateKey(options.key);
  about(options.file, () => (key ? verifyUpdate(Buffer.from(key, "hex"), bytes) : decodeUpdate(bytes)));
  return { bytes, key };
}

function queryOf({ percent, dk = [], retry }: Options, key: string | undefined): URLSearchParams {
  const query = new URLSearchParams({ percent: String(percent) });
  for (const one of dk) query.append("dk", one);
  if (key) query.set("key", key);
  if (retry) query.set("retry", "true");
  return query;
}

function tokenOf({ token, products }: Options): string | undefined {
  const path = productsPath(products);
  return token ?? (path && loadProducts(path).operator);
}

/** Follows the devices that are connected. @returns them as they are in the end */
async function follow(cloud: UpdateCloud, first: ReleaseState, until: number, report: Report, stop: AbortSignal) {
  const followed = new Set<string>();
  for (let now = first; ; now = await cloud.look(first.id)) {
    for (const device of now.devices) if (isFollowed(device)) followed.add(device.dk);
    report.show(now, followed);
    const open = now.devices.filter(({ dk, state }) => followed.has(dk) && !ENDS.includes(state));
    if (!open.length || performance.now() > until) return { followed, devices: now.devices, open };
    await sleep(POLL_MS, undefined, { signal: stop });
  }
}

async function act(options: Options, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const { bytes, key } = load(options, output);
  const cloud = new UpdateCloud(options.cloud, tokenOf(options), io.stop);
  const release = await cloud.push(bytes, queryOf(options, key));
  const { pk, version: target, size, percent } = release;
  output.tell(
    { event: "pushed", id: release.id, pk, version: target, size, percent },
    `${target} for ${pk} is at the cloud: ${size} bytes, for ${percent} % of the devices`,
  );
  const until = performance.now() + options.timeout * 1000;
  const { followed, devices, open } = await follow(cloud, release, until, new Report(output), io.stop);
  output.progress("");
  const count = (state: string): number => devices.filter((one) => followed.has(one.dk) && one.state === state).length;
  const [updated, current, failed, refused] = ENDS.map(count);
  const waiting = devices.filter(({ state }) => state === "waiting").length;
  output.tell(
    { event: "finished", version: target, updated, current, failed, refused, open: open.length, waiting },
    (followed.size
      ? `${updated} updated, ${failed} failed, ${refused} refused`
      : "no device that needs it is connected") +
      (waiting ? `; ${waiting} not connected: each is offered ${target} when it connects` : ""),
  );
  if (open.length) {
    const { dk, state } = open[0];
    const hint = state === "offered" ? ": has it the module WifiBindingOta?" : "";
    throw new FailedError(
      `${counted(open.length, "device")} not at its end in ${options.timeout} s; ${dk} is ${state}${hint}`,
    );
  }
  if (failed || refused) throw new FailedError(`${counted(failed + refused, "device")} without ${target}`);
}

function percentage(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 100) throw new UsageError("--percent is a whole number, 0-100");
  return Number(text);
}

const deviceKeys = (text: string, earlier: string[] = []): string[] => [...earlier, deviceKey(text)];

export function addPush(update: Command, io: Io): void {
  addGate(update.command("push"))
    .description("upload an update to the development cloud, and follow its devices")
    .requiredOption("--file <file>", "an update, or an application, which is signed here")
    .option("--version <version>", "of an application", version)
    .option("--key <file>", "the secret key for an application; the public key that an update must fit")
    .option("--product <ProductKey>", "of an application; default: the first of the products file", productKey)
    .option("--products <file>", "products file; default: products.json of this folder")
    .addOption(
      new Option("--cloud <url>", "URL of the cloud's HTTP side")
        .env("WIFI_BINDING_CLOUD")
        .default("http://127.0.0.1:8080")
        .argParser(httpUrl),
    )
    .addOption(
      new Option("--token <token>", "the operator's; default: from the products file").env("WIFI_BINDING_OPERATOR"),
    )
    .option("--percent <number>", "of the product's devices, chosen by their DeviceKeys", percentage, 100)
    .option("--dk <DeviceKey>", "only this device; may be repeated", deviceKeys)
    .option("--retry", "offer it again to devices that have failed or refused")
    .option("--timeout <seconds>", "how long to follow the devices", seconds(1, 86_400), 900)
    .option("--json", "one JSON object a line")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => act(options, io));
}
