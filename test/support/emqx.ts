/**
 * What a cloud sees of EMQX 5, made of aedes: it asks an HTTP hook before it lets a client in (200 with `result`), and
 * publishes subscriptions and departures below $SYS/brokers/<node>/clients/<clientid>.
 */

import { createServer, type AddressInfo, type Server } from "node:net";

import { Aedes, type AuthenticateError, type Client } from "aedes";

const NODE = "$SYS/brokers/emqx@127.0.0.1/clients";

export class FakeEmqx {
  /** URL of the hook; without one everybody is let in. */
  hook?: string;
  private cloud?: Client;

  private constructor(
    private readonly aedes: Aedes,
    private readonly server: Server,
  ) {
    aedes.authenticate = (client, username, password, done) => {
      void this.ask(client, username, String(password ?? "")).then((allowed) =>
        done(allowed ? null : (Object.assign(new Error("refused"), { returnCode: 5 }) as AuthenticateError), allowed),
      );
    };
    aedes.on("subscribe", (subscriptions, client) => {
      for (const { topic } of subscriptions) this.tell(client, "subscribed", { topic });
    });
    aedes.on("clientDisconnect", (client) => this.tell(client, "disconnected", { reason: "discarded" }));
  }

  static async start(): Promise<FakeEmqx> {
    const aedes = await Aedes.createBroker();
    const server = createServer((socket) => void aedes.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FakeEmqx(aedes, server);
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Publishes something that no device has sent now. */
  publish(topic: string, payload: Buffer, retain: boolean): Promise<void> {
    const packet = { cmd: "publish" as const, topic, payload, qos: 1 as const, dup: false, retain };
    return new Promise((resolve) => this.aedes.publish(packet, () => resolve()));
  }

  /** Breaks the cloud's connection. */
  dropCloud(): void {
    this.cloud?.close();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    await new Promise<void>((resolve) => this.aedes.close(resolve));
    await closed;
  }

  /** The cloud's own user is one that the broker knows by itself. */
  private async ask(client: Client, username: string | undefined, password: string): Promise<boolean> {
    const clientid = client.id;
    if (username === "cloud") this.cloud = client;
    if (!this.hook || username === "cloud") return true;
    const body = JSON.stringify({ clientid, username, password });
    const response = await fetch(this.hook, { method: "POST", headers: { "content-type": "application/json" }, body });
    return response.status === 200 && ((await response.json()) as { result: string }).result === "allow";
  }

  private tell({ id: clientid }: Client, event: string, more: object): void {
    const payload = Buffer.from(JSON.stringify({ clientid, username: null, ...more }));
    this.aedes.publish(
      { cmd: "publish", topic: `${NODE}/${clientid}/${event}`, payload, qos: 0, dup: false, retain: false },
      () => {},
    );
  }
}
