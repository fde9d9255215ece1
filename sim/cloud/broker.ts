/** The platform's MQTT side: lets devices in, issues DS, takes reports, tells results. */
import { randomInt, randomUUID } from "node:crypto";
import { createServer, type AddressInfo, type Server } from "node:net";

import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from "aedes";

import * as protocol from "../../src/codec/commands.js";
import { nextPackageId } from "../../src/codec/frame.js";
import type { Node } from "../../src/codec/ttlv.js";
import { admit } from "./admission.js";
import type { DeviceRecord } from "./device-record.js";
import type { Tell } from "./events.js";
import { REFUSALS } from "./refusals.js";
import type { Registry } from "./registry.js";
import { takeMessage } from "./reports.js";
import { Session } from "./session.js";

/** Milliseconds for a refused device to subscribe and hear why; then the connection ends anyway. */
const REFUSAL_LINGER = 3000;

const DS_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 32 letters and digits. */
const newDs = (): string => Array.from({ length: 32 }, () => DS_LETTERS[randomInt(DS_LETTERS.length)]).join("");

const printable = (text: string): string => text.replace(/[^\x21-\x7e]/g, "?").slice(0, 80);

const about = ({ product, dk }: DeviceRecord) => ({ pk: product.pk, dk });

export class Broker {
  private readonly sessions = new WeakMap<Client, Session>();
  /** Devices that are subscribed. */
  private readonly online = new Map<DeviceRecord, Session>();
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
    aedes.on("ack", (_packet, client) => this.sessions.get(client)?.acknowledged());
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

  /** Tells a device the results that it does not know, now or at its next connection, until it acknowledges. */
  tellResults(device: DeviceRecord): void {
    this.online.get(device)?.tellResults(device);
  }

  private admit(client: Client, password: string): void {
    const clientId = client.id;
    const admission = admit(this.registry, clientId, password);
    const nextId = (): number => (this.packageId = nextPackageId(this.packageId));
    this.sessions.set(client, new Session(client, clientId, admission, nextId));
    if ("device" in admission) return this.tell({ event: "connected", ...about(admission.device) });
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
    if ("refusal" in admission) {
      // Not by CONNACK, which silences the platform's devices; the connection ends when this is out.
      const nodes: Node[] = [[protocol.EXCEPTION_CODE, admission.refusal]];
      return session.send(protocol.CMD_EXCEPTION, nodes, undefined, () => client.conn.end());
    }
    const { device } = admission;
    if (admission.authenticating && this.online.get(device) !== session) this.issueDs(session, device);
    this.online.set(device, session);
    session.tellResults(device);
  }

  private issueDs(session: Session, device: DeviceRecord): void {
    device.ds = newDs();
    device.save();
    session.send(protocol.CMD_CONFIG, [[protocol.CONFIG_DS, device.ds]]);
    this.tell({ event: "authenticated", ...about(device) });
  }

  private left(client: Client): void {
    const session = this.sessions.get(client);
    if (!session || "refusal" in session.admission) return;
    const { device } = session.admission;
    if (this.online.get(device) === session) this.online.delete(device);
    this.tell({ event: "disconnected", ...about(device) });
  }

  /** @param done acknowledges the packet; with an error it ends the connection */
  private receive(client: Client, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const session = this.sessions.get(client)!;
    // What a refused device sends is not acknowledged: it would take that for "reported".
    if ("refusal" in session.admission) return;
    const segment = session.classOf(packet.topic);
    if (!segment) return done(new Error("not the device's own topic"));
    if (!session.repeats(packet)) this.take(session, session.admission.device, segment, packet.payload);
    done(null);
  }

  private take(session: Session, device: DeviceRecord, segment: string, payload: string | Buffer): void {
    const complaint = takeMessage(device, segment, payload.toString("latin1"), this.tell);
    device.save();
    if (!complaint) return;
    const { code, packageId, message } = complaint;
    this.tell({ event: "malformed", ...about(device), code, message });
    const nodes: Node[] = [[protocol.EXCEPTION_CODE, code]];
    if (packageId !== undefined) nodes.push([protocol.EXCEPTION_PACKAGE_ID, packageId]);
    session.send(protocol.CMD_EXCEPTION, nodes);
  }
}
