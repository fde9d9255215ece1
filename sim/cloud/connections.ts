/** The cloud's side of all connections, whatever broker carries them: issues DS, takes reports, sends keys and results. */
import { randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";

import * as protocol from "../../src/codec/commands.js";
import { nextPackageId } from "../../src/codec/frame.js";
import type { Node } from "../../src/codec/ttlv.js";
import { admit, believe, type Admission } from "./admission.js";
import { configurationOf, type Change } from "./configure.js";
import type { Passed } from "./console/console.js";
import type { DeviceRecord } from "./device-record.js";
import type { Tell } from "./events.js";
import { AUTHENTICATE_ANEW, REFUSALS, WRONG_DS } from "./refusals.js";
import type { Registry } from "./registry.js";
import { takeMessage } from "./reports.js";
import { Session, type Wire } from "./session.js";
import { Updates } from "./updates/updates.js";
import { Releases } from "./updates/releases.js";

const DS_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Milliseconds in which a device that was told to authenticate anew does so. */
const ANEW_MS = 60_000;
/** Milliseconds from a connection to its first 00B5, which a device that has something to report sends at once: chosen here. */
const REPORT_MS = 2000;

/** 32 letters and digits. */
const newDs = (): string => Array.from({ length: 32 }, () => DS_LETTERS[randomInt(DS_LETTERS.length)]).join("");

/** A text of strangers, for an event. */
const printable = (text: string): string => text.replace(/[^\x21-\x7e]/g, "?").slice(0, 80);

/** Milliseconds for a device to acknowledge or answer application data. */
const ANSWER_MS = 3000;

/** How sending application data to a device ended. */
export type Delivery = "offline" | "silent" | "done";

const about = ({ product, dk }: DeviceRecord) => ({ pk: product.pk, dk });

export class Connections {
  /** Devices that are subscribed. */
  private readonly online = new Map<DeviceRecord, Session>();
  /** When devices were told to authenticate anew, as their DS is wrong, or elsewhere. */
  private readonly toldAnew = new Map<DeviceRecord, number>();
  readonly updates: Updates;
  private packageId = 0;

  /**
   * @param strict nothing is sent or taken that the platform is not known to use
   * @param watch told each frame, in clear
   */
  constructor(
    readonly registry: Registry,
    readonly tell: Tell,
    private readonly strict = false,
    private readonly watch: (passed: Passed) => void = () => {},
    releases = new Releases(),
  ) {
    this.updates = new Updates(releases, registry, tell, {
      isOnline: (device) => this.isOnline(device),
      send: (device, cmd, nodes) => this.online.get(device)?.sendUpdate(cmd, nodes),
    });
  }

  /** Decides who a client is, and says so. */
  admit(clientId: string, password: string): Admission {
    return this.announce(clientId, admit(this.registry, clientId, password));
  }

  /**
   * Who a client is by its name alone, where this cloud has not seen its password.
   * @param verified whether the broker has had it checked; otherwise the client is given its DS again
   */
  believe(clientId: string, verified: boolean): Admission {
    return this.announce(clientId, believe(this.registry, clientId, verified));
  }

  /** As `believe`, of a device that may not be there: nothing is told. */
  admissionOf(clientId: string): Admission {
    return believe(this.registry, clientId, true);
  }

  open(wire: Wire, clientId: string, admission: Admission): Session {
    const nextId = (): number => (this.packageId = nextPackageId(this.packageId));
    const device = "device" in admission ? admission.device : undefined;
    if (device) this.updates.left(device);
    return new Session(wire, clientId, admission, nextId, (payload, sealed, segment) =>
      this.watch({ clientId, device, up: false, segment, sealed, payload }),
    );
  }

  isOnline(device: DeviceRecord): boolean {
    return this.online.has(device);
  }

  /** Whether a device has just come, and the report of another code may be behind its CONNECT. */
  mayReport(device: DeviceRecord): boolean {
    const session = this.online.get(device);
    return session !== undefined && !session.reported && session.age < REPORT_MS;
  }

  /** The device listens: it gets its refusal, or its DS and session key, and what it does not know yet. */
  subscribed(session: Session): void {
    const { admission } = session;
    if ("refusal" in admission) return this.refuse(session, admission.refusal);
    const { device } = admission;
    const again = this.online.get(device) === session;
    this.online.set(device, session);
    const issues = admission.authenticating && !again;
    // It has not done what it was told, or that server was not there.
    if (!admission.authenticating) this.toldAnew.delete(device);
    const nodes = issues ? this.issueDs(device, admission.keepDs) : [];
    this.registry.durable(() => {
      if (issues) this.tell({ event: "authenticated", ...about(device) });
      session.configure(nodes);
      this.catchUp(session, device);
      this.updates.listens(device);
    });
  }

  closed(session: Session): void {
    if ("refusal" in session.admission) return;
    const { device } = session.admission;
    if (this.online.get(device) === session) {
      this.online.delete(device);
      this.updates.left(device);
    }
    this.tell({ event: "disconnected", ...about(device) });
  }

  /**
   * Takes one publish of a device that was let in.
   * @param done called when what it has changed is durable
   */
  take(session: Session, device: DeviceRecord, segment: string, payload: Buffer, done = (): void => {}): void {
    const clear = session.unseal(payload);
    const sealed = clear !== payload;
    const { clientId, wire } = session;
    this.watch({ clientId, device, up: true, segment, sealed, payload: clear, address: wire.address });
    const plain = clear.toString("latin1");
    const caused: Parameters<Tell>[0][] = [];
    const answers: number[] = [];
    const complaint = takeMessage(device, segment, plain, {
      tell: (event) => caused.push(event),
      strict: this.strict,
      credentials: () => (session.settled = session.reported = true),
      echoed: (packageId, text) => {
        const good = session.echoed(device, packageId, text);
        if (good) caused.push({ event: "keyConfirmed", ...about(device) });
        return good;
      },
      answered: (packageId) => answers.push(packageId),
    });
    const updated = complaint ? () => {} : this.updates.take(device, plain);
    device.save();
    const { roundTrips } = session.wire;
    this.registry.durable(() => {
      for (const event of caused) this.tell(event.event === "window" ? { ...event, roundTrips } : event);
      for (const packageId of answers) session.answered(packageId);
      if (complaint) this.complain(session, device, complaint);
      else this.catchUp(session, device);
      updated();
      done();
    });
  }

  /** A client has used a topic that is not its own. */
  strayed(session: Session, topic: string, message: string): void {
    const device = "device" in session.admission ? about(session.admission.device) : {};
    this.tell({ event: "foreignTopic", ...device, topic: printable(topic), message });
  }

  /** Tells why a connection has ended: the broker could not read it. */
  unread(session: Session | null | undefined, why: string): void {
    const device = session && "device" in session.admission ? about(session.admission.device) : {};
    this.tell({ event: "malformed", ...device, message: `this is no MQTT 3.1.1 (${printable(why)})` });
  }

  /** Sends a device what it does not know, now or at its next connection. */
  tellResults(device: DeviceRecord): void {
    device.save();
    const session = this.online.get(device);
    if (session) this.registry.durable(() => this.catchUp(session, device));
  }

  /** Sends an operator's change to a device. @returns false when it is not online */
  configure(device: DeviceRecord, change: Change): boolean {
    const session = this.online.get(device);
    if (!session) return false;
    // One that is on its way already is sent again: the device may have taken it.
    if (change.ds) device.nextDs ??= newDs();
    if (change.server || change.reauthenticate) this.toldAnew.set(device, performance.now());
    device.save();
    this.registry.durable(() => {
      if (change.status) session.send(protocol.CMD_STATUS_READ, []);
      if (change.info) session.send(protocol.CMD_INFO_READ, []);
      const nodes = configurationOf(change, device.nextDs);
      if (nodes.length) session.configure(nodes);
      this.tell({ event: "configured", ...about(device), message: Object.keys(change).join(", ") });
    });
    return true;
  }

  /** Sends application data (0013, 0023) to a device. "done": it has acknowledged it. */
  control(device: DeviceRecord, cmd: number, data: string): Promise<Delivery> {
    return this.deliver(device, (session) => session.sendData(cmd, data));
  }

  /** Asks a device for properties, all without ids. "done": what it has answered is kept. */
  read(device: DeviceRecord, ids: number[]): Promise<Delivery> {
    return this.deliver(device, (session) => session.read(ids));
  }

  private async deliver(device: DeviceRecord, send: (session: Session) => Promise<void>): Promise<Delivery> {
    const session = this.online.get(device);
    if (!session) return "offline";
    const silence = new AbortController();
    const late = setTimeout(ANSWER_MS, "silent" as const, { signal: silence.signal }).catch(() => "silent" as const);
    const ended = await Promise.race([send(session).then(() => "done" as const), late]);
    silence.abort();
    return ended;
  }

  /** Forgets a device as if it had never come, and ends its connection. */
  forget(device: DeviceRecord): void {
    const session = this.online.get(device);
    this.registry.remove(device);
    this.tell({ event: "forgotten", ...about(device) });
    session?.wire.end();
  }

  /** Ends the connections of devices whose product is served no more. */
  drop(devices: DeviceRecord[]): void {
    for (const device of devices) this.online.get(device)?.wire.end();
  }

  private catchUp(session: Session, device: DeviceRecord): void {
    if (this.online.get(device) !== session || !session.settled) return;
    if (session.sendKey(device)) this.tell({ event: "keySent", ...about(device) });
    if (!this.strict) session.tellResults(device);
  }

  /**
   * Not by CONNACK, which silences the cloud's devices. A device whose DS is wrong is told to forget it: the vendor's SDK
   * 2.9.0 knows no code of 00A3 that would make it do so. The connection ends when this is out.
   */
  private refuse(session: Session, refusal: Extract<Admission, { refusal: unknown }>["refusal"]): void {
    const end = (): void => session.wire.end();
    if (AUTHENTICATE_ANEW.includes(refusal)) {
      session.send(protocol.CMD_CONFIG, [[protocol.CONFIG_REAUTHENTICATE, true]], undefined, end);
    } else session.send(protocol.CMD_EXCEPTION, [[protocol.EXCEPTION_CODE, refusal]], undefined, end);
  }

  private complain(session: Session, device: DeviceRecord, complaint: NonNullable<ReturnType<typeof takeMessage>>) {
    const { code, packageId, message } = complaint;
    this.tell({ event: "malformed", ...about(device), code, message });
    // The platform is known to send 00A3 about a connection only.
    if (this.strict) return;
    const nodes: Node[] = [[protocol.EXCEPTION_CODE, code]];
    if (packageId !== undefined) nodes.push([protocol.EXCEPTION_PACKAGE_ID, packageId]);
    session.send(protocol.CMD_EXCEPTION, nodes);
  }

  /** Tells who a client is. */
  private announce(clientId: string, admission: Admission): Admission {
    if ("device" in admission) this.tell({ event: "connected", ...about(admission.device) });
    else {
      const { refusal, pk = "", dk = "" } = admission;
      const device = this.registry.find(pk, dk);
      if (device && refusal === WRONG_DS) this.toldAnew.set(device, performance.now());
      this.tell({
        event: "refused",
        pk: admission.pk,
        dk: admission.dk,
        code: refusal,
        message: `${REFUSALS[refusal]} (${printable(clientId)})`,
      });
    }
    return admission;
  }

  /** @param keep whether one that was issued before is issued again */
  private issueDs(device: DeviceRecord, keep = false): Node[] {
    // A new DS may bring a new bindingSecret; it is the device's own doing unless it was told to.
    if (performance.now() - (this.toldAnew.get(device) ?? -Infinity) < ANEW_MS) device.changesSecret = true;
    this.toldAnew.delete(device);
    device.ds = (keep && (device.nextDs ?? device.ds)) || newDs();
    device.nextDs = undefined;
    device.save();
    return [[protocol.CONFIG_DS, device.ds]];
  }
}
