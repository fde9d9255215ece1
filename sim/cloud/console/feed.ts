/** Server-sent events with numbers: a browser that comes back is sent what it has missed, as far as it is kept. */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";

interface Entry {
  id: number;
  text: string;
}

/** Characters of the entries that are kept, and of those that may wait for one slow browser. */
const KEPT = 4_000_000;
const WAITING = 8_000_000;
/** Milliseconds between comments that keep a connection alive. */
const ALIVE = 15_000;

const message = (name: string, data: unknown, id?: string): string =>
  `${id ? `id: ${id}\n` : ""}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

export class Feed {
  /** Numbers of another run of the cloud mean nothing to this one. */
  private readonly run = randomUUID();
  private readonly entries: Entry[] = [];
  private readonly readers = new Set<ServerResponse>();
  private size = 0;
  private last = 0;
  private readonly alive = setInterval(() => this.write(": alive\n\n"), ALIVE).unref();

  /** Sends what is kept, and to a browser that comes back again if it has missed it. */
  keep(name: string, data: unknown): void {
    const id = ++this.last;
    const text = message(name, data, `${this.run}:${id}`);
    this.entries.push({ id, text });
    this.size += text.length;
    while (this.size > KEPT) this.size -= this.entries.shift()!.text.length;
    this.write(text);
  }

  /** Whether a browser looks. */
  get watched(): boolean {
    return this.readers.size > 0;
  }

  /** Sends what counts now only. */
  send(name: string, data: unknown): void {
    if (this.watched) this.write(message(name, data));
  }

  /**
   * Adds a browser.
   * @param seen the number of the last entry that it has, or ""
   * @param greeting what it is told first, whatever it has seen
   */
  add(reader: ServerResponse, seen: string, greeting: Record<string, unknown>): void {
    const [run, number] = seen.split(":");
    const from = run === this.run ? Number(number) : 0;
    reader.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    for (const [name, data] of Object.entries(greeting)) reader.write(message(name, data));
    const missed = this.entries.filter(({ id }) => id > from).map(({ text }) => text);
    reader.write(missed.join("") + message("ready", {}));
    this.readers.add(reader);
    reader.on("close", () => this.readers.delete(reader));
  }

  close(): void {
    clearInterval(this.alive);
    for (const reader of this.readers) reader.end();
    this.readers.clear();
  }

  private write(text: string): void {
    for (const reader of this.readers) {
      // It comes back, and goes on where it was.
      if (reader.writableLength > WAITING) reader.destroy();
      else reader.write(text);
    }
  }
}
