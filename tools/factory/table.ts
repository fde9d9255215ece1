/** Tables of the factory: CSV with a header, as spreadsheets write it. */

import { CsvError, parse } from "csv-parse/sync";

import { UsageError } from "../../sim/errors.js";

const DELIMITERS = [",", ";", "\t"];

export interface Table {
  rows: Record<string, string>[];
  delimiter: string;
}

/** The delimiter of a header, or undefined when it has several. A header of one column needs none. */
function delimiterOf(header: string): string | undefined {
  const used = DELIMITERS.filter((delimiter) => header.includes(delimiter));
  return used.length > 1 ? undefined : (used[0] ?? DELIMITERS[0]);
}

/** In place of the parser's message, which may quote a cell, and with it a secret. */
function sentence(error: unknown, path: string): string {
  if (error instanceof UsageError) return error.message;
  if (!(error instanceof CsvError)) return `${path} is no table`;
  const { lines, code } = error as unknown as { lines?: number; code: string };
  return `${path}, line ${lines ?? "?"} is no row of the table (${code})`;
}

/**
 * @param path of the file, for messages
 * @param columns names that the header may have, in small or capital letters
 * @throws UsageError that names the line and quotes no cell
 */
export function parseTable(text: string, path: string, columns: string[]): Table {
  const refusal = `${path}: its first line must be a header of the columns ${columns.join()}, and of no others`;
  const delimiter = delimiterOf(text.split(/\r?\n/, 1)[0]);
  if (!delimiter) throw new UsageError(refusal);
  const named = (names: string[]): string[] => {
    const found = names.map((name) => name.toLowerCase());
    if (found.every((name, at) => columns.includes(name) && found.indexOf(name) === at)) return found;
    throw new UsageError(refusal);
  };
  try {
    // Lines that were added later may end otherwise.
    const lines = { record_delimiter: ["\r\n", "\n"], skip_empty_lines: true };
    return { rows: parse(text, { columns: named, delimiter, trim: true, ...lines }), delimiter };
  } catch (error) {
    throw new UsageError(sentence(error, path));
  }
}
