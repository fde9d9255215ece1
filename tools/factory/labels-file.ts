/** The labels of the devices that were made: a file that is added to, one whole line at a time. */

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

import qrcode from "qrcode";

import { isKey } from "../../src/codec/identity.js";
import { accessPointPassword } from "../../sim/app/level1.js";
import { FailedError, messageOf, UsageError } from "../../sim/errors.js";
import { decodeText } from "../../sim/text-file.js";
import { encodeLabel, type Label } from "./label.js";
import { isPop } from "./names.js";
import { parseTable } from "./table.js";

const COLUMNS = ["row", "pk", "dk", "ssid", "password", "pop"];
const HEADER = COLUMNS.join(",") + "\n";
/** Labels hold secrets: only their owner may read them. */
const PRIVATE = 0o600;

/** A label with the row of the list that it belongs to, 0 for a device by itself. `pop` is "" without a proof. */
export type LabelRow = Label & { row: number };

/** What a file of labels holds. */
interface Scan {
  labels: LabelRow[];
  /** Bytes of whole lines: what is behind them was cut. */
  bytes: number;
  /** Whether the last one ends with a newline. */
  newline: boolean;
  /** A spreadsheet may have written another one. */
  delimiter: string;
}

/** The labels of a text. The password of a whole line fits its proof. @throws UsageError that names the label */
function parseLabels(text: string, path: string): Pick<Scan, "labels" | "delimiter"> {
  const { rows, delimiter } = parseTable(text, path, COLUMNS);
  const labels = rows.map(({ row, pk = "", dk = "", ssid, password, pop }, at) => {
    const good = isKey(pk, 1, 32) && isKey(dk, 4, 32) && ssid && (pop === "" || isPop(pop ?? ""));
    if (!good || password !== (pop && accessPointPassword(pop))) {
      throw new UsageError(`${path}, label ${at + 1} is damaged: mend it, or remove its line`);
    }
    return { row: Number(row || 0), pk, dk, ssid, pop };
  });
  return { labels, delimiter };
}

function readBytes(path: string): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  try {
    if (statSync(path).isFile()) return readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path} (${messageOf(error)})`);
  }
  throw new UsageError(`${path} is no regular file: labels need one`);
}

function scan(path: string): Scan {
  const content = readBytes(path);
  // A header that was cut holds nothing.
  if (HEADER.startsWith(content.toString("latin1")) && content.length < HEADER.length) {
    return { labels: [], bytes: 0, newline: true, delimiter: "," };
  }
  const end = content.lastIndexOf("\n") + 1;
  if (end < content.length) {
    try {
      // An editor may have left the last newline away.
      return { ...parseLabels(decodeText(content, path), path), bytes: content.length, newline: false };
    } catch (error) {
      if (!end) throw error;
    }
  }
  return { ...parseLabels(decodeText(content.subarray(0, end), path), path), bytes: end, newline: true };
}

/** The labels in a file; none when there is no file. @throws UsageError when it is another kind of file */
export function readLabels(path: string): LabelRow[] {
  return scan(path).labels;
}

function quoted(value: string): string {
  return /[",;\s]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Writes all bytes at the end, and returns when they are on the disk; else the file is as long as before. */
function append(file: number, text: string, length: number): void {
  const bytes = Buffer.from(text);
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } catch (error) {
    try {
      ftruncateSync(file, length);
      fsyncSync(file);
    } catch {
      // A line that was cut is recognised when the file is read.
    }
    throw error;
  }
}

/** A new file is on the disk when its folder is. */
function syncFolder(path: string): void {
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Makes sure that labels can be added, before a device is written. @throws UsageError */
export function prepareLabels(path: string): void {
  const { bytes } = scan(path);
  try {
    const file = openSync(path, "a", PRIVATE);
    try {
      const { size } = fstatSync(file);
      if (size > bytes) ftruncateSync(file, bytes);
      if (!size) {
        append(file, HEADER, 0);
        syncFolder(path);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UsageError(`labels cannot be added to ${path} (${messageOf(error)}): nothing was written`);
  }
}

/** Adds a label, and returns only when it is on the disk: the whole line, or nothing. @throws FailedError */
export function appendLabel(path: string, label: LabelRow): void {
  const { row, pk, dk, ssid, pop } = label;
  const line = [row ? String(row) : "", pk, dk, ssid, pop && accessPointPassword(pop), pop];
  try {
    const { bytes, newline, delimiter } = scan(path);
    const file = openSync(path, "a", PRIVATE);
    try {
      const { size } = fstatSync(file);
      if (size > bytes) ftruncateSync(file, bytes);
      const start = bytes ? (newline ? "" : "\n") : HEADER;
      append(file, start + line.map(quoted).join(delimiter) + "\n", bytes);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new FailedError(
      `${dk} is written, but its label is not in ${path} (${messageOf(error)}): mend that, and run the same command ` +
        "again with this device connected, which adds the label and writes nothing else",
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
