/** The cloud's side of all connections, whatever broker carries them: issues DS, takes reports, tells results. */
import { randomInt } from "node:crypto";

import * as protocol from "../../src/codec/commands.js";
import { nextPackageId } from "../../src/codec/frame.js";
import type { Node } from "../../src/codec/ttlv.js";
import { admit, believe, type Admission } from "./admission.js";
import { configurationOf, type Change } from "./configure.js";
import type { DeviceRecord } from "./device-record.js";
import type { Tell } from "./events.js";
import { REFUSALS } from "./refusals.js";
import type { Registry } from "./registry.js";
import { takeMessage } from "./reports.js";
import { Session, type Wire } from "./session.js";

const DS_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 32 letters and digits. */
const newDs = (): string => Array.from({ length: 32 }, () => DS_LETTERS[randomInt(DS_LETTERS.length)]).join("");

const printable = (text: string): string => text.replace(/[^\x21-\x7e]/g, "?").slice(0, 80);

const about = ({ product, dk }: DeviceRecord) => ({ pk: product.pk, dk });

export class Connections {
  /** Devices that are subscribed. */
  private readonly online = new Map<DeviceRecord, Session>();
  private packageId = 0;

  constructor(
    readonly registry: Registry,
    readonly tell: Tell,
  ) {}

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
    return new Session(wire, clientId, admission, nextId);
  }

  /** The device listens: it gets its refusal, or its DS and session key, and the results that it does not know. */
  subscribed(session: Session): void {
    const { admission } = session;
    if ("refusal" in admission) {
      // Not by CONNACK, which silences the cloud's devices; the connection ends when this is out.
      const nodes: Node[] = [[protocol.EXCEPTION_CODE, admission.refusal]];
      return session.send(protocol.CMD_EXCEPTION, nodes, undefined, () => session.wire.end());
    }
    const { device } = admission;
    const again = this.online.get(device) === session;
    this.online.set(device, session);
    session.configure(admission.authenticating && !again ? this.issueDs(device, admission.keepDs) : []);
    session.tellResults(device);
  }

  closed(session: Session): void {
    if ("refusal" in session.admission) return;
    const { device } = session.admission;
    if (this.online.get(device) === session) this.online.delete(device);
    this.tell({ event: "disconnected", ...about(device) });
  }

  /** Takes one publish of a device that was let in. */
  take(session: Session, device: DeviceRecord, segment: string, payload: Buffer): void {
    const plain = session.unseal(payload).toString("latin1");
    const caused: Parameters<Tell>[0][] = [];
    const complaint = takeMessage(device, segment, plain, (event) => caused.push(event));
    device.save();
    const { roundTrips } = session.wire;
    for (const event of caused) this.tell(event.event === "window" ? { ...event, roundTrips } : event);
    if (!complaint) return;
    const { code, packageId, message } = complaint;
    this.tell({ event: "malformed", ...about(device), code, message });
    const nodes: Node[] = [[protocol.EXCEPTION_CODE, code]];
    if (packageId !== undefined) nodes.push([protocol.EXCEPTION_PACKAGE_ID, packageId]);
    session.send(protocol.CMD_EXCEPTION, nodes);
  }

  /** Tells a device the results that it does not know, now or at its next connection, until it acknowledges. */
  tellResults(device: DeviceRecord): void {
    device.save();
    this.online.get(device)?.tellResults(device);
  }

  /** Sends an operator's change to a device. @returns false when it is not online */
  configure(device: DeviceRecord, change: Change): boolean {
    const session = this.online.get(device);
    if (!session) return false;
    // One that is on its way already is sent again: the device may have taken it.
    if (change.ds) device.nextDs ??= newDs();
    device.save();
    if (change.status) session.send(protocol.CMD_STATUS_READ, []);
    if (change.info) session.send(protocol.CMD_INFO_READ, []);
    const nodes = configurationOf(change, device.nextDs);
    if (nodes.length) session.configure(nodes);
    this.tell({ event: "configured", ...about(device), message: Object.keys(change).join(", ") });
    return true;
  }

  /** Tells who a client is. */
  private announce(clientId: string, admission: Admission): Admission {
    if ("device" in admission) this.tell({ event: "connected", ...about(admission.device) });
    else {
      const { refusal, pk, dk } = admission;
      this.tell({ event: "refused", pk, dk, code: refusal, message: `${REFUSALS[refusal]} (${printable(clientId)})` });
    }
    return admission;
  }

  /** @param keep whether one that was issued before is issued again */
  private issueDs(device: DeviceRecord, keep = false): Node[] {
    device.ds = (keep && (device.nextDs ?? device.ds)) || newDs();
    device.nextDs = undefined;
    device.save();
    this.tell({ event: "authenticated", ...about(device) });
    return [[protocol.CONFIG_DS, device.ds]];
  }
}
