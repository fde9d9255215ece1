/** Runs the command in this process and keeps what it prints. */
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../../../../tools/command/io.js";
import { run } from "../../../../tools/command/program.js";
import { watch } from "../../../support/secrets.js";

/** Whoever gives this option wants to see the secret. */
const ASKED = "--show-auth-key";
watch.allow(ASKED, "an authKey");

/** Somebody at a terminal: the answers that they give, one after the other, and what they see. */
export class Person implements Required<Pick<Io, "ask" | "status">> {
  readonly questions: string[] = [];
  /** Texts of the line below the output. */
  readonly statuses: string[] = [];

  /** @param answers texts, and choices by their number from 0 or by looking at them */
  constructor(private readonly answers: (string | number | ((choices: string[]) => number))[]) {}

  status = (text: string) => {
    watch.said("a command's status line", text);
    this.statuses.push(text);
  };

  ask = {
    choose: async (question: string, choices: string[]) => {
      this.questions.push(`${question} ${choices.join("|")}`);
      const answer = this.answers.shift();
      return typeof answer === "function" ? answer(choices) : (answer as number);
    },
    name: async (question: string, names: string[]) => {
      this.questions.push(`${question} ${names.join("|")}`);
      const answer = this.answers.shift();
      const chosen = typeof answer === "function" ? answer(names) : answer;
      return typeof chosen === "number" ? names[chosen] : (chosen as string);
    },
    secret: async (question: string) => {
      this.questions.push(question);
      return this.answers.shift() as string;
    },
  };
}

export class Run {
  readonly out: string[] = [];
  readonly err: string[] = [];
  readonly status: Promise<number>;
  /** Presses a key at the terminal, where the command listens to keys. */
  key = (_key: string): void => {};
  /** As SIGHUP. */
  reload = (): void => {};
  private readonly controller = new AbortController();
  private wake = () => {};

  constructor(...argv: (string | Person)[]) {
    const person = argv.find((argument) => argument instanceof Person);
    const words = argv.filter((argument) => typeof argument === "string");
    this.status = run(words, {
      ask: person?.ask,
      status: person?.status,
      out: (line) => {
        watch.said(words.includes(ASKED) ? ASKED : "a command", line);
        this.out.push(...line.split("\n"));
        this.wake();
      },
      err: (line) => {
        watch.said("a command's errors", line);
        this.err.push(line);
      },
      keys: person && ((pressed) => ((this.key = pressed), () => (this.key = () => {}))),
      onReload: (listener) => (this.reload = listener),
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
