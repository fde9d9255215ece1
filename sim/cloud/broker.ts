/** The cloud's own MQTT broker: lets devices in, and sees every acknowledgement. */
import { randomUUID } from "node:crypto";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from "aedes";

import { messageOf } from "../errors.js";
import { reachable } from "../listen.js";
import type { Certificate } from "../tls.js";
import type { Connections } from "./connections.js";
import { Gate } from "./gate.js";
import type { Session, Wire } from "./session.js";

/** Milliseconds for a refused device to subscribe and hear why; then the connection ends anyway. */
const REFUSAL_LINGER = 3000;

/** What carries the devices' connections. */
export interface Broker {
  readonly url: string;
  stop(): Promise<void>;
}

class ClientWire implements Wire {
  readonly confirms = true;
  /** What to do when the device acknowledges its downlinks, oldest first: MQTT demands that order. */
  readonly acknowledgements: (() => void)[] = [];
  private lastMessageId?: number;
  private trips = 0;
  private answered = -1;

  constructor(private readonly client: Client) {
    const socket = client.conn as unknown as Gate;
    socket.on("data", () => {
      // Bytes that come after others have gone out may have waited for them.
      if (socket.bytesWritten !== this.answered) this.trips++;
      this.answered = socket.bytesWritten;
    });
    // These came before anybody could count them.
    this.trips = 1;
    this.answered = socket.bytesWritten;
  }

  get address(): string | undefined {
    return (this.client.conn as unknown as Gate).address;
  }

  get roundTrips(): number {
    return this.trips;
  }

  publish(topic: string, payload: Buffer, acknowledged: () => void, written: () => void): void {
    this.acknowledgements.push(acknowledged);
    this.client.publish({ cmd: "publish", topic, payload, qos: 1, retain: false, dup: false }, () => written());
  }

  end(): void {
    this.client.conn.end();
  }

  /** Whether the device sends a packet again that was taken already. */
  repeats({ dup, qos, messageId }: PublishPacket): boolean {
    const repeated = dup && messageId === this.lastMessageId;
    if (qos) this.lastMessageId = messageId;
    return repeated;
  }
}

interface Place {
  session: Session;
  wire: ClientWire;
}

/** Ends a connection for a topic that an event has told already. */
class StrayedError extends Error {}

export class EmbeddedBroker implements Broker {
  private readonly places = new WeakMap<Client, Place>();
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly aedes: Aedes,
    private readonly connections: Connections,
    private readonly tls?: Certificate,
  ) {
    // The cloud's devices send a password without a username, which MQTT 3.1.1 forbids; this parser lets it pass.
    const serve = (socket: Socket): void => {
      const gate = new Gate(socket, (message) => connections.tell({ event: "malformed", message }));
      void aedes.handle(gate as unknown as Parameters<Aedes["handle"]>[0]);
    };
    this.server = tls ? createTlsServer({ ...tls, noDelay: true }, serve) : createServer({ noDelay: true }, serve);
    this.server.on("tlsClientError", (error: Error) => {
      connections.tell({ event: "malformed", message: `no TLS with a client (${messageOf(error)})` });
    });
    // One that is still shaking hands is no client of the broker yet.
    this.server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    aedes.authenticate = (client, _username, password, done) => {
      this.admit(client, password?.toString("latin1") ?? "");
      done(null as unknown as AuthenticateError, true);
    };
    aedes.authorizePublish = (client, packet, done) => {
      if (client) this.receive(client, packet, done);
      else done(null);
    };
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const own = this.isOwn(client, subscription);
      const place = this.places.get(client);
      if (!own && place)
        connections.strayed(place.session, subscription.topic, "a device subscribes to its own topics");
      done(null, own ? subscription : null);
    };
    aedes.on("subscribe", (subscriptions, client) => {
      const place = this.places.get(client);
      if (place && subscriptions.some((one) => this.isOwn(client, one))) connections.subscribed(place.session);
    });
    aedes.on("ack", (_packet, client) => this.places.get(client)?.wire.acknowledgements.shift()?.());
    const unread = (client: Client | null, error: Error): void => {
      if (error instanceof StrayedError) return;
      // A connection that is lost, or silent, is no fault of what it has sent.
      if ("code" in error || /in time|keep alive/.test(error.message)) return;
      connections.unread(client && this.places.get(client)?.session, error.message);
    };
    aedes.on("connectionError", unread).on("clientError", unread);
    aedes.on("clientDisconnect", (client) => {
      const place = this.places.get(client);
      if (place) connections.closed(place.session);
    });
  }

  static async start(connections: Connections, host: string, port: number, tls?: Certificate): Promise<EmbeddedBroker> {
    const broker = new EmbeddedBroker(await Aedes.createBroker(), connections, tls);
    try {
      await new Promise<void>((resolve, reject) => {
        broker.server.once("error", reject).listen(port, host, resolve);
      });
    } catch (error) {
      broker.aedes.close();
      throw error;
    }
    return broker;
  }

  get url(): string {
    const { address, port } = this.server.address() as AddressInfo;
    return `${this.tls ? "mqtts" : "mqtt"}://${reachable(address)}:${port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    await new Promise<void>((resolve) => this.aedes.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private admit(client: Client, password: string): void {
    const wire = new ClientWire(client);
    const admission = this.connections.admit(client.id, password);
    this.places.set(client, { wire, session: this.connections.open(wire, client.id, admission) });
    if ("device" in admission) return;
    // Under a name of its own: a stranger who uses a device's clientId must not end that device's connection.
    client.id = `refused-${randomUUID()}`;
    setTimeout(() => client.close(), REFUSAL_LINGER).unref();
  }

  private isOwn(client: Client, { topic }: Subscription): boolean {
    return topic === `q/1/d/${this.places.get(client)?.session.clientId}/+`;
  }

  /** @param done acknowledges the packet; with an error it ends the connection */
  private receive(client: Client, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const { session, wire } = this.places.get(client)!;
    // What a refused device sends is not acknowledged: it would take that for "reported".
    if ("refusal" in session.admission) return;
    const segment = session.classOf(packet.topic);
    if (!segment) {
      this.connections.strayed(session, packet.topic, "a device publishes on q/2/d/<clientId>/sys, bus or ota");
      return done(new StrayedError());
    }
    const payload = Buffer.from(packet.payload as Buffer);
    if (wire.repeats(packet)) return this.connections.registry.durable(() => done(null));
    this.connections.take(session, session.admission.device, segment, payload, () => done(null));
  }
}
