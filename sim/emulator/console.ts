/** What a device has printed, and what of it tells of a failure. */

/** Beginnings of lines that tell that JavaScript or the interpreter failed. */
const FAILURE =
  /^(Uncaught|ASSERT|HARD FAULT|Out of Memory|Execution Interrupted|Too much recursion|.*Storage is corrupt)/i;

export class Console {
  readonly lines: string[] = [];
  readonly uncaught: string[] = [];

  constructor(private readonly onLine: ((line: string) => void) | undefined) {}

  /** Takes printed text, one or more whole lines. */
  print(text: string): void {
    for (const line of text.split(/\r?\n/)) {
      this.lines.push(line);
      if (FAILURE.test(line)) this.uncaught.push(line);
      this.onLine?.(line);
    }
  }

  /** Something went wrong with the engine itself. */
  fail(message: string): void {
    this.print(message);
    this.uncaught.push(message);
  }
}
