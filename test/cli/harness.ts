/** Runs the command in this process and keeps what it prints. */
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../sim/cli/program.js";

export class Run {
  /** What the person at the terminal types, in order; undefined: nobody is there. */
  static terminal: { ask(question: string): Promise<string> } | undefined;
  readonly out: string[] = [];
  readonly err: string[] = [];
  readonly status: Promise<number>;
  private readonly controller = new AbortController();
  private wake = () => {};

  constructor(...argv: string[]) {
    this.status = run(argv, {
      ...Run.terminal,
      out: (line) => {
        this.out.push(...line.split("\n"));
        this.wake();
      },
      err: (line) => void this.err.push(line),
      colour: false,
      stop: this.controller.signal,
    });
  }

  /** As Ctrl-C. Gives the exit status. */
  stop(): Promise<number> {
    this.controller.abort();
    return this.status;
  }

  /** The first line of output that passes; fails when the command ends before. */
  async line(passes: (line: string) => boolean): Promise<string> {
    const ended = this.status.then(() => true);
    for (;;) {
      const line = this.out.find(passes);
      if (line !== undefined) return line;
      const more = new Promise<false>((resolve) => (this.wake = () => resolve(false)));
      if (await Promise.race([more, ended])) throw new Error(`ended without that line: ${this.err.join(" ")}`);
    }
  }

  /** The first JSON event of that name. */
  async event(name: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.line((line) => line.startsWith(`{"event":"${name}"`))) as Record<string, unknown>;
  }

  /** All output as JSON events. */
  events(): Record<string, unknown>[] {
    return this.out.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

/** Path of a folder that exists while the tests of the surrounding `describe` run. */
export function temporaryFolder(): string {
  const folder = join(tmpdir(), `wifi-binding-test-${randomUUID()}`);
  before(() => mkdirSync(folder));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}
