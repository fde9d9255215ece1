/** `wifi-binding identity write`, `show`, `erase` and `qr`: into a device, out of it, and on its label. */
import { Option, type Command } from "commander";
import { LOCKED, type Identity } from "../../src/codec/identity.js";
import { FailedError, UsageError } from "../../sim/errors.js";
import { inspectBoard } from "../flash/board.js";
import { eraseAll, eraseJournal } from "../flash/erase.js";
import { readCopies, readDeviceIdentity } from "../flash/identity-blocks.js";
import { reboot } from "../flash/install.js";
import { terminalQr } from "../factory/labels-file.js";
import { encodeLabel } from "../factory/label.js";
import { Factory, type FactoryOptions } from "./factory.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { Progress } from "./progress.js";
import { addArea, addPort, flashKeyOf, openConsole, type AreaOptions, type PortOptions } from "./port.js";
import { findLabel } from "./secrets.js";
import { deviceKey, prefix, productKey, updateKey } from "./values.js";

const WRITE_EXAMPLES = `
Examples:
  wifi-binding identity write --port /dev/ttyUSB0 --pk p1ABCD --ps-file ps.txt --labels labels.csv --qr labels
  WIFI_BINDING_PS=… wifi-binding identity write --port tcp://127.0.0.1:2323 --pk p1ABCD --labels labels.csv
  wifi-binding identity write --port /dev/ttyUSB0 --products demo.json --csv devices.csv --labels labels.csv

devices.csv is UTF-8 with commas, semicolons or tabs; it has a header (dk,ds) and a row for each device. An empty dk is
taken from the chip, a ds needs its dk. All rows are checked before the first device is written. Run the same command
again to go on: a device whose PK and DK are in the labels is skipped. Rows without a dk are counted, so give each list
of those its own labels. labels.csv holds row,pk,dk,ssid,password,pop and is as secret as what it says. A label that
could not be added is added by the same command with the same device, which is not written again.
Exit status: 0 all made, 1 this device failed, 2 wrong usage, 3 this one is made and the next row waits for its device.
Secrets come from files, standard input (-) or the environment, never from arguments.`;

interface ShowOptions extends PortOptions, AreaOptions {
  showPop?: boolean;
  json?: boolean;
}

async function show(options: ShowOptions, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const device = await openConsole(options, io.stop);
  try {
    const board = await inspectBoard(device, undefined, options.flashStart);
    const identity = await readDeviceIdentity(device, board, flashKeyOf(options));
    if (identity?.locked) throw new FailedError(LOCKED);
    if (!identity) throw new FailedError("the device has no identity: wifi-binding identity write");
    const { pk, dk, ds, seed, pop, updateKey } = identity;
    const has = { ds: Boolean(ds), seed: Boolean(seed), pop: Boolean(pop), updateKey: Boolean(updateKey) };
    const said = (there: boolean): string => (there ? "yes" : "no");
    output.tell(
      { event: "identity", pk, dk, has, ...(options.showPop ? { pop } : {}) },
      `PK ${pk}\nDK ${dk}\nDeviceSecret ${said(has.ds)}, seed ${said(has.seed)}, ` +
        `update key ${said(has.updateKey)}, proof of possession ` +
        (options.showPop ? pop || "no" : said(has.pop)),
    );
  } finally {
    device.close();
  }
}

interface EraseOptions extends PortOptions, AreaOptions {
  journal?: boolean;
  force?: boolean;
  json?: boolean;
}

const ERASE_EXAMPLES = `
Examples:
  wifi-binding identity erase --port /dev/ttyUSB0
  wifi-binding identity erase --port /dev/ttyUSB0 --force --json
  wifi-binding identity erase --port /dev/ttyUSB0 --journal --flash-key-file key.txt

A device whose identity or journal was sealed with another flashKey, or with none, serves nothing and changes nothing.
With the identity of the right key, --journal erases what keeps it from starting; else erase all of it, and write an
identity again. The device is then as one that is new: it has no network, its bindingSecret and DeviceSecret are gone,
and a cloud that knows the DeviceKey must forget it first. What is erased cannot be got back.`;

/** Whom this is about to be done to. */
function nameOf(identity: Identity | undefined): string {
  if (!identity) return "a device without an identity";
  return identity.locked
    ? "a device whose identity is sealed with another flashKey"
    : `${identity.dk} of product ${identity.pk}`;
}

/** @throws UsageError or FailedError unless somebody wants it */
async function confirm(what: string, whose: string, { force, json }: EraseOptions, io: Io): Promise<void> {
  if (force) return;
  const ask = json ? undefined : io.ask;
  if (!ask) throw new UsageError(`this erases ${what} of ${whose} for good: --force does it`);
  const answer = await ask.choose(`Erase ${what} of ${whose} for good?`, ["erase", "end"]);
  if (answer !== 0) throw new FailedError("nothing was erased");
}

async function erase(options: EraseOptions, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const progress = new Progress(io, output, "erasing");
  const flashKey = flashKeyOf(options);
  const device = await openConsole(options, io.stop);
  try {
    const board = await inspectBoard(device, undefined, options.flashStart);
    const { identity, damaged } = await readCopies(device, board, flashKey);
    if (options.journal && !identity) throw new FailedError("the device has no identity: erase without --journal");
    if (options.journal && identity!.locked) throw new FailedError(LOCKED);
    const what = options.journal ? "the journal" : "identity and journal";
    await confirm(what, nameOf(identity), options, io);
    const onBlock = (done: number, total: number): void => progress.at("flash", done, total);
    if (options.journal) await eraseJournal(device, board, identity!, damaged, flashKey, onBlock);
    else await eraseAll(device, board, onBlock);
    await reboot(device, board);
    output.tell(
      { event: "erased", journal: true, identity: !options.journal },
      `${output.paint.green("✔")} ${what} of ${nameOf(identity)} erased; the device reboots`,
    );
  } finally {
    device.close();
  }
}

interface QrOptions {
  labels: string;
  dk?: string;
  json?: boolean;
}

async function qr(options: QrOptions, io: Io): Promise<void> {
  const output = new Output(io, Boolean(options.json));
  const label = findLabel(options.labels, options.dk);
  const text = encodeLabel(label);
  output.tell({ event: "label", label: text }, `${await terminalQr(text)}\n${label.dk}  ${label.ssid}`);
}

function addWrite(identity: Command, io: Io): void {
  addArea(addPort(identity.command("write")))
    .description("write the identity of one device, or of all in a list, and their labels")
    .option("--pk <ProductKey>", "its product; default: the first of the products file", productKey)
    .option("--ps-file <file>", "file with the ProductSecret, - for standard input; or WIFI_BINDING_PS")
    .option("--products <file>", "products file, as `cloud` writes it, in place of --pk and --ps-file")
    .option("--dk <DeviceKey>", "its name; default: the chip's own number, on ESP32 the MAC address", deviceKey)
    .option("--ds-file <file>", "file with a DeviceSecret; default: the cloud issues one")
    .option("--pop", "with a proof of possession, which the device demands of apps; needs --labels")
    .option("--update-key <key>", "the public key that its updates are signed with: its digits or file", updateKey)
    .option("--prefix <text>", "the device's option of that name, for the name of its access point", prefix, "WB")
    .addOption(
      new Option("--identity <file>", "identity that `identity --write` has made").conflicts([
        "pk",
        "psFile",
        "dk",
        "dsFile",
      ]),
    )
    .addOption(new Option("--csv <file>", "list of devices").conflicts(["dk", "dsFile", "identity"]))
    .option("--labels <file>", "file that each label is added to; needed with --pop and --csv")
    .option("--qr <folder>", "folder for each label's QR code as SVG")
    .option("--force", "replace an identity that the device has")
    .option("--json", "one JSON object a line")
    .addHelpText("after", WRITE_EXAMPLES)
    .action((options: FactoryOptions) => new Factory(options, io).run());
}

function addErase(identity: Command, io: Io): void {
  addArea(addPort(identity.command("erase")))
    .description("erase who a device is and all that it remembers; also where it was sealed with another key")
    .option("--journal", "erase the journal only: the identity stays, with a new seed")
    .option("--force", "erase without asking")
    .option("--json", "one JSON object a line")
    .addHelpText("after", ERASE_EXAMPLES)
    .action((options: EraseOptions) => erase(options, io));
}

/** Adds the commands that are about a device to `identity`. */
export function addDeviceIdentity(identity: Command, io: Io): void {
  addWrite(identity, io);
  addErase(identity, io);
  addArea(addPort(identity.command("show")))
    .description("say who a device is, and which secrets it has, without them")
    .option("--show-pop", "print its proof of possession, a secret")
    .option("--json", "one JSON object a line")
    .addHelpText("after", "\nExamples:\n  wifi-binding identity show --port /dev/ttyUSB0")
    .action((options: ShowOptions) => show(options, io));
  identity
    .command("qr")
    .description("print the QR code of a label, as an app scans it")
    .requiredOption("--labels <file>", "file of labels, as `identity write` makes it")
    .option("--dk <DeviceKey>", "the device; not needed where the file has one", deviceKey)
    .option("--json", "the text of the code, as one JSON object")
    .addHelpText("after", "\nExamples:\n  wifi-binding identity qr --labels labels.csv --dk AABBCCDDEEFF")
    .action((options: QrOptions) => qr(options, io));
}
