/** One run of the real interpreter: its process, its console, and expressions evaluated over its standard input. */

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";

/** Lines that the Linux build says about itself, and the pointers under pieces of source. */
const OWN_TALK = /^espruino: |^\s*\^?$/;
/** Ends the echo of one line that is typed. */
const SILENT = "\x10";
/** Milliseconds in which an expression must have its value. */
const EVAL_TIMEOUT = 10000;

interface Waiting {
  resolve: (text: string) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

export class InterpreterProcess {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting = new Map<string, Waiting>();
  private readonly marker = `@@${Math.random().toString(36).slice(2)}`;
  private partial = "";
  private count = 0;
  private stopping = false;

  /**
   * @param onLine each line that the program prints
   * @param onDeath told why, when it ends without being stopped
   */
  constructor(
    binary: string,
    args: string[],
    folder: string,
    private readonly onLine: (line: string) => void,
    onDeath: (why: string) => void,
  ) {
    this.child = spawn(binary, args, { cwd: folder });
    this.child.stdout.setEncoding("latin1").on("data", (text: string) => this.received(text));
    this.child.stderr.setEncoding("latin1").on("data", (text: string) => this.received(text));
    // A process that has just died has no input any more; its end says more than the failed write.
    this.child.stdin.on("error", () => {});
    this.child.on("error", (error) => onDeath(error.message));
    this.child.on("exit", (code, signal) => {
      const why = `the interpreter ended (${signal ?? `status ${code}`})`;
      for (const one of this.waiting.values()) one.reject(new Error(why));
      if (!this.stopping) onDeath(why);
    });
  }

  /** Evaluates an expression. @returns its value as JSON, or "undefined" */
  evaluate(expression: string): Promise<string> {
    const id = `${this.marker}${++this.count}`;
    // JSON.stringify(undefined) is "null" in Espruino.
    const show = `(function(v){print("\\n${id}="+(v===undefined?v:JSON.stringify(v)))})`;
    const command = `try{${show}(${expression})}catch(e){print("\\n${id}!"+e)}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer from the interpreter to ${expression}`)),
        EVAL_TIMEOUT,
      );
      this.waiting.set(id, { resolve, reject, timer });
      this.child.stdin.write(`${SILENT}${command}\n`, "latin1");
    });
  }

  /** Waits until the process has ended by itself. */
  async ended(): Promise<void> {
    this.stopping = true;
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
  }

  /** Takes the power away. */
  async kill(): Promise<void> {
    this.stopping = true;
    this.child.kill("SIGKILL");
    await this.ended();
  }

  private received(text: string): void {
    const lines = (this.partial + text).split("\n");
    this.partial = lines.pop()!;
    for (const line of lines) this.line(line.replace(/\r$/, ""));
  }

  private line(line: string): void {
    const [, id, verdict, value] = /^>?(@@[a-z0-9]+)([=!])(.*)$/.exec(line) ?? [];
    const waiting = this.waiting.get(id ?? "");
    if (!waiting) {
      if (!OWN_TALK.test(line)) this.onLine(line);
      return;
    }
    this.waiting.delete(id);
    clearTimeout(waiting.timer);
    if (verdict === "=") waiting.resolve(value);
    else waiting.reject(new Error(value));
  }
}
