/** `wifi-binding identity write`: one device, or one after the other from a list that can be taken up again. */
import { counted } from "../../sim/decode/bytes.js";
import { UsageError, FailedError, messageOf, UnfinishedError } from "../../sim/errors.js";
import { inspectBoard } from "../flash/board.js";
import { reboot } from "../flash/install.js";
import { readDevices, type DeviceRow } from "../factory/device-list.js";
import { appendLabel, prepareLabels, readLabels, writeQr, type LabelRow } from "../factory/labels-file.js";
import { makeDevice, type Wanted } from "../factory/make-device.js";
import { readIdentityFile } from "../factory/identity-file.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { flashKeyOf, openConsole, type AreaOptions, type PortOptions } from "./port.js";
import { chooseProduct } from "./products.js";
import { fromFile } from "./secrets.js";
import { deviceSecret, productSecret } from "./values.js";

export interface FactoryOptions extends PortOptions, AreaOptions {
  pk?: string;
  psFile?: string;
  products?: string;
  dk?: string;
  dsFile?: string;
  pop?: boolean;
  updateKey?: string;
  identity?: string;
  prefix: string;
  csv?: string;
  labels?: string;
  qr?: string;
  force?: boolean;
  json?: boolean;
}

/** A row of the list, or the one device of the options, which has row 0. */
const ALONE = 0;

/** As a file says that `identity --write` has made. */
function fromIdentity(path: string, options: FactoryOptions): Wanted {
  const { prefix, force = false } = options;
  const { seed, updateKey, ...identity } = readIdentityFile(path);
  return {
    ...identity,
    updateKey: options.updateKey ?? updateKey,
    seed: Buffer.from(seed, "hex"),
    prefix,
    force,
    flashKey: flashKeyOf(options),
  };
}

function wantedOf(options: FactoryOptions): Wanted {
  if (options.identity) return fromIdentity(options.identity, options);
  const given = fromFile(options.psFile, process.env.WIFI_BINDING_PS);
  if (given && !options.pk) throw new UsageError("give the product of the secret by --pk");
  if (!given && !options.products) {
    throw new UsageError("give the ProductSecret by --ps-file or WIFI_BINDING_PS, or a products file by --products");
  }
  const { pk, ps } = chooseProduct({ pk: options.pk, ps: given && productSecret(given), products: options.products });
  const secret = fromFile(options.dsFile, undefined);
  const { dk, pop = false, updateKey, prefix, force = false } = options;
  const ds = secret && deviceSecret(secret);
  return { pk, ps, dk, ds, pop, updateKey, prefix, force, flashKey: flashKeyOf(options) };
}

/** What was not done, for people. */
function wasSo(written: boolean, mended: boolean): string {
  if (written) return "";
  return mended ? " (it was so already, but for one of two copies, which is written now)" : " (it was so already)";
}

/** What is not made yet: rows are told by their DK, those without one by how many devices were made of such rows. */
function leftOf(rows: DeviceRow[], labels: LabelRow[], pk: string): DeviceRow[] {
  const made = new Set(labels.filter((label) => label.pk === pk && label.row !== ALONE).map(({ dk }) => dk));
  const named = new Set(rows.map(({ dk }) => dk));
  let unnamed = [...made].filter((dk) => !named.has(dk)).length;
  const blank = rows.filter(({ dk }) => !dk).length;
  if (blank && unnamed > blank) {
    throw new UsageError("the labels are of another list, and rows without a dk cannot tell: give another --labels");
  }
  return rows.filter(({ dk }) => (dk ? !made.has(dk) : unnamed-- <= 0));
}

export class Factory {
  private readonly output: Output;
  private readonly done = { written: 0, skipped: 0 };
  /** Rows that no device has become yet. */
  private readonly refused = new Set<number>();

  constructor(
    private readonly options: FactoryOptions,
    private readonly io: Io,
  ) {
    this.output = new Output(io, Boolean(options.json));
  }

  async run(): Promise<void> {
    const { csv, labels, pop, identity } = this.options;
    if (!labels && !identity && (pop || csv)) {
      throw new UsageError(`--${pop ? "pop" : "csv"} needs --labels FILE, which keeps what is printed on the device`);
    }
    const wanted = wantedOf(this.options);
    const rows = csv ? readDevices(csv) : undefined;
    if (labels) prepareLabels(labels);
    if (!rows) return this.make(wanted, { row: ALONE });
    const left = leftOf(rows, readLabels(labels!), wanted.pk);
    const skipped = rows.length - left.length;
    this.done.skipped = skipped;
    if (skipped) {
      const text = `${skipped} of ${rows.length} devices have a label in ${labels}, and are skipped`;
      this.output.tell({ event: "resumed", done: skipped, left: left.length }, text);
    }
    try {
      for (const row of left) await this.untilMade(wanted, row, row !== left[0]);
    } finally {
      this.count(rows.length);
    }
  }

  /** What became of the list. */
  private count(devices: number): void {
    const { written, skipped } = this.done;
    const refused = this.refused.size;
    const left = devices - written - skipped;
    const text = `${counted(devices, "row")}: ${written} made now, ${skipped} skipped, ${refused} refused, ${left} left`;
    this.output.tell({ event: left ? "unfinished" : "done", devices, written, skipped, refused, left }, text);
  }

  /** Tries a row until it is made; a person changes the device between two. */
  private async untilMade(wanted: Wanted, row: DeviceRow, changeFirst: boolean): Promise<void> {
    for (let change = changeFirst; ; change = true) {
      if (change) await this.nextDevice(row);
      try {
        await this.make({ ...wanted, dk: row.dk, ds: row.ds }, row);
        this.done.written++;
        this.refused.delete(row.row);
        return;
      } catch (error) {
        if (this.io.stop.aborted || !(error instanceof FailedError || error instanceof UsageError)) throw error;
        this.refused.add(row.row);
        if (!this.io.ask) throw error;
        const message = messageOf(error);
        this.output.tell({ event: "failed", row: row.row, message }, `row ${row.row}: ${message}`);
      }
    }
  }

  private async nextDevice({ row, dk }: DeviceRow): Promise<void> {
    if (!this.io.ask) {
      throw new UnfinishedError(`row ${row} is next: connect its device, and run the same command again`);
    }
    const question = `Row ${row}${dk ? ` (${dk})` : ""}: connect its device.`;
    if ((await this.io.ask.choose(question, ["go on", "end"])) === 1) {
      throw new UnfinishedError(`ended before row ${row}: run the same command again to go on with it`);
    }
  }

  private async make(wanted: Wanted, { row }: DeviceRow): Promise<void> {
    const { labels, qr } = this.options;
    const device = await openConsole(this.options, this.io.stop);
    try {
      const board = await inspectBoard(device, undefined, this.options.flashStart);
      const { label, written, mended } = await makeDevice(device, board, wanted, (...dks) =>
        this.refuseSecond(wanted, row, ...dks),
      );
      const picture = qr && (await writeQr(qr, label));
      if (written) await reboot(device, board);
      // Last: a row whose label is kept is never tried again.
      if (labels) this.keepLabel(labels, { ...label, row });
      const { pk, dk, ssid } = label;
      this.output.tell(
        { event: "made", row: row || undefined, pk, dk, ssid, written, mended, qr: picture || undefined },
        `${this.output.paint.green("✔")} ${dk} of product ${pk}, access point ${ssid}${wasSo(written, mended)}`,
      );
    } finally {
      device.close();
    }
  }

  /** A device that is still connected from the row before must not become the next one, not even by --force. */
  private refuseSecond({ pk }: Wanted, row: number, dk: string, present: string | undefined): void {
    const { labels } = this.options;
    if (!labels || row === ALONE) return;
    const made = readLabels(labels).filter((label) => label.pk === pk && label.row !== ALONE);
    const other = made.find((label) => label.dk === dk || label.dk === present);
    if (other) throw new FailedError(`this is ${other.dk}, made already as row ${other.row}: connect the next device`);
  }

  private keepLabel(path: string, label: LabelRow): void {
    const same = readLabels(path).some(({ dk, pop, pk, ssid }) => {
      return dk === label.dk && pop === label.pop && pk === label.pk && ssid === label.ssid;
    });
    if (!same) appendLabel(path, label);
  }
}
