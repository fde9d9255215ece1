/** The part of node:stream that a link of the app uses. */

type Listener = (value: never) => void;

interface Options {
  read(): void;
  write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void;
  destroy(error: Error | null, done: (error?: Error | null) => void): void;
}

export class Duplex {
  destroyed = false;
  private readonly listeners = new Map<string, Listener[]>();

  constructor(private readonly options: Options) {}

  on(event: string, listener: Listener): this {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    return this;
  }

  push(bytes: Uint8Array): void {
    if (!this.destroyed) this.emit("data", Buffer.from(bytes));
  }

  write(bytes: Uint8Array): void {
    if (this.destroyed) return;
    this.options.write(Buffer.from(bytes), "buffer", (error) => error && this.destroy(error));
  }

  destroy(error?: Error): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.options.destroy(error ?? null, () => {
      if (error) this.emit("error", error);
      this.emit("close", undefined);
    });
  }

  private emit(event: string, value: unknown): void {
    for (const listener of this.listeners.get(event) ?? []) listener(value as never);
  }
}
