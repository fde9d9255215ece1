/** How far a file is: a bar that is drawn over itself on a terminal, else a line at each quarter. */
import type { Io } from "./io.js";
import type { Output } from "./output.js";

const WIDTH = 24;

export class Progress {
  private quarter = 0;
  private file = "";

  constructor(
    private readonly io: Io,
    private readonly output: Output,
    private readonly event = "writing",
  ) {}

  /** `done` of `total` bytes of a file are there. */
  at(file: string, done: number, total: number): void {
    if (file !== this.file) this.quarter = 0;
    this.file = file;
    const quarter = Math.floor((4 * done) / total);
    const text = `${file.padEnd(12)} ${String(Math.floor((100 * done) / total)).padStart(3)} %`;
    if (this.io.status && !this.output.json) {
      const filled = Math.round((WIDTH * done) / total);
      this.output.progress(done < total ? `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${text}` : "");
    } else if (quarter > this.quarter) {
      this.output.tell({ event: this.event, file, done, total }, text);
    }
    this.quarter = quarter;
  }
}
