/** The platform's MQTT side: lets devices in, issues DS, takes reports, tells results. */
import { randomInt, randomUUID } from "node:crypto";
import { createServer, type AddressInfo, type Server } from "node:net";

import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from "aedes";

import * as protocol from "../../src/codec/commands.js";
import { encodeFrame, nextPackageId } from "../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../src/codec/ttlv.js";
import { admit, type Admission } from "./admission.js";
import type { DeviceRecord, Result } from "./device-record.js";
import type { Tell } from "./events.js";
import { REFUSALS } from "./refusals.js";
import type { Registry } from "./registry.js";
import { takeMessage } from "./reports.js";

/** Milliseconds for a refused device to subscribe and hear why; then the connection ends anyway. */
const REFUSAL_LINGER = 3000;

/** One connection of a device. */
interface Session {
  clientId: string;
  admission: Admission;
  /** What to do when the device acknowledges its downlinks, oldest first: MQTT demands that order. */
  acknowledgements: (() => void)[];
  /** Results on their way. */
  sent: Set<Result>;
  /** Last QoS 1 packet id taken, to know its repetition. */
  lastMessageId?: number;
}

const DS_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 32 letters and digits. */
const newDs = (): string => Array.from({ length: 32 }, () => DS_LETTERS[randomInt(DS_LETTERS.length)]).join("");

const printable = (text: string): string => text.replace(/[^\x21-\x7e]/g, "?").slice(0, 80);

function resultNodes({ bound, reason, code, authKey }: Result): Node[] {
  const nodes: Node[] = [[protocol.RESULT_BOUND, bound]];
  if (code) nodes.push([protocol.RESULT_CODE, code]);
  if (authKey) nodes.push([protocol.RESULT_AUTH_KEY, authKey.toString("latin1")]);
  return [...nodes, [protocol.RESULT_REASON, reason]];
}

export class Broker {
  private readonly sessions = new WeakMap<Client, Session>();
  /** Devices that are subscribed. */
  private readonly online = new Map<DeviceRecord, Client>();
  private readonly server: Server;
  private packageId = 0;

  private constructor(
    private readonly aedes: Aedes,
    private readonly registry: Registry,
    private readonly tell: Tell,
  ) {
    // The platform's devices send a password without a username, which MQTT 3.1.1 forbids; this parser lets it pass.
    this.server = createServer((socket) => void aedes.handle(socket));
    aedes.authenticate = (client, _username, password, done) => {
      this.admit(client, password?.toString("latin1") ?? "");
      done(null as unknown as AuthenticateError, true);
    };
    aedes.authorizePublish = (client, packet, done) => {
      if (client) this.receive(client, packet, done);
      else done(null);
    };
    aedes.authorizeSubscribe = (client, subscription, done) => {
      done(null, this.isOwn(client, subscription) ? subscription : null);
    };
    aedes.on("subscribe", (subscriptions, client) => this.subscribed(client, subscriptions));
    aedes.on("ack", (_packet, client) => this.sessions.get(client)?.acknowledgements.shift()?.());
    aedes.on("clientDisconnect", (client) => this.left(client));
  }

  static async start(registry: Registry, tell: Tell, host: string, port: number): Promise<Broker> {
    const broker = new Broker(await Aedes.createBroker(), registry, tell);
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
    return `mqtt://${address}:${port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    await new Promise<void>((resolve) => this.aedes.close(resolve));
    await closed;
  }

  /** Tells a device the results that it does not know (00B6), now or at its next connection, until it acknowledges. */
  tellResults(device: DeviceRecord): void {
    const client = this.online.get(device);
    const session = client && this.sessions.get(client);
    if (!session) return;
    for (const result of device.untold.filter((one) => !session.sent.has(one))) {
      session.sent.add(result);
      this.send(client, protocol.CMD_BINDING_RESULT, resultNodes(result), () => device.told(result));
    }
  }

  private admit(client: Client, password: string): void {
    const clientId = client.id;
    const admission = admit(this.registry, clientId, password);
    this.sessions.set(client, { clientId, admission, acknowledgements: [], sent: new Set() });
    if ("device" in admission) {
      const { product, dk } = admission.device;
      return this.tell({ event: "connected", pk: product.pk, dk });
    }
    const { refusal, pk, dk } = admission;
    this.tell({ event: "refused", pk, dk, code: refusal, message: `${REFUSALS[refusal]} (${printable(clientId)})` });
    // Under a name of its own: a stranger who uses a device's clientId must not end that device's connection.
    client.id = `refused-${randomUUID()}`;
    setTimeout(() => client.close(), REFUSAL_LINGER).unref();
  }

  private isOwn(client: Client, { topic }: Subscription): boolean {
    return topic === `q/1/d/${this.sessions.get(client)?.clientId}/+`;
  }

  private subscribed(client: Client, subscriptions: Subscription[]): void {
    const session = this.sessions.get(client);
    if (!session || !subscriptions.some((one) => this.isOwn(client, one))) return;
    const { admission } = session;
    if ("refusal" in admission) return this.refuse(client, admission.refusal);
    const { device, authenticating } = admission;
    this.online.set(device, client);
    if (authenticating) {
      device.ds = newDs();
      this.send(client, protocol.CMD_CONFIG, [[protocol.CONFIG_DS, device.ds]]);
      this.tell({ event: "authenticated", pk: device.product.pk, dk: device.dk });
    }
    this.tellResults(device);
  }

  /** Says why by 00A3 and ends the connection once that is out: a refusing CONNACK silences the platform's devices. */
  private refuse(client: Client, code: number): void {
    this.send(client, protocol.CMD_EXCEPTION, [[protocol.EXCEPTION_CODE, code]], undefined, () => client.conn.end());
  }

  private left(client: Client): void {
    const admission = this.sessions.get(client)?.admission;
    if (!admission || "refusal" in admission) return;
    const { device } = admission;
    if (this.online.get(device) === client) this.online.delete(device);
    this.tell({ event: "disconnected", pk: device.product.pk, dk: device.dk });
  }

  /** @param done acknowledges the packet; with an error it ends the connection */
  private receive(client: Client, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const session = this.sessions.get(client)!;
    const { admission, clientId } = session;
    // What a refused device sends is not acknowledged: it would take that for "reported".
    if ("refusal" in admission) return;
    const [segment, ...more] = packet.topic.slice(`q/2/d/${clientId}/`.length).split("/");
    const own = packet.topic.startsWith(`q/2/d/${clientId}/`) && /^(sys|bus|ota)$/.test(segment) && more.length < 2;
    if (!own) return done(new Error("not the device's own topic"));
    const repeated = packet.dup && packet.messageId === session.lastMessageId;
    session.lastMessageId = packet.messageId;
    if (!repeated) this.take(client, admission.device, segment, packet.payload.toString("latin1"));
    done(null);
  }

  private take(client: Client, device: DeviceRecord, segment: string, payload: string): void {
    const complaint = takeMessage(device, segment, payload, this.tell);
    if (!complaint) return;
    const { code, packageId, message } = complaint;
    this.tell({ event: "malformed", pk: device.product.pk, dk: device.dk, code, message });
    const nodes: Node[] = [[protocol.EXCEPTION_CODE, code]];
    if (packageId !== undefined) nodes.push([protocol.EXCEPTION_PACKAGE_ID, packageId]);
    this.send(client, protocol.CMD_EXCEPTION, nodes);
  }

  /** Publishes a frame on the device's `sys` topic with QoS 1. */
  private send(client: Client, cmd: number, nodes: Node[], acknowledged = () => {}, written = () => {}): void {
    const { clientId, acknowledgements } = this.sessions.get(client)!;
    this.packageId = nextPackageId(this.packageId);
    acknowledgements.push(acknowledged);
    const payload = Buffer.from(encodeFrame(this.packageId, cmd, encodeTtlv(nodes)), "latin1");
    const topic = `q/1/d/${clientId}/sys`;
    client.publish({ cmd: "publish", topic, payload, qos: 1, retain: false, dup: false }, () => written());
  }
}
