/** The page of a tap: the console's Traffic, on this machine only, fed by the pieces that pass. */
import type { FastifyInstance } from "fastify";

import { Feed } from "../cloud/console/feed.js";
import { CONSOLE } from "../cloud/console/paths.js";
import { servePage } from "../cloud/console/page.js";
import { createApi } from "../cloud/http.js";
import { fromElsewhere } from "../cloud/http-guard.js";
import { refusal, success } from "../cloud/status.js";
import type { Piece } from "../decode/capture.js";
import type { Keys } from "../decode/keys.js";
import { ShownConnections, type ShownFrame } from "../decode/shown.js";
import type { TapEvent } from "./index.js";

export interface TapPageOptions {
  /** Directory of the built page. */
  page: string;
  /** Port of 127.0.0.1, 0 for any free one. */
  port: number;
  protocol: "mqtt" | "frames";
  /** What one connection is opened by. */
  keys: () => Keys;
}

/** Frames whose secrets can be shown. */
const RAW_KEPT = 1000;
const REQUEST_MS = 10_000;
/** Without an operator's token, secrets do not leave the machine. */
const HOST = "127.0.0.1";

/** Marks the page: it has the views of a tap, and its words. */
const asTap = (html: string): string => html.replace("<body>", '<body data-tap="">');

export class TapPage {
  /** Where a browser finds it. */
  url = "";
  private readonly feed = new Feed();
  private readonly masked: ShownConnections;
  /** The same frames with their secrets, in step. */
  private readonly clear: ShownConnections;
  private readonly raw = new Map<number, string>();
  private readonly api: FastifyInstance = createApi(REQUEST_MS);
  private count = 0;
  private between = "";

  private constructor({ page, protocol, keys }: TapPageOptions) {
    this.masked = new ShownConnections({ protocol, keys });
    this.clear = new ShownConnections({ protocol, keys, showSecrets: true });
    servePage(this.api, page, asTap);
    this.addFeed();
    this.addSecrets();
  }

  /** @throws the system's error when the port cannot be had */
  static async start(options: TapPageOptions): Promise<TapPage> {
    const one = new TapPage(options);
    one.url = await one.api.listen({ host: HOST, port: options.port });
    return one;
  }

  /** Says what it stands between. @param from, to addresses for people */
  name(from: string, to: string): void {
    this.between = `${from} to ${to}`;
  }

  piece(piece: Piece): void {
    this.tell(this.masked.push(piece), this.clear.push(piece));
  }

  event(event: TapEvent): void {
    const { connection } = event;
    if (event.event === "ended") this.tell(this.masked.end(connection), this.clear.end(connection));
    const facts = event.event === "opened" ? [`from ${event.from}`] : event.event === "failed" ? [event.why] : [];
    const frame = this.masked.mark(connection, { name: `connection ${event.event}`, facts });
    this.clear.mark(connection, { name: "", facts: [] });
    this.tell([frame], [frame]);
  }

  async stop(): Promise<void> {
    this.feed.close();
    await this.api.close();
  }

  private tell(frames: ShownFrame[], clear: ShownFrame[]): void {
    frames.forEach((frame, at) => {
      const number = ++this.count;
      if (frame.masked) this.raw.set(number, clear[at].hex);
      this.raw.delete(number - RAW_KEPT);
      this.feed.keep("frame", { ...frame, number });
    });
  }

  private addFeed(): void {
    this.api.get(CONSOLE.feed, (request, reply) => {
      if (fromElsewhere(request.headers)) return reply.send(refusal(5048, "pages of other servers may not look here"));
      reply.hijack();
      const world = { products: [], users: [], mqtt: "", between: this.between };
      this.feed.add(reply.raw, String(request.headers["last-event-id"] ?? ""), { world });
      return reply;
    });
  }

  private addSecrets(): void {
    this.api.get(CONSOLE.frame, ({ headers, params }) => {
      if (fromElsewhere(headers)) return refusal(5048, "pages of other servers may not look here");
      const hex = this.raw.get(Number((params as { number: string }).number));
      return hex === undefined ? refusal(5048, "the tap has this frame no more") : success({ hex }, "Success");
    });
  }
}
