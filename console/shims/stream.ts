/** The part of node:stream that a link of the app uses. */

type Listener = (value: never) => void;

interface Options {
  read(): void;
  write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void;
  destroy(error: Error | null, done: (error?: Error | null) => void): void;
}

export class Duplex {
  destroyed = false;
  private last: Promise<void> = Promise.resolve();
  private readonly listeners = new Map<string, Listener[]>();

  constructor(private readonly options: Options) {}

  on(event: string, listener: Listener): this {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    return this;
  }

  push(bytes: Uint8Array): void {
    if (!this.destroyed) this.emit("data", Buffer.from(bytes));
  }

  /** One write after the other, each when the one before has left. */
  write(bytes: Uint8Array): void {
    this.last = this.last.then(() => this.writeOne(Buffer.from(bytes)));
  }

  destroy(error?: Error): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.options.destroy(error ?? null, () => {
      if (error) this.emit("error", error);
      this.emit("close", undefined);
    });
  }

  private writeOne(chunk: Buffer): Promise<void> {
    if (this.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.options.write(chunk, "buffer", (error) => {
        if (error) this.destroy(error);
        resolve();
      });
    });
  }

  private emit(event: string, value: unknown): void {
    for (const listener of this.listeners.get(event) ?? []) listener(value as never);
  }
}
