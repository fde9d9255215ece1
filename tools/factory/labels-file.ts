/** Files of the factory: the list of devices to be made, and the labels of those that were. */

import { parse } from "csv-parse/sync";
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import qrcode from "qrcode";

import { isKey } from "../../src/codec/identity.js";
import { accessPointPassword } from "../../sim/app/level1.js";
import { FailedError, messageOf, UsageError } from "../../sim/errors.js";
import { encodeLabel, type Label } from "./label.js";

const COLUMNS = ["row", "pk", "dk", "ssid", "password", "pop"];
/** Labels hold secrets: only their owner may read them. */
const PRIVATE = 0o600;

/** A label with the row of the list that it belongs to, 0 for a device by itself. `pop` is "" at level 0. */
export type LabelRow = Label & { row: number };

/** One device to be made. */
export interface DeviceRow {
  /** From 1, the header not counted. */
  row: number;
  /** DeviceKey; of the chip when absent. */
  dk?: string;
  /** DeviceSecret, when it is issued at the factory. */
  ds?: string;
}

function read(path: string): Record<string, string>[] {
  try {
    return parse(readFileSync(path), { columns: true, bom: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${messageOf(error)}`);
  }
}

/** The devices of a list with the columns dk and ds, both optional. @throws UsageError that names the row */
export function readDevices(path: string): DeviceRow[] {
  const rows = read(path).map(({ dk, ds }, at) => ({ row: at + 1, dk: dk || undefined, ds: ds || undefined }));
  if (!rows.length) throw new UsageError(`${path} lists no device: it has a header (dk,ds) and a row for each`);
  const seen = new Set<string>();
  for (const { row, dk, ds } of rows) {
    if (dk && !isKey(dk, 4, 32)) throw new UsageError(`${path}, row ${row}: dk must be 4-32 letters and digits`);
    if (dk && seen.has(dk)) throw new UsageError(`${path}, row ${row}: ${dk} stands there twice`);
    if (ds && ds.length > 32) throw new UsageError(`${path}, row ${row}: ds must be at most 32 characters`);
    if (dk) seen.add(dk);
  }
  return rows;
}

/** The labels in a file; none when there is no file. @throws UsageError when it is another kind of file */
export function readLabels(path: string): LabelRow[] {
  if (!existsSync(path)) return [];
  return read(path).map(({ row, pk, dk, ssid, pop }) => {
    if (!pk || !dk || !ssid) throw new UsageError(`${path} is no file of labels: it lacks ${COLUMNS.join(",")}`);
    return { row: Number(row || 0), pk, dk, ssid, pop: pop ?? "" };
  });
}

function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Adds a label, and returns only when it is on the disk. */
export function appendLabel(path: string, label: LabelRow): void {
  const { row, pk, dk, ssid, pop } = label;
  const line = [row ? String(row) : "", pk, dk, ssid, pop && accessPointPassword(pop), pop];
  try {
    const file = openSync(path, "a", PRIVATE);
    try {
      const header = fstatSync(file).size ? "" : COLUMNS.join(",") + "\n";
      writeSync(file, header + line.map(quoted).join(",") + "\n");
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new FailedError(
      `the device is written, but not its label (${messageOf(error)}): mend it, and run this again`,
    );
  }
}

/** Writes the QR code of a label as `<dir>/<DK>.svg`. @returns its path */
export async function writeQr(folder: string, label: Label): Promise<string> {
  const path = join(folder, `${label.dk}.svg`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, await qrcode.toString(encodeLabel(label), { type: "svg" }), { mode: PRIVATE });
  } catch (error) {
    throw new FailedError(`cannot write ${path}: ${messageOf(error)}`);
  }
  return path;
}

/** A label's text as a QR code for a terminal. */
export function terminalQr(text: string): Promise<string> {
  return qrcode.toString(text, { type: "terminal", small: true, errorCorrectionLevel: "M" });
}
