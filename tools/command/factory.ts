/** `wifi-binding identity write`: one device, or one after the other from a list that can be taken up again. */
import { UsageError, FailedError, messageOf } from "../../sim/errors.js";
import { inspectBoard } from "../flash/board.js";
import { reboot } from "../flash/install.js";
import { appendLabel, readDevices, readLabels, writeQr, type DeviceRow } from "../factory/labels-file.js";
import { makeDevice, type Wanted } from "../factory/make-device.js";
import { readIdentityFile } from "../factory/identity-file.js";
import type { Io } from "./io.js";
import { Output } from "./output.js";
import { flashKeyOf, openConsole, type AreaOptions, type PortOptions } from "./port.js";
import { chooseProduct } from "./products.js";
import { fromFile } from "./secrets.js";
import { productSecret } from "./values.js";

export interface FactoryOptions extends PortOptions, AreaOptions {
  pk?: string;
  psFile?: string;
  products?: string;
  dk?: string;
  dsFile?: string;
  pop: boolean;
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
  const { seed, ...identity } = readIdentityFile(path);
  return { ...identity, seed: Buffer.from(seed, "hex"), prefix, force, flashKey: flashKeyOf(options) };
}

function wantedOf(options: FactoryOptions): Wanted {
  if (options.identity) return fromIdentity(options.identity, options);
  const given = fromFile(options.psFile, process.env.WIFI_BINDING_PS);
  if (given && !options.pk) throw new UsageError("give the product of the secret by --pk");
  if (!given && !options.products) {
    throw new UsageError("give the ProductSecret by --ps-file or WIFI_BINDING_PS, or a products file by --products");
  }
  const { pk, ps } = chooseProduct({ pk: options.pk, ps: given && productSecret(given), products: options.products });
  const ds = fromFile(options.dsFile, undefined);
  const { dk, pop, prefix, force = false } = options;
  return { pk, ps, dk, ds, pop, prefix, force, flashKey: flashKeyOf(options) };
}

/** What was not done, for people. */
function wasSo(written: boolean, mended: boolean): string {
  if (written) return "";
  return mended ? " (it was so already, but for one of two copies, which is written now)" : " (it was so already)";
}

export class Factory {
  private readonly output: Output;

  constructor(
    private readonly options: FactoryOptions,
    private readonly io: Io,
  ) {
    this.output = new Output(io, Boolean(options.json));
  }

  async run(): Promise<void> {
    const { csv, labels, pop, identity } = this.options;
    if (!labels && !identity && (pop || csv))
      throw new UsageError("give --labels FILE: nobody could print the label otherwise");
    const wanted = wantedOf(this.options);
    if (!csv) return this.make(wanted, { row: ALONE });
    const rows = readDevices(csv);
    const done = new Set(readLabels(labels!).map(({ row }) => row));
    const left = rows.filter(({ row }) => !done.has(row));
    if (left.length < rows.length) {
      this.output.tell(
        { event: "resumed", done: rows.length - left.length, left: left.length },
        `${rows.length - left.length} of ${rows.length} devices are made`,
      );
    }
    for (const row of left) await this.untilMade(wanted, row, row !== left[0]);
    this.output.tell({ event: "done", devices: rows.length }, `all ${rows.length} devices are made`);
  }

  /** Tries a row until it is made; a person changes the device between two. */
  private async untilMade(wanted: Wanted, row: DeviceRow, changeFirst: boolean): Promise<void> {
    for (let change = changeFirst; ; change = true) {
      if (change) await this.nextDevice(row);
      try {
        return await this.make({ ...wanted, dk: row.dk, ds: row.ds }, row);
      } catch (error) {
        if (this.io.stop.aborted || !(error instanceof FailedError || error instanceof UsageError)) throw error;
        this.output.tell(
          { event: "failed", row: row.row, message: messageOf(error) },
          `row ${row.row}: ${messageOf(error)}`,
        );
      }
    }
  }

  private async nextDevice({ row, dk }: DeviceRow): Promise<void> {
    if (!this.io.ask) throw new FailedError(`row ${row} is next: connect its device, and run the same command again`);
    const question = `Row ${row}${dk ? ` (${dk})` : ""}: connect its device.`;
    if ((await this.io.ask.choose(question, ["go on", "end"])) === 1) {
      throw new FailedError(`ended before row ${row}: run the same command again to go on with it`);
    }
  }

  private async make(wanted: Wanted, { row }: DeviceRow): Promise<void> {
    const { labels, qr } = this.options;
    const device = await openConsole(this.options);
    try {
      const board = await inspectBoard(device, undefined, this.options.flashStart);
      const { label, written, mended } = await makeDevice(device, board, wanted, (dk) => this.refuseSecond(dk, row));
      if (labels) this.keepLabel(labels, { ...label, row });
      const picture = qr && label.pop && (await writeQr(qr, label));
      if (written) await reboot(device, board);
      const { pk, dk, ssid } = label;
      this.output.tell(
        { event: "made", row: row || undefined, pk, dk, ssid, written, mended, qr: picture || undefined },
        `${this.output.paint.green("✔")} ${dk} of product ${pk}, access point ${ssid}${wasSo(written, mended)}`,
      );
    } finally {
      device.close();
    }
  }

  /** A device that is still connected from the row before must not become the next one. */
  private refuseSecond(dk: string, row: number): void {
    const { labels } = this.options;
    if (!labels || row === ALONE) return;
    const other = readLabels(labels).find((label) => label.dk === dk && label.row !== row);
    if (other) throw new FailedError(`this is ${dk}, made already${other.row ? ` as row ${other.row}` : ""}`);
  }

  private keepLabel(path: string, label: Parameters<typeof appendLabel>[1]): void {
    const same = readLabels(path).some(({ dk, pop, row }) => dk === label.dk && pop === label.pop && row === label.row);
    if (!same) appendLabel(path, label);
  }
}
