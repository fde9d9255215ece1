/** The console's side of the cloud: watches events, frames and devices, and feeds them to the browsers that look. */
import type { ServerResponse } from "node:http";

import { CMD_RAW_UP, CMD_READ_ANSWER, CMD_REPORT } from "../../../src/codec/commands.js";
import type { DeviceRecord } from "../device-record.js";
import type { CloudEvent } from "../events.js";
import type { Product, User } from "../products.js";
import type { Registry } from "../registry.js";
import { shownValues } from "./data.js";
import { describe, type Seen, type ShownDevice } from "./describe.js";
import { Feed } from "./feed.js";
import { maskFrame } from "./masks.js";

/** A frame that has passed, in clear. */
export interface Passed {
  /** As the client names itself: `qd` + PK + DK. */
  clientId: string;
  device?: DeviceRecord;
  /** From the device. */
  up: boolean;
  /** sys, bus or ota. */
  segment: string;
  /** Whether a session key sealed it on the wire. */
  sealed: boolean;
  payload: Buffer;
  address?: string;
}

/** A press of the button of a simulated device. */
export type Press = "open" | "provision" | "reset";

export interface ConsoleOptions {
  /** Directory of the built page. */
  page: string;
  /** Directory of the files for devices, which the page flashes. */
  firmware?: string;
  /** The button of a simulated device, where this process has it. */
  press?: (pk: string, dk: string) => ((what: Press) => Promise<void>) | undefined;
}

/** Milliseconds between looks at the devices that may have changed. */
const LOOK_MS = 200;
/** Milliseconds in which a code is withdrawn that was spent or has ended. */
const WITHDRAWAL_MS = 5000;
/** Frames that can be shown unmasked. */
const RAW_KEPT = 1000;

/** Commands that tell values of properties. */
const TELLING = [CMD_READ_ANSWER, CMD_REPORT, CMD_RAW_UP].map((cmd) => cmd.toString(16).toUpperCase().padStart(4, "0"));

const keyOf = ({ product, dk }: DeviceRecord): string => `${product.pk} ${dk}`;
/** Without what only time changes. */
const lasting = (device: ShownDevice): string => JSON.stringify(device, (name, value) => (name === "left" ? 0 : value));

export class Console {
  /** URL of the broker, once it is there. */
  mqtt = "";
  readonly feed = new Feed();
  private readonly seen = new WeakMap<DeviceRecord, Seen>();
  private readonly raw = new Map<number, Buffer>();
  private readonly shown = new Map<string, string>();
  private frames = 0;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly registry: Registry,
    private readonly isOnline: (device: DeviceRecord) => boolean,
    private readonly world: () => { products: Product[]; users: User[] },
    readonly options: ConsoleOptions,
  ) {}

  /** Adds a browser. @param seen number of the last entry that it has */
  add(reader: ServerResponse, seen: string): void {
    const { products, users } = this.world();
    const world = {
      products: products.map(({ pk, name, bindingMode, window = 120 }) => ({ pk, name, bindingMode, window })),
      users: users.map(({ id }) => id),
      mqtt: this.mqtt,
    };
    const devices = [...this.registry.all()].map((device) => this.describe(device));
    this.feed.add(reader, seen, { world, devices });
  }

  event(event: CloudEvent): void {
    this.feed.keep("event", event);
    const device = this.registry.find(event.pk ?? "", event.dk ?? "");
    if (device) this.noteWindow(this.seenOf(device), event);
    if (device && this.feed.watched && TELLING.includes(event.command ?? "")) {
      this.feed.send("values", { pk: event.pk, dk: event.dk, values: shownValues(device) });
    }
    this.look();
  }

  frame({ clientId, device, up, segment, sealed, payload, address }: Passed): void {
    const number = ++this.frames;
    const time = Date.now();
    this.raw.set(number, payload);
    this.raw.delete(number - RAW_KEPT);
    const { bytes, masked } = maskFrame(payload.toString("latin1"), segment === "sys");
    const hex = Buffer.from(bytes, "latin1").toString("hex");
    const whose = device ? { pk: device.product.pk, dk: device.dk } : { clientId };
    this.feed.keep("frame", { number, time, ...whose, up, segment, sealed, masked, hex });
    if (!device) return;
    if (up) Object.assign(this.seenOf(device), { time, address });
    this.look();
  }

  /** A frame as it was, in hexadecimal. */
  unmasked(number: number): string | undefined {
    return this.raw.get(number)?.toString("hex");
  }

  close(): void {
    clearTimeout(this.timer);
    this.feed.close();
  }

  private seenOf(device: DeviceRecord): Seen {
    let seen = this.seen.get(device);
    if (!seen) this.seen.set(device, (seen = {}));
    return seen;
  }

  /**
   * A device withdraws a code by reporting another one, which no app is given: right after a code was spent, and at the
   * end of a window. The cloud cannot know it; the ring of such a code would only mislead.
   */
  private noteWindow(seen: Seen, { event, time, seconds = 0 }: CloudEvent): void {
    if (event === "bound") seen.spent = time;
    if (event !== "window") return;
    const near = (moment = 0): boolean => Math.abs(time - moment) < WITHDRAWAL_MS;
    seen.withdrawal = near(seen.spent) || (!seen.withdrawal && near(seen.ends));
    seen.spent = undefined;
    seen.ends = time + seconds * 1000;
  }

  /** Tells what has changed, a moment later. */
  private look(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.compare();
    }, LOOK_MS).unref();
  }

  private compare(): void {
    const gone = new Set(this.shown.keys());
    for (const device of this.registry.all()) {
      const key = keyOf(device);
      gone.delete(key);
      const shown = this.describe(device);
      const text = lasting(shown);
      if (this.shown.get(key) === text) continue;
      this.shown.set(key, text);
      this.feed.send("device", shown);
    }
    for (const key of gone) {
      this.shown.delete(key);
      const [pk, dk] = key.split(" ");
      this.feed.send("gone", { pk, dk });
    }
  }

  private describe(device: DeviceRecord): ShownDevice {
    const button = this.options.press?.(device.product.pk, device.dk) !== undefined;
    return describe(device, this.isOnline(device), this.seenOf(device), button);
  }
}
