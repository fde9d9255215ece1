/** The list of devices that a factory makes: CSV with a header, and every row is right before the first is made. */

import { isKey } from "../../src/codec/identity.js";
import { UsageError } from "../../sim/errors.js";
import { readTextFile } from "../../sim/text-file.js";
import { DEVICE_SECRET_RULE, isDeviceSecret } from "./names.js";
import { parseTable } from "./table.js";

/** One device to be made. */
export interface DeviceRow {
  /** From 1, the header not counted. */
  row: number;
  /** DeviceKey; of the chip when absent. */
  dk?: string;
  /** DeviceSecret, when it is issued at the factory. */
  ds?: string;
}

const COLUMNS = ["dk", "ds"];
/** Refused rows that are named. */
const MOST = 10;

/** What is wrong with a row, or "". */
function problemOf({ dk, ds }: DeviceRow, seen: Map<string, number>): string {
  if (dk && !isKey(dk, 4, 32)) return "dk must be 4-32 letters and digits";
  const earlier = dk && seen.get(dk.toUpperCase());
  if (earlier) return `${dk} is in row ${earlier} too`;
  if (ds && !isDeviceSecret(ds)) return `ds must be ${DEVICE_SECRET_RULE}`;
  return ds && !dk ? "a ds is issued for one dk: give both" : "";
}

/**
 * The devices of a list with the columns dk and ds, of which one may be absent and both may be empty.
 * @throws UsageError that names the rows; then no row may be made
 */
export function readDevices(path: string): DeviceRow[] {
  const { rows: table } = parseTable(readTextFile(path), path, COLUMNS);
  const rows = table.map(({ dk, ds }, at) => ({ row: at + 1, dk: dk || undefined, ds: ds || undefined }));
  if (!rows.length) throw new UsageError(`${path} lists no device: it has a header (dk,ds) and a row for each`);
  const seen = new Map<string, number>();
  const refused: string[] = [];
  for (const row of rows) {
    const problem = problemOf(row, seen);
    if (problem) refused.push(`row ${row.row}: ${problem}`);
    // Apps compare them in one case.
    const name = row.dk?.toUpperCase();
    if (name && !seen.has(name)) seen.set(name, row.row);
  }
  if (!refused.length) return rows;
  const named = refused.slice(0, MOST).join("; ") + (refused.length > MOST ? "; …" : "");
  throw new UsageError(`${path}: ${refused.length} of ${rows.length} rows refused, nothing was written: ${named}`);
}
