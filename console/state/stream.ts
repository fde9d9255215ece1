/** Server-sent events over `fetch`: unlike EventSource it carries the operator's token. */
import { authorization } from "./token.js";

export interface Message {
  name: string;
  data: unknown;
}

export type Ended = "refused" | "lost";

/** Reads one event. @returns its name and data, and its number, where it has one */
function parse(block: string): Message & { id?: string } {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2));
  }
  return { name: fields.get("event") ?? "", data: JSON.parse(fields.get("data") ?? "null"), id: fields.get("id") };
}

/** The number of the last event that was read: a new connection goes on after it. */
let last = "";

/** Reads the feed until it ends. @returns whether the cloud has refused the token */
export async function readFeed(received: (message: Message) => void): Promise<Ended> {
  try {
    const response = await fetch("/dev/console/feed", { headers: { ...authorization(), "last-event-id": last } });
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
      return ((await response.json()) as { code?: number }).code === 5032 ? "refused" : "lost";
    }
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { done, value } = await reader.read();
      if (done) return "lost";
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop()!;
      for (const block of blocks) {
        if (block.startsWith(":")) continue;
        const message = parse(block);
        if (message.id) last = message.id;
        received(message);
      }
    }
  } catch {
    return "lost";
  }
}
