/** A device with two slots whose application has the module for updates; the test is its cloud. */

import { readFileSync } from "node:fs";
import { randomInt } from "node:crypto";

import type { Node } from "../../../src/codec/ttlv.js";
import * as protocol from "../../../src/codec/commands.js";
import { EmulatedDevice, engine, type Device, type EngineName } from "../../../sim/emulator/index.js";
import { encodeIdentity } from "../../../tools/factory/identity-image.js";
import { eventually } from "../../unit/sim/emulator/harness.js";
import { haste } from "../scenarios/world.js";
import { application, PK, updateKey } from "./files.js";

const built = (name: string): string => readFileSync(`build/${name}.min.js`, "latin1");
const TARGET = "2.0.0";

/** Uplinks: a state of 0114, or the version of 0115. */
export type Sent = [kind: string, cmd: number, nodes: Node[]];

export interface RigOptions {
  /** How many times faster time passes for the device. */
  haste?: number;
  files?: Record<string, string>;
  /** Whether the identity has the public key. Default true. */
  keyed?: boolean;
  app?: string;
}

export async function startDevice(name: EngineName, options: RigOptions = {}): Promise<Device> {
  const identity = { pk: PK, ps: "QUJDREVGR0hJSktM", dk: "OTA00001" };
  return engine(name).start({
    host: name === "emulator" ? `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}` : "127.0.0.1",
    storage: {
      ".bootcde": built("boot"),
      ...(options.haste && { ".boot0": haste(options.haste) }),
      "wb.a": options.app ?? application("one"),
      WifiBinding: built("WifiBinding"),
      WifiBindingOta: built("WifiBindingOta"),
      WifiBindingSlh: built("WifiBindingSlh"),
      ...options.files,
    },
    flash: [
      {
        offset: 0,
        bytes: encodeIdentity({ ...identity, updateKey: options.keyed === false ? undefined : updateKey() }),
      },
    ],
    networks: [],
  });
}

/** What the test does as the cloud. */
export class Rig {
  constructor(readonly device: Device) {}

  static async start(name: EngineName, options: RigOptions = {}): Promise<Rig> {
    return new Rig(await startDevice(name, options));
  }

  /** The application can be reached, and the cloud by it. */
  async online(): Promise<void> {
    await eventually(async () => {
      try {
        return (await this.device.eval("C.state?1:0")) === 1;
      } catch {
        return false;
      }
    }, 20_000);
    await this.device.eval(`(C.state({state:"connecting"}),C.state({state:"online"}),0)`);
  }

  private down(cmd: number, nodes: Node[]): Promise<unknown> {
    return this.device.eval(`C.on[${cmd}](1,${JSON.stringify(nodes)},"",${cmd})||0`);
  }

  /** 0111. */
  task(target = TARGET, more: Node[] = []): Promise<unknown> {
    return this.down(protocol.CMD_UPDATE_TASK, [
      [protocol.UPDATE_COMPONENT, "app"],
      [protocol.UPDATE_TARGET, target],
      [protocol.UPDATE_TYPE, 0],
      ...more,
    ]);
  }

  /** 0111 of several components. */
  tasks(list: Node[]): Promise<unknown> {
    return this.down(protocol.CMD_UPDATE_TASK, [[protocol.UPDATE_LIST, list]]);
  }

  /** 0113. */
  file(url: string, size: number, target = TARGET, without = 0): Promise<unknown> {
    const nodes: Node[] = [
      [protocol.UPDATE_URL, url],
      [protocol.UPDATE_SIZE, size],
      [protocol.UPDATE_MD5, "0".repeat(32)],
      [protocol.UPDATE_COMPONENT, "app"],
      [protocol.UPDATE_TARGET, target],
      [protocol.UPDATE_TYPE, 0],
      [protocol.UPDATE_CRC, "00000000"],
    ];
    return this.down(
      protocol.CMD_UPDATE_FILE,
      nodes.filter(([id]) => id !== without),
    );
  }

  async sent(): Promise<Sent[]> {
    return (await this.device.eval("C.sent")) as Sent[];
  }

  /** The states that were reported since the boot. */
  async states(): Promise<number[]> {
    const sent = await this.sent();
    return sent.filter(([, cmd]) => cmd === protocol.CMD_UPDATE_STATE).map(([, , nodes]) => nodes[0][1] as number);
  }

  /** Waits until a state has been reported since the boot. */
  reports(state: number, milliseconds = 30_000): Promise<unknown> {
    return eventually(async () => {
      try {
        return (await this.states()).includes(state);
      } catch {
        // It boots.
        return false;
      }
    }, milliseconds);
  }

  async told(event: string): Promise<Record<string, unknown>[]> {
    const told = (await this.device.eval("C.told")) as [string, Record<string, unknown>][];
    return told.filter(([name]) => name === event).map(([, details]) => details);
  }

  /** Waits for the code of a failure, or why. */
  async failure(milliseconds = 30_000): Promise<string> {
    const failed = await eventually(async () => (await this.told("failed"))[0], milliseconds);
    return String(failed.code);
  }

  /** Consents and gives the file. */
  async push(url: string, size: number): Promise<void> {
    await this.online();
    await this.task();
    await this.reports(protocol.UPDATE_CONFIRMED);
    await this.file(url, size);
  }

  /** Waits until an application has said its name since `from` lines. */
  boots(name: string, from = 0, milliseconds = 30_000): Promise<unknown> {
    return eventually(() => this.device.lines.slice(from).some((line) => line.includes(`app ${name}`)), milliseconds);
  }
}

export { EmulatedDevice };
