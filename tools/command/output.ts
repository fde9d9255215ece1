/** Printing: lines for people, or one JSON object a line. */
import pc from "picocolors";
import type { Io } from "./io.js";

/** A thing that happened, with a stable name. */
export type Happening = { event: string } & Record<string, unknown>;

export class Output {
  readonly paint: ReturnType<typeof pc.createColors>;
  private shown = "";

  constructor(
    private readonly io: Io,
    readonly json: boolean,
  ) {
    this.paint = pc.createColors(io.colour && !json);
  }

  /** Prints an event: as JSON, or else as the text for people. No text, nothing for people. */
  tell(happening: Happening, text?: string): void {
    if (this.json) this.io.out(JSON.stringify(happening));
    else if (text !== undefined) this.line(text);
  }

  /** What goes on now, for people at a terminal: one line that is replaced by the next one, and taken away by "". */
  progress(text: string): void {
    if (this.json || !this.io.status) return;
    this.shown = text;
    this.io.status(text);
  }

  /** Prints an event as JSON in both modes: the lines that other programs wait for. */
  announce(happening: Happening): void {
    this.io.out(JSON.stringify(happening));
  }

  /** Prints a hint for people only. */
  hint(text: string): void {
    if (!this.json) this.line(this.paint.dim(text));
  }

  private line(text: string): void {
    const { shown } = this;
    if (shown) this.progress("");
    this.io.out(text);
    if (shown) this.progress(shown);
  }

  /** Local time to the millisecond, as lines for people begin. */
  clock(): string {
    const now = new Date();
    const time = now.toTimeString().slice(0, 8);
    return this.paint.dim(`${time}.${String(now.getMilliseconds()).padStart(3, "0")}`);
  }
}

/** `key=value` pairs of an object for people; nested values as JSON. */
export function pairs(values: Record<string, unknown>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

/** A duration for people: 87 ms, 1.25 s. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
