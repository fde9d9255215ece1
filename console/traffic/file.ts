/** Traffic as a file: saved as one JSON object a line, secrets masked; loaded from that, or from what `tap --save` writes. */
import { CaptureReader } from "../../sim/decode/reader.js";
import { shortName, shortPacket, ShownConnections } from "../../sim/decode/shown.js";
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

const isText = (value: unknown): boolean => typeof value === "string";

function isPacket(value: unknown): boolean {
  const { name, facts } = (value ?? {}) as Partial<NonNullable<Frame["packet"]>>;
  return isText(name) && Array.isArray(facts) && facts.every(isText);
}

/** A line that this page has saved; undefined for another one. */
function ownFrame(value: unknown): Frame | undefined {
  const { hex, time, up, segment, pk, dk, clientId, packet, ...more } = (value ?? {}) as Partial<Frame>;
  if (typeof hex !== "string" || !/^([0-9a-f]{2})*$/i.test(hex)) return undefined;
  if (typeof time !== "number" || typeof up !== "boolean") return undefined;
  if (packet !== undefined && !isPacket(packet)) return undefined;
  const texts = Object.entries({ pk, dk, clientId }).filter((one): one is [string, string] => isText(one[1]));
  const names = Object.fromEntries(texts.map(([key, text]) => [key, shortName(text)]));
  const { sealed, masked } = more;
  return {
    ...{ number: 0, time, up, hex, sealed: Boolean(sealed), masked: Boolean(masked) },
    segment: shortName(String(segment ?? "")),
    ...names,
    ...(packet && { packet: shortPacket(packet) }),
  };
}

export interface Loaded {
  rows: Row[];
  /** What is to be known of it, in sentences. */
  notes: string[];
}

/** Frames of a file as its bytes come: the last ones. */
class Kept {
  count = 0;
  private frames: Frame[] = [];

  constructor(private readonly most: number) {}

  add(more: Iterable<Frame>): void {
    for (const frame of more) this.frames.push({ ...frame, number: -++this.count });
    if (this.frames.length > 2 * this.most) this.frames = this.frames.slice(-this.most);
  }

  get rows(): Row[] {
    return this.frames.slice(-this.most).map(readRow);
  }
}

const number = (value: number): string => value.toLocaleString("en");

/**
 * Loads a file.
 * @param most frames that are kept, of a larger file the last ones
 * @throws UsageError with a sentence for what is no capture
 */
export async function load(file: File, most: number): Promise<Loaded> {
  const reader = new CaptureReader<Frame>(file.name, ownFrame);
  const connections = new ShownConnections();
  const kept = new Kept(most);
  const take = (found: ReturnType<typeof reader.push>): void => {
    for (const one of found) kept.add("bytes" in one ? connections.push(one) : [one]);
  };
  const stream = file.stream().getReader();
  for (let part = await stream.read(); !part.done; part = await stream.read()) take(reader.push(part.value));
  take(reader.end());
  kept.add(connections.end());
  const { rows } = kept;
  if (!rows.some(({ cmd, packet }) => cmd || packet?.name.match(/^[A-Z]+$/))) {
    throw new Error(`${file.name} holds no frame: load what this page or \`wifi-binding tap --save\` has saved`);
  }
  const notes = [
    `${file.name}: ${kept.count > most ? `the last ${number(most)} of ` : ""}${number(kept.count)} frames.`,
  ];
  if (reader.cut) notes.push(`Its line ${reader.cut} was cut while it was written: what is before it is shown.`);
  return { rows, notes };
}
