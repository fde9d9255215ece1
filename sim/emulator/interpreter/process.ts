/** One run of the real interpreter: its process, its console, and expressions evaluated over its standard input. */

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { crc32 } from "node:zlib";

import { literal } from "../../../compiler/literal.js";
import { pinned } from "./pin.js";

/** Lines that the Linux build says about itself, and the pointers under pieces of source. */
const OWN_TALK = /^espruino: |^\s*\^?$/;
/** Ends the echo of one line that is typed. */
const SILENT = "\x10";
/** Throws away what was typed of a line (Esc [ 2 H in Espruino's line editor). */
const ERASE_LINE = "\x1b[2H";
/** Milliseconds in which an expression must have its value. */
const EVAL_TIMEOUT = 10000;
/** Milliseconds after which a line that was not acknowledged is typed again. */
const RETYPE_AFTER = 1000;

/**
 * Runs before all else. No prompt, which would mix into what is printed; and the evaluator: the Linux build now and then
 * loses a typed character, so a line is checked before it counts, and counts once however often it is typed.
 */
export const BOOT_FIRST =
  "echo(0);function $$e($$i,$$c,$$t){if(E.CRC32($$t)!=$$c||global.$$n==$$i)return;global.$$n=$$i;" +
  'print("\\n@@"+$$i+"+");try{$$t=eval("("+$$t+")");' +
  'print("\\n@@"+$$i+"="+($$t===undefined?$$t:JSON.stringify($$t)))}catch(e){print("\\n@@"+$$i+"!"+e)}}\n';

interface Waiting {
  resolve: (text: string) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
  retype: NodeJS.Timeout;
}

export class InterpreterProcess {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting = new Map<string, Waiting>();
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
    this.child = spawn(...pinned(binary, args), { cwd: folder });
    this.child.stdout.setEncoding("latin1").on("data", (text: string) => this.received(text));
    this.child.stderr.setEncoding("latin1").on("data", (text: string) => this.received(text));
    // A process that has just died has no input any more; its end says more than the failed write.
    this.child.stdin.on("error", () => {});
    this.child.on("error", (error) => onDeath(error.message));
    this.child.on("exit", (code, signal) => {
      const why = `the interpreter ended (${signal ?? `status ${code}`})`;
      for (const id of this.waiting.keys()) this.finish(id)?.reject(new Error(why));
      if (!this.stopping) onDeath(why);
    });
  }

  /** Evaluates an expression. @returns its value as JSON, or "undefined" */
  evaluate(expression: string): Promise<string> {
    const id = String(++this.count);
    const call = `$$e(${id},${crc32(Buffer.from(expression, "latin1"))},${literal(expression)})`;
    const type = (before: string): void => void this.child.stdin.write(`${before}${SILENT}${call}\n`, "latin1");
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.finish(id)?.reject(new Error(`no answer from the interpreter to ${expression}`));
      };
      const timer = setTimeout(giveUp, EVAL_TIMEOUT);
      const retype = setInterval(() => type(ERASE_LINE), RETYPE_AFTER);
      this.waiting.set(id, { resolve, reject, timer, retype });
      type("");
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
    const [, id, verdict, value] = /^>?@@(\d+)([+=!])(.*)$/.exec(line) ?? [];
    if (!id) {
      if (!OWN_TALK.test(line)) this.onLine(line);
    } else if (verdict === "+") clearInterval(this.waiting.get(id)?.retype);
    else if (verdict === "=") this.finish(id)?.resolve(value);
    else this.finish(id)?.reject(new Error(value));
  }

  private finish(id: string): Waiting | undefined {
    const waiting = this.waiting.get(id);
    clearTimeout(waiting?.timer);
    clearInterval(waiting?.retype);
    this.waiting.delete(id);
    return waiting;
  }
}
