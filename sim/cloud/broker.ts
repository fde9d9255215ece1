/** The platform's MQTT side: lets devices in, issues DS, takes reports, tells results. */
import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo, type Server } from "node:net";

import { Aedes, type AuthenticateError, type Client, type PublishPacket } from "aedes";

import * as protocol from "../../src/codec/commands.js";
import { decodeFrame, encodeFrame, nextPackageId, type Frame } from "../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, find, findBytes, findNumber, type Node } from "../../src/codec/ttlv.js";
import { isBindingCode } from "../../src/codec/code.js";
import { isKey } from "../../src/codec/identity.js";
import type { Tell } from "./events.js";
import { BAD_DEVICE_KEY, BAD_FLAG, checkAuthentication, checkConnection, OK, UNKNOWN_PK } from "./passwords.js";
import type { DeviceRecord, Registry } from "./registry.js";

/** One connection of a device. */
interface Session {
  device?: DeviceRecord;
  /** Why it is refused, by 00A3 as soon as it can hear; 0 when it is welcome. */
  refusal: number;
  /** Whether it asked for a DS. */
  authenticating: boolean;
}

const hexCommand = (cmd: number): string => cmd.toString(16).toUpperCase().padStart(4, "0");
const DS_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";

/** 32 characters, five random bits each. */
const newDs = (): string => [...randomBytes(32)].map((byte) => DS_LETTERS[byte & 31]).join("");

export class Broker {
  private readonly sessions = new Map<Client, Session>();
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
    aedes.authorizePublish = (client, packet, done) => done(client ? this.receive(client, packet) : null);
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const own = subscription.topic === `q/1/d/${client.id}/+`;
      done(own ? null : new Error("not the device's own topic"), subscription);
    };
    aedes.on("subscribe", (_subscriptions, client) => this.subscribed(client));
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

  /** Tells a device a result (00B6): now, or at its next connection. */
  result(device: DeviceRecord, nodes: Node[]): void {
    device.untold = encodeTtlv(nodes);
    for (const [client, session] of this.sessions) {
      if (session.device === device && !session.refusal) this.tellResult(client, device);
    }
  }

  private tellResult(client: Client, device: DeviceRecord): void {
    if (device.untold === undefined) return;
    this.send(client, protocol.CMD_BINDING_RESULT, device.untold);
    device.untold = undefined;
  }

  private admit(client: Client, password: string): void {
    const identity = this.registry.parseClientId(client.id);
    const session: Session = { refusal: UNKNOWN_PK, authenticating: password.startsWith("0;") };
    this.sessions.set(client, session);
    if (!identity) return;
    const { product, dk } = identity;
    const known = this.registry.find(product.pk, dk);
    if (!isKey(dk, 4, 32)) session.refusal = BAD_DEVICE_KEY;
    else if (session.authenticating) session.refusal = checkAuthentication(password, product, dk);
    else if (password.startsWith("1;")) session.refusal = checkConnection(password, product, known?.ds);
    else session.refusal = BAD_FLAG;
    if (session.refusal !== OK) return;
    session.device = session.authenticating ? this.registry.enrol(product, dk) : known;
    this.tell({ event: "connected", pk: product.pk, dk });
  }

  private subscribed(client: Client): void {
    const session = this.sessions.get(client);
    if (!session) return;
    const { device } = session;
    if (session.refusal || !device) return this.refuse(client, session.refusal);
    if (session.authenticating) {
      device.ds = newDs();
      this.send(client, protocol.CMD_CONFIG, encodeTtlv([[protocol.CONFIG_DS, device.ds]]));
      this.tell({ event: "authenticated", pk: device.product.pk, dk: device.dk });
    }
    this.tellResult(client, device);
  }

  private refuse(client: Client, code: number): void {
    this.tell({ event: "refused", code, message: `client ${client.id}` });
    this.send(client, protocol.CMD_EXCEPTION, encodeTtlv([[protocol.EXCEPTION_CODE, code]]), () => client.close());
  }

  private left(client: Client): void {
    const device = this.sessions.get(client)?.device;
    this.sessions.delete(client);
    if (device) this.tell({ event: "disconnected", pk: device.product.pk, dk: device.dk });
  }

  /** @returns an error for a topic that is not the device's own, which ends the connection */
  private receive(client: Client, { topic, payload }: PublishPacket): Error | null {
    const session = this.sessions.get(client);
    if (!topic.startsWith(`q/2/d/${client.id}/`)) return new Error("not the device's own topic");
    if (!session?.device || session.refusal) return null;
    const frame = decodeFrame(payload.toString("latin1"));
    if (!frame) this.malformed(session.device, "a frame that cannot be decoded");
    else if (frame.data === "") this.reported(session.device, frame.cmd, {});
    else this.take(session.device, frame);
    return null;
  }

  private take(device: DeviceRecord, frame: Frame): void {
    const nodes = decodeTtlv(frame.data);
    if (!nodes) return this.malformed(device, `content of ${hexCommand(frame.cmd)} is not TTLV`);
    if (frame.cmd === protocol.CMD_BINDING) this.takeCredentials(device, nodes);
    else this.reported(device, frame.cmd, {});
  }

  /** 00B5: a reset first, then the secret, then the code and its window. */
  private takeCredentials(device: DeviceRecord, nodes: Node[]): void {
    const code = findBytes(nodes, protocol.BINDING_CODE);
    const seconds = findNumber(nodes, protocol.BINDING_WINDOW);
    const secret = findBytes(nodes, protocol.BINDING_SECRET);
    if (find(nodes, protocol.BINDING_RESET) === true) device.reset();
    if (secret !== undefined) {
      const random = findBytes(nodes, protocol.BINDING_RANDOM) ?? "";
      const authentic = device.reportSecret(secret, random, findBytes(nodes, protocol.BINDING_OLD_SECRET));
      if (!authentic) this.tell({ event: "distrusted", pk: device.product.pk, dk: device.dk });
    }
    if (code !== undefined && !isBindingCode(code))
      return this.malformed(device, "the bindingCode is not 16 of 0-9A-F");
    if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= 0 && seconds <= 3600)) {
      return this.malformed(device, "the window is not 0-3600 seconds");
    }
    if (seconds !== undefined) device.report(code, seconds);
    this.reported(device, protocol.CMD_BINDING, seconds === undefined ? {} : { seconds });
  }

  private reported(device: DeviceRecord, cmd: number, more: { seconds?: number }): void {
    this.tell({ event: "reported", pk: device.product.pk, dk: device.dk, command: hexCommand(cmd), ...more });
  }

  private malformed(device: DeviceRecord, message: string): void {
    this.tell({ event: "malformed", pk: device.product.pk, dk: device.dk, message });
  }

  private send(client: Client, cmd: number, data: string, sent = () => {}): void {
    this.packageId = nextPackageId(this.packageId);
    const payload = Buffer.from(encodeFrame(this.packageId, cmd, data), "latin1");
    const topic = `q/1/d/${client.id}/sys`;
    client.publish({ cmd: "publish", topic, payload, qos: 1, retain: false, dup: false }, () => sent());
  }
}
