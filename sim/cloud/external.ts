/**
 * An existing broker, Mosquitto or EMQX: the cloud is one of its clients. It learns of the devices' subscriptions from
 * what the broker publishes below $SYS, and of their passwords from the broker's HTTP hook, if it has one.
 */
import mqtt, { type IPublishPacket, type MqttClient } from "mqtt";

import { CMD_INFO_READ } from "../../src/codec/commands.js";
import { FailedError, messageOf } from "../errors.js";
import type { Admission } from "./admission.js";
import type { Broker } from "./broker.js";
import type { Connections } from "./connections.js";
import { NOTICE_TOPICS, noticeOf } from "./notices.js";
import type { Session, Wire } from "./session.js";

export interface ExternalBroker {
  /** mqtt://host[:port] or mqtts://host[:port] */
  url: string;
  username?: string;
  password?: string;
  /** It asks POST /mqtt/auth about every client. Otherwise a device is not verified, and its clientId is believed. */
  verifies?: boolean;
}

/** Milliseconds for the first connection. */
const PATIENCE = 10_000;
/** Milliseconds from the hook's answer to the device's subscription. */
const ADMITTED_FOR = 30_000;

const REPORTS = ["q/2/d/+/+", "q/2/d/+/+/+"];

class ExternalWire implements Wire {
  readonly confirms = false;

  constructor(private readonly client: MqttClient) {}

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
  /** By clientId: the connections that have been heard of. */
  private readonly sessions = new Map<string, Session>();
  /** Those of them that have published before their subscription was heard of. */
  private readonly early = new Set<string>();
  /** By clientId: what the hook was told of connections that have not been heard of yet. */
  private readonly admitted = new Map<string, Admission>();

  private constructor(
    readonly url: string,
    private readonly client: MqttClient,
    private readonly connections: Connections,
    private verifies: boolean,
  ) {
    client.on("message", (topic, payload, packet) => this.received(topic, payload, packet));
  }

  /** @throws FailedError when the broker cannot be reached or refuses */
  static async start(connections: Connections, options: ExternalBroker): Promise<ForeignBroker> {
    const { url, username, password, verifies = false } = options;
    const client = mqtt.connect(url, { username, password, reconnectPeriod: 1000, connectTimeout: PATIENCE });
    const broker = new ForeignBroker(url, client, connections, verifies);
    try {
      await new Promise<void>((resolve, reject) => {
        client
          .once("connect", () => resolve())
          .once("error", reject)
          .once("close", () => reject(new Error("closed")));
      });
      await client.subscribeAsync(NOTICE_TOPICS, { qos: 0 });
      await client.subscribeAsync(REPORTS, { qos: 1 });
    } catch (error) {
      await client.endAsync(true);
      throw new FailedError(`no broker at ${url} (${messageOf(error)}): check its address, and its user and password`);
    }
    client.on("error", () => {}).on("connect", () => broker.returned());
    broker.askAll();
    return broker;
  }

  async stop(): Promise<void> {
    await this.client.endAsync(true);
  }

  /**
   * The broker's hook: may this client connect? A refused device may, to hear why, unless that would end the connection
   * of the device that it claims to be; a stranger may not.
   */
  authenticate(clientId: string, password: string): boolean {
    this.verifies = true;
    const admission = this.connections.admit(clientId, password);
    if ("refusal" in admission && (admission.pk === undefined || this.isOnline(clientId))) return false;
    this.admitted.set(clientId, admission);
    const forget = (): void => {
      if (this.admitted.get(clientId) === admission) this.admitted.delete(clientId);
    };
    setTimeout(forget, ADMITTED_FOR).unref();
    return true;
  }

  /** Who came and went while the broker was away was not heard; but a refusal stands until the next password. */
  private returned(): void {
    for (const [clientId, { admission }] of [...this.sessions]) if ("device" in admission) this.gone(clientId);
    this.askAll();
  }

  /** Every device that is there answers a request for its information, once the cloud hears answers. */
  private askAll(): void {
    for (const { product, dk } of this.connections.registry.all()) {
      const clientId = `qd${product.pk}${dk}`;
      const wire = new ExternalWire(this.client);
      this.connections.open(wire, clientId, this.connections.admissionOf(clientId)).send(CMD_INFO_READ, []);
    }
  }

  private isOnline(clientId: string): boolean {
    const session = this.sessions.get(clientId);
    return session !== undefined && "device" in session.admission;
  }

  private received(topic: string, payload: Buffer, { retain }: IPublishPacket): void {
    // What a broker has kept is no device's word of now.
    if (retain) return;
    const [, , , clientId] = topic.split("/");
    if (topic.startsWith("q/2/d/")) return this.published(clientId, topic, payload);
    const notice = noticeOf(topic, payload.toString());
    if (notice?.filter === undefined) this.gone(notice?.clientId);
    else if (notice.filter === `q/1/d/${notice.clientId}/+`) this.subscribed(notice.clientId);
  }

  private subscribed(clientId: string): void {
    const session = this.sessions.get(clientId);
    const known = this.early.delete(clientId) || (this.verifies && !this.admitted.has(clientId));
    this.connections.subscribed(session && known ? session : this.open(clientId));
  }

  private published(clientId: string, topic: string, payload: Buffer): void {
    let session = this.sessions.get(clientId);
    if (!session || this.admitted.has(clientId)) {
      // A device subscribes before it publishes, even if the broker has not told so, or told a cloud that has ended.
      session = this.open(clientId);
      this.early.add(clientId);
      this.connections.subscribed(session);
    }
    const segment = session.classOf(topic);
    if ("refusal" in session.admission) return;
    if (!segment) return this.connections.strayed(session, topic, "a device publishes on its class sys, bus or ota");
    this.connections.take(session, session.admission.device, segment, payload);
  }

  /** A new connection of a client. */
  private open(clientId: string): Session {
    this.gone(clientId);
    const admission = this.admitted.get(clientId) ?? this.connections.believe(clientId, this.verifies);
    this.admitted.delete(clientId);
    const session = this.connections.open(new ExternalWire(this.client), clientId, admission);
    this.sessions.set(clientId, session);
    return session;
  }

  /** A connection has ended; what the hook was told of the next one stands. */
  private gone(clientId = ""): void {
    const session = this.sessions.get(clientId);
    this.sessions.delete(clientId);
    this.early.delete(clientId);
    if (session) this.connections.closed(session);
  }
}
