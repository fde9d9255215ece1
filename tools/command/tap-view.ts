/** What a tap shows: lines for people or JSON, and a page where one is wanted. */
import type { Piece } from "../../sim/decode/capture.js";
import { DecodedConnections, type Told } from "../../sim/decode/connection.js";
import { SessionKeys } from "../../sim/decode/session-keys.js";
import { UsageError } from "../../sim/errors.js";
import type { TapEvent } from "../../sim/tap/index.js";
import { TapPage } from "../../sim/tap/page.js";
import { secretsOf, type KeyOptions } from "./decode.js";
import { itemLines } from "./item-lines.js";
import type { Output, Happening } from "./output.js";
import { consoleOf } from "./page.js";

/** What is shown of the pieces that pass, and of the connections: printed, and on a page where one is wanted. */
export class View {
  private readonly decoded: DecodedConnections;
  page?: TapPage;

  constructor(
    private readonly output: Output,
    private readonly options: KeyOptions & { lan?: string },
  ) {
    const { showSecrets } = options;
    this.decoded = new DecodedConnections({ ...this.reading(), showSecrets });
  }

  /** @throws UsageError when the page was not built; the system's error when the port cannot be had */
  async open(port: number): Promise<void> {
    const page = consoleOf()?.page;
    if (page === undefined) throw new UsageError("this package has no console: run `npm run build`");
    this.page = await TapPage.start({ ...this.reading(), page, port });
  }

  piece(piece: Piece): void {
    this.tell(this.decoded.push(piece));
    this.page?.piece(piece);
  }

  event(event: TapEvent): void {
    if (event.event === "ended") this.tell(this.decoded.end(event.connection));
    this.page?.event(event);
    const { event: name, connection, ...rest } = event;
    const text = Object.values(rest).join(" ");
    const { red, cyan } = this.output.paint;
    const word = name === "failed" ? red(name) : cyan(name);
    this.output.tell(event, `${this.output.clock()}  #${connection} ${word} ${text}`.trimEnd());
  }

  private reading() {
    const secrets = secretsOf(this.options);
    const protocol = this.options.lan === undefined ? ("mqtt" as const) : ("frames" as const);
    return { protocol, keys: () => new SessionKeys(secrets) };
  }

  private tell(items: Told[]): void {
    for (const { kind, ...rest } of items) {
      const [first, ...more] = itemLines({ kind, ...rest } as Told, this.output.paint);
      const text = [`${this.output.clock()}  #${rest.connection} ${first}`, ...more].join("\n");
      this.output.tell({ event: kind, ...rest } as Happening, text);
    }
  }
}
