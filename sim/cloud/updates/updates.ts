/** The update service: offers releases to devices (0111), tells them where the file is (0113), follows them (0114). */
import * as protocol from "../../../src/codec/commands.js";
import { decodeFrame } from "../../../src/codec/frame.js";
import { decodeTtlv, find, findBytes, findNumber, type Node } from "../../../src/codec/ttlv.js";
import { compareVersions, isVersion } from "../../update/version.js";
import type { DeviceRecord } from "../device-record.js";
import type { EventName, Tell } from "../events.js";
import type { Registry } from "../registry.js";
import { advance, isOpen, isUnderWay, stateName, type Progress } from "./progress.js";
import { includes, type Download, type Release } from "./release.js";
import type { Releases } from "./releases.js";

/** The name of what is updated; devices echo it. */
const COMPONENT = "module";
const MODULE = 0;

/** The devices that are online, and how they are sent frames of class `ota`. */
export interface Channel {
  isOnline(device: DeviceRecord): boolean;
  send(device: DeviceRecord, cmd: number, nodes: Node[]): void;
}

/** What is known of a device's version, without the suffix of an application. */
const versionOf = ({ info }: DeviceRecord): string =>
  /^\d[\d.]*\d|^\d/.exec(String(info.get(protocol.INFO_FIRMWARE) ?? ""))?.[0] ?? "";

const isOurs = ({ info }: DeviceRecord): boolean =>
  String(info.get(protocol.INFO_SDK) ?? "").startsWith(protocol.SDK_NAME);

const about = ({ product, dk }: DeviceRecord) => ({ pk: product.pk, dk });

export class Updates {
  /** URL of the cloud's HTTP side. */
  origin = "";
  /** Devices that have told their version on this connection: those that listen. */
  private readonly ready = new Set<DeviceRecord>();
  /** Those that were sent 0111 or 0113 on this connection, and have not answered. */
  private readonly asked = new Map<DeviceRecord, string>();
  /** Bytes of the file that a device has been sent. */
  private readonly loaded = new Map<DeviceRecord, number>();

  constructor(
    readonly releases: Releases,
    readonly registry: Registry,
    readonly tell: Tell,
    private readonly channel: Channel,
  ) {}

  /** Offers a release that was added or staged anew. @param retry also to devices that failed or refused */
  stage({ id, pk, version, percent }: Release, retry: boolean): void {
    this.tell({ event: "updateStaged", pk, version, percent });
    for (const device of this.registry.all()) {
      const { update } = device;
      const again = update?.release === id && (update.ended === "failed" || update.ended === "refused");
      if (retry && again) device.update = undefined;
      device.save();
      if (this.ready.has(device)) this.offer(device);
    }
  }

  /** The device is subscribed: it may have told its version before. */
  listens(device: DeviceRecord): void {
    if (this.ready.has(device)) this.arrived(device)();
  }

  /** The connection of a device has ended, or a new one has begun. */
  left(device: DeviceRecord): void {
    this.ready.delete(device);
    this.asked.delete(device);
  }

  /** Takes a message that the device has sent. @returns what is to be done once its record is durable */
  take(device: DeviceRecord, payload: string): () => void {
    const { cmd, data } = decodeFrame(payload)!;
    if (cmd === protocol.CMD_INFO || cmd === protocol.CMD_INFO_ANSWER) return this.arrived(device);
    const nodes = decodeTtlv(data) ?? [];
    if (cmd === protocol.CMD_UPDATE_ASK) return this.askedFor(device, findBytes(nodes, protocol.UPDATE_VERSION));
    return cmd === protocol.CMD_UPDATE_STATE ? this.reported(device, nodes) : () => {};
  }

  /** The device has been sent the file up to there. */
  served(device: DeviceRecord, end: number): void {
    this.loaded.set(device, Math.max(end, this.loaded.get(device) ?? 0));
  }

  /** The release's bytes that a device has been sent, at most. */
  loadedBy(device: DeviceRecord): number {
    return this.loaded.get(device) ?? 0;
  }

  /** What a device downloads of a release. */
  downloadFor(device: DeviceRecord, release: Release): Download {
    return isOurs(device) ? release.signed : release.image;
  }

  /** Whether a device is known to have a newer version than a release. */
  isNewer(device: DeviceRecord, { version }: Release): boolean {
    const present = versionOf(device);
    return isVersion(present) && compareVersions(present, version) > 0;
  }

  private arrived(device: DeviceRecord): () => void {
    this.ready.add(device);
    const { update } = device;
    // It has confirmed the task, and the file's place has not reached it.
    if (update?.state === protocol.UPDATE_CONFIRMED && !update.ended) return () => this.sendFile(device, update);
    return () => this.offer(device);
  }

  /** The device asks for an update: what it had begun before is forgotten there. */
  private askedFor(device: DeviceRecord, version: string | undefined): () => void {
    if (version) device.info.set(protocol.INFO_FIRMWARE, version);
    this.ready.add(device);
    const { update } = device;
    if (update && isUnderWay(update)) {
      update.state = protocol.UPDATE_IDLE;
      this.asked.delete(device);
    }
    return () => this.offer(device);
  }

  private reported(device: DeviceRecord, nodes: Node[]): () => void {
    const state = findNumber(nodes, protocol.UPDATE_STATE);
    const { update } = device;
    const release = update && this.releases.find(update.release);
    if (state === undefined || !stateName(state)) return () => this.told(device, "malformed", "0114 without a state");
    const version = findBytes(nodes, protocol.UPDATE_VERSION) ?? release?.version;
    const other = state === protocol.UPDATE_DONE && version !== release?.version;
    if (!update || !release || other || !isOpen(update, state)) {
      return () => this.told(device, "updateState", `${state}, of no task`);
    }
    if (this.isLate(device, state)) return () => {};
    if (state !== update.state && state !== protocol.UPDATE_ASKED) this.asked.delete(device);
    const next = advance(update, state);
    return () => {
      this.told(device, "updateState", `${state} ${stateName(state)}`, release);
      if (update.ended) this.concluded(device, update, release);
      if (update.ended || next === "task") this.offer(device);
      if (next === "file") this.sendFile(device, update, find(nodes, protocol.UPDATE_CHECK) !== undefined);
    };
  }

  /** A failing attempt may be reported twice: the second report comes after the file's place was sent once more. */
  private isLate(device: DeviceRecord, state: number): boolean {
    return state === protocol.UPDATE_INTERRUPTED && device.update!.state === state && this.asked.has(device);
  }

  private concluded(device: DeviceRecord, { ended, state }: Progress, release: Release): void {
    const names: Record<string, EventName> = { updated: "updated", refused: "updateRefused" };
    if (ended === "updated") device.info.set(protocol.INFO_FIRMWARE, release.version);
    device.save();
    const why = names[ended!] ? undefined : `the device reported ${state} ${stateName(state)}`;
    this.told(device, names[ended!] ?? "updateFailed", why, release);
  }

  /** The newest release that is for this device and that it has not ended with. */
  private due(device: DeviceRecord): Release | undefined {
    const { update } = device;
    if (update && isUnderWay(update) && this.releases.find(update.release)) return undefined;
    const release = this.releases.of(device.product.pk).find((one) => includes(one, device.dk));
    if (!release || (update?.ended && update.release === release.id)) return undefined;
    // Never an older one: a newer release was withdrawn, or the device has it from elsewhere.
    return this.isNewer(device, release) ? undefined : release;
  }

  /** Sends the task, once a connection. */
  private offer(device: DeviceRecord): void {
    const release = this.channel.isOnline(device) ? this.due(device) : undefined;
    if (!release || this.asked.get(device) === release.id) return;
    const { id, version } = release;
    const kept = device.update?.release === id ? device.update : undefined;
    const present = versionOf(device);
    if (!kept && isVersion(present) && !compareVersions(present, version)) {
      device.update = { release: id, state: protocol.UPDATE_IDLE, interruptions: 0, ended: "current" };
      return this.keep(device, () => this.told(device, "updateState", "it has this version already", release));
    }
    device.update = kept ?? { release: id, state: protocol.UPDATE_IDLE, interruptions: 0 };
    this.asked.set(device, id);
    if (!kept) this.loaded.delete(device);
    this.keep(device, () => {
      this.sendTask(device, release, String(device.info.get(protocol.INFO_FIRMWARE) ?? ""));
      this.told(device, "updateOffered", undefined, release);
    });
  }

  private keep(device: DeviceRecord, done: () => void): void {
    device.save();
    this.registry.durable(done);
  }

  private sendTask(device: DeviceRecord, release: Release, source: string): void {
    this.channel.send(device, protocol.CMD_UPDATE_TASK, [
      [protocol.UPDATE_COMPONENT, COMPONENT],
      ...(source ? ([[protocol.UPDATE_SOURCE, source]] as Node[]) : []),
      [protocol.UPDATE_TARGET, release.version],
      [protocol.UPDATE_TYPE, MODULE],
      [protocol.UPDATE_SPACE, this.downloadFor(device, release).bytes.length],
    ]);
  }

  /** @param check whether the device wants the SHA-256 */
  private sendFile(device: DeviceRecord, { release: id }: Progress, check = false): void {
    const release = this.releases.find(id);
    const mark = `${id} file`;
    if (!release || this.asked.get(device) === mark || !this.channel.isOnline(device)) return;
    this.asked.set(device, mark);
    const { bytes, md5, crc, sha256 } = this.downloadFor(device, release);
    this.channel.send(device, protocol.CMD_UPDATE_FILE, [
      [protocol.UPDATE_URL, `${this.origin}/updates/${id}/${device.product.pk}/${device.dk}`],
      [protocol.UPDATE_SIZE, bytes.length],
      [protocol.UPDATE_MD5, md5],
      [protocol.UPDATE_COMPONENT, COMPONENT],
      [protocol.UPDATE_TARGET, release.version],
      [protocol.UPDATE_TYPE, MODULE],
      [protocol.UPDATE_CRC, crc],
      ...(check ? ([[protocol.UPDATE_SHA256, sha256]] as Node[]) : []),
    ]);
    this.told(device, "updateSent", undefined, release);
  }

  private told(device: DeviceRecord, event: EventName, message?: string, release?: Release): void {
    this.tell({ event, ...about(device), version: release?.version, message });
  }
}
