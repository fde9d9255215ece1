/** A device's console: expressions evaluated on it, and the lines that it prints. Always ends, with a sentence. */

import { randomBytes } from "node:crypto";

import { FailedError, messageOf } from "../../sim/errors.js";
import type { Link } from "./link.js";
import { MAX_LENGTH, Packets } from "./packets.js";

/** Milliseconds in which an expression must have its value. */
const EVAL_TIMEOUT = 5000;
const ATTEMPTS = 4;
/** Milliseconds before an expression is sent again. */
const SETTLE = 100;
/** Milliseconds of the first tries: the device may be booting, or in a packet that another session left unfinished. */
const HELLO_TIMEOUT = 1500;
const HELLO_ATTEMPTS = 6;
const PASSWORD_TIMEOUT = 500;
/** Stops what a console is running; a packet that has this byte in its length would do the same. */
const INTERRUPT = 3;
/** What the line editor puts before a line. */
const PROMPT = /^(?:[>\r]|\x1b\[J)+/;

/** What flashing needs of a device. */
export interface Evaluator {
  /**
   * Evaluates an expression in the device's global scope and gives its value, passed through JSON. It may be sent again
   * when no answer comes, so it must do the same when it runs twice.
   */
  eval(expression: string, timeout?: number): Promise<unknown>;
}

export interface ConsoleOptions {
  /** Of a console that is locked. */
  password?: string;
  /** Each line that the device prints. */
  onLine?: (line: string) => void;
}

/**
 * An expression as it is sent: its errors come back as text, and its length has no byte that interrupts.
 * @param id comes back with the answer: one that a session before has left unread must not be taken for this one's
 */
function wrapped(expression: string, id: string): string {
  const text = `(function(){try{return JSON.stringify([(${expression})])+"${id}"}catch(e){return "!"+e+"${id}"}})()`;
  const padded = text.length % 256 === INTERRUPT ? text + " " : text;
  if (padded.length > MAX_LENGTH) throw new Error("expression too long for a packet");
  return padded;
}

/** The link has gone. */
export class ClosedError extends FailedError {
  constructor(
    message: string,
    /** Whether the device has sent anything on it. */
    readonly heard: boolean,
  ) {
    super(message);
  }
}

export class Console implements Evaluator {
  private readonly packets: Packets;
  private recent = "";
  private gone = false;
  /** Tells the answers of this session from those of another one. */
  private readonly session = randomBytes(3).toString("hex");
  private asked = 0;
  private readonly closed: Promise<never>;

  private constructor(
    readonly port: string,
    private readonly link: Link,
    private readonly options: ConsoleOptions,
  ) {
    this.packets = new Packets({
      write: (bytes) => link.write(bytes),
      onLine: (line) => options.onLine?.(line.replace(PROMPT, "")),
      onText: (text) => (this.recent = (this.recent + text).slice(-200)),
    });
    let heard = false;
    link.onData((bytes) => {
      heard = true;
      this.packets.receive(bytes);
    });
    this.closed = new Promise((_, reject) => {
      link.onClose(() => {
        this.gone = true;
        reject(new ClosedError(`the device has closed ${port}`, heard));
      });
    });
    this.closed.catch(() => {});
  }

  /**
   * Waits until Espruino answers on a link.
   * @param port its name, for messages
   * @throws FailedError when it stays silent or is locked, after 20 s at most
   */
  static async over(port: string, link: Link, options: ConsoleOptions = {}): Promise<Console> {
    const device = new Console(port, link, options);
    try {
      await device.hello();
      return device;
    } catch (error) {
      device.close();
      throw error;
    }
  }

  async eval(expression: string, timeout = EVAL_TIMEOUT): Promise<unknown> {
    const id = this.nextId();
    const text = wrapped(expression, id);
    for (let attempt = 1; ; attempt++) {
      try {
        return this.valueOf(await this.once(text, timeout), id);
      } catch (error) {
        if (error instanceof FailedError) throw error;
        if (attempt === ATTEMPTS)
          throw new FailedError(`the device does not answer on ${this.port}: ${messageOf(error)}`);
        // Answers that are still on their way pass unheard.
        await new Promise((resolve) => setTimeout(resolve, SETTLE));
      }
    }
  }

  close(): void {
    this.link.close();
  }

  private nextId(): string {
    return `#${this.session}${(this.asked++).toString(36)}`;
  }

  private once(text: string, timeout: number): Promise<unknown> {
    return Promise.race([this.packets.eval(text, timeout), this.closed]);
  }

  /** @throws FailedError for what the device itself says, else what makes `eval` ask again: the line was garbled */
  private valueOf(answer: unknown, id: string): unknown {
    if (typeof answer !== "string" || !answer.endsWith(id)) throw new Error("its answer is garbled");
    const text = answer.slice(0, -id.length);
    if (text.startsWith("!")) throw new FailedError(`the device says: ${text.slice(1)}`);
    const values = JSON.parse(text) as unknown;
    if (!Array.isArray(values) || values.length !== 1) throw new Error("its answer is garbled");
    return values[0];
  }

  private async hello(): Promise<void> {
    const id = this.nextId();
    const question = wrapped("1", id);
    for (let attempt = 1; attempt <= HELLO_ATTEMPTS; attempt++) {
      try {
        this.valueOf(await this.once(question, HELLO_TIMEOUT), id);
        return;
      } catch (error) {
        if (error instanceof FailedError) throw error;
        if (this.gone) await this.closed;
      }
      await this.unlock();
      // A program that never ends keeps the console from answering.
      if (attempt === HELLO_ATTEMPTS - 2) await this.packets.send(String.fromCharCode(INTERRUPT));
    }
    throw new FailedError(
      `no Espruino answers on ${this.port}: is it this port, at this speed, and is its console on it?`,
    );
  }

  /** A locked console asks for its password at the end of a line, and takes nothing else. */
  private async unlock(): Promise<void> {
    this.recent = "";
    await this.packets.send("\n");
    await new Promise((resolve) => setTimeout(resolve, PASSWORD_TIMEOUT));
    if (!/password>\s*$/i.test(this.recent)) return;
    const { password } = this.options;
    if (!password) throw new FailedError(`the console on ${this.port} is locked: give its password`);
    this.recent = "";
    await this.packets.send(password + "\n");
    await new Promise((resolve) => setTimeout(resolve, PASSWORD_TIMEOUT));
    if (/Invalid password/.test(this.recent)) throw new FailedError(`wrong password for the console on ${this.port}`);
  }
}
