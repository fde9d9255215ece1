/** Traffic as a file: one JSON object a line, as the feed sends it, secrets masked. */
import type { Frame } from "../state/types.js";
import { readRow, type Row } from "./row.js";

export function save(rows: readonly Row[]): void {
  const lines = rows.map(({ name: _name, cmd: _cmd, ...frame }) => JSON.stringify(frame));
  const blob = new Blob([lines.join("\n") + "\n"], { type: "application/jsonl" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `traffic-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.jsonl`;
  link.click();
  URL.revokeObjectURL(link.href);
}

function isFrame(value: unknown): value is Frame {
  if (typeof value !== "object" || value === null) return false;
  const { hex, time, up } = value as Partial<Frame>;
  return (
    typeof hex === "string" && /^([0-9a-f]{2})*$/i.test(hex) && typeof time === "number" && typeof up === "boolean"
  );
}

/** A line of `tap --save` has pieces of connections, which may be less or more than a frame. */
const isCapture = (value: unknown): boolean => typeof value === "object" && value !== null && "connection" in value;

/** @throws Error that names the first line that is no frame */
export function parse(text: string): Row[] {
  const lines = text.split("\n").filter((line) => line.trim());
  return lines.map((line, at) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    if (isCapture(value)) throw new Error("this is a capture of `tap`: `wifi-binding decode FILE` shows it");
    if (!isFrame(value)) throw new Error(`line ${at + 1} of the file is no frame of this console`);
    return readRow({ ...value, number: at + 1 });
  });
}
