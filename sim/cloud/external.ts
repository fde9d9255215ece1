/**
 * An existing broker, Mosquitto or EMQX: the cloud is one of its clients. It learns of the devices' subscriptions from
 * what the broker publishes below $SYS, and of their passwords from the broker's HTTP hook, if it has one.
 */
import mqtt, { type MqttClient } from "mqtt";

import { CMD_INFO_READ } from "../../src/codec/commands.js";
import { FailedError, messageOf } from "../errors.js";
import type { Admission } from "./admission.js";
import type { Broker } from "./broker.js";
import type { Connections } from "./connections.js";
import type { Session, Wire } from "./session.js";

export interface ExternalBroker {
  /** mqtt://host[:port] or mqtts://host[:port] */
  url: string;
  username?: string;
  password?: string;
}

/** Milliseconds for the first connection. */
const PATIENCE = 10_000;

/** Mosquitto with `log_dest topic`: "<time>: <client> <qos> <topic>", and what it says of clients that leave. */
const MOSQUITTO_SUBSCRIBED = /^\d+: (\S+) \d (q\/1\/d\/\S+)$/;
const MOSQUITTO_GONE =
  /^\d+: Client (\S+) (?:disconnected|closed its connection|has exceeded timeout|already connected)/;
/** EMQX: $events/session_subscribed and $events/client_disconnected carry JSON. */
const TOPICS = { "$SYS/broker/log/#": 0, "$events/#": 0, "q/2/d/+/+": 1, "q/2/d/+/+/+": 1 } as const;

class ExternalWire implements Wire {
  constructor(private readonly client: MqttClient) {}

  /** The broker's acknowledgement stands for the device's: a device that was not there is told at its next connection. */
  publish(topic: string, payload: Buffer, acknowledged: () => void, written: () => void): void {
    this.client.publish(topic, payload, { qos: 1 }, (error) => {
      if (error) return;
      acknowledged();
      written();
    });
  }

  end(): void {}
}

export class ForeignBroker implements Broker {
  /** By clientId: those that are subscribed, and those that the hook has let in. */
  private readonly sessions = new Map<string, Session>();
  /** Devices that have published, and whose subscription was not heard of yet. */
  private readonly early = new Set<string>();
  private readonly admissions = new Map<string, Admission>();

  private constructor(
    readonly url: string,
    private readonly client: MqttClient,
    private readonly connections: Connections,
  ) {
    client.on("message", (topic, payload) => this.received(topic, payload));
    client.on("connect", () => {
      // After a break nobody knows who is still there.
      this.sessions.forEach((session) => connections.closed(session));
      this.sessions.clear();
      this.early.clear();
      this.askAll();
    });
  }

  /** @throws FailedError when the broker cannot be reached or refuses */
  static async start(connections: Connections, { url, username, password }: ExternalBroker): Promise<ForeignBroker> {
    const client = mqtt.connect(url, { username, password, reconnectPeriod: 1000, connectTimeout: PATIENCE });
    const broker = new ForeignBroker(url, client, connections);
    try {
      await new Promise<void>((resolve, reject) => {
        client
          .once("connect", () => resolve())
          .once("error", reject)
          .once("close", () => reject(new Error("closed")));
      });
      for (const [topic, qos] of Object.entries(TOPICS)) await client.subscribeAsync(topic, { qos });
    } catch (error) {
      await client.endAsync(true);
      throw new FailedError(`no broker at ${url} (${messageOf(error)}): check its address, and its user and password`);
    }
    client.on("error", () => {});
    return broker;
  }

  async stop(): Promise<void> {
    await this.client.endAsync(true);
  }

  /** The broker's hook: may this client connect? A refused device may, to hear why; a stranger may not. */
  authenticate(clientId: string, password: string): boolean {
    const admission = this.connections.admit(clientId, password);
    const isDevice = "device" in admission || admission.pk !== undefined;
    if (isDevice) this.admissions.set(clientId, admission);
    return isDevice;
  }

  private received(topic: string, payload: Buffer): void {
    const [, , , clientId] = topic.split("/");
    if (topic.startsWith("q/2/d/")) return this.published(clientId, topic, payload);
    const text = payload.toString();
    if (topic === "$events/session_subscribed" || topic === "$events/client_disconnected") {
      const event = eventOf(text);
      if (event.topic) this.subscribed(event.clientid, event.topic);
      else this.gone(event.clientid);
      return;
    }
    const [, subscriber, filter] = MOSQUITTO_SUBSCRIBED.exec(text) ?? [];
    if (subscriber) this.subscribed(subscriber, filter);
    const [, gone] = MOSQUITTO_GONE.exec(text) ?? [];
    if (gone) this.gone(gone);
  }

  private subscribed(clientId: string, filter: string): void {
    if (filter !== `q/1/d/${clientId}/+`) return;
    if (!this.early.delete(clientId)) this.open(clientId);
  }

  private open(clientId: string): Session {
    const admission = this.admissions.get(clientId) ?? this.connections.trust(clientId);
    const session = this.connections.open(new ExternalWire(this.client), clientId, admission);
    this.sessions.set(clientId, session);
    this.connections.subscribed(session);
    return session;
  }

  /** A device that publishes is there; its subscription may be heard of later, or was before this cloud could hear. */
  private openEarly(clientId: string): Session {
    this.early.add(clientId);
    return this.open(clientId);
  }

  /** Who is there already? Every device answers a request for its information. */
  private askAll(): void {
    for (const { product, dk } of this.connections.registry.all()) {
      const clientId = `qd${product.pk}${dk}`;
      const session = this.connections.open(
        new ExternalWire(this.client),
        clientId,
        this.connections.admissionOf(clientId),
      );
      session.send(CMD_INFO_READ, []);
    }
  }

  private gone(clientId: string): void {
    const session = this.sessions.get(clientId);
    this.sessions.delete(clientId);
    this.early.delete(clientId);
    this.admissions.delete(clientId);
    if (session) this.connections.closed(session);
  }

  private published(clientId: string, topic: string, payload: Buffer): void {
    const session = this.sessions.get(clientId) ?? this.openEarly(clientId);
    const segment = session.classOf(topic);
    if (!segment || "refusal" in session.admission) return;
    this.connections.take(session, session.admission.device, segment, payload);
  }
}

function eventOf(text: string): { clientid: string; topic?: string } {
  try {
    const { clientid, topic } = JSON.parse(text) as { clientid?: unknown; topic?: unknown };
    return { clientid: String(clientid), topic: typeof topic === "string" ? topic : undefined };
  } catch {
    return { clientid: "" };
  }
}
