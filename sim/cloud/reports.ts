/** Takes what a device publishes: status, information, binding credentials (00B5) and application data, all or nothing. */
import * as protocol from "../../src/codec/commands.js";
import { isBindingCode } from "../../src/codec/code.js";
import { decodeFrame, type Frame } from "../../src/codec/frame.js";
import { decodeTtlv, find, findBytes, findNumber, type Node, type Value } from "../../src/codec/ttlv.js";
import type { DeviceRecord } from "./device-record.js";
import type { Tell } from "./events.js";

/** What is wrong with a message: a code of 00A4, which this cloud sends back by 00A3, and the frame it is about. */
export interface Complaint {
  code: number;
  packageId?: number;
  message: string;
}

/** Seconds that a code is valid where the product does not say: the SDK's default. */
const WINDOW_SECONDS = 120;

/** Commands of the topic class `sys`, with the ids that the platform is known to use in them. */
const SYSTEM: Record<number, number[] | undefined> = {
  [protocol.CMD_STATUS]: range(1, 7),
  [protocol.CMD_STATUS_ANSWER]: range(1, 7),
  [protocol.CMD_INFO]: range(1, 14),
  [protocol.CMD_INFO_ANSWER]: range(1, 14),
  [protocol.CMD_EXCEPTION_UP]: range(1, 4),
  [protocol.CMD_BINDING]: [protocol.BINDING_SECRET, protocol.BINDING_CODE],
  [protocol.CMD_CONFIG_ECHO]: [protocol.CONFIG_SEALED],
};

/** The commands of the other classes that the platform is known to take. */
const KNOWN_BUS = [protocol.CMD_READ_ANSWER, protocol.CMD_REPORT, protocol.CMD_RAW_UP, 0x0122, 0x0123];
const KNOWN_OTA = [0x0112, 0x0114, 0x0115];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

const hexCommand = (cmd: number): string => cmd.toString(16).toUpperCase().padStart(4, "0");

/** What a message is taken for, besides the record. */
export interface Receiver {
  tell: Tell;
  /** Only what the platform's own devices send is taken. */
  strict: boolean;
  /** The device has said what it is known by, and whether it was reset. */
  credentials(): void;
  /** The device has sent back an authKey. @returns whether it is the one that was sent */
  echoed(packageId: number, text: string): boolean;
  /** The device has answered a read (0012). */
  answered(packageId: number): void;
}

/** The credentials of 00B5, or what is wrong with them in one sentence. */
function credentialsOf(nodes: Node[]): { secret?: string; code?: string } | string {
  const [code, secret] = [protocol.BINDING_CODE, protocol.BINDING_SECRET].map((id) => find(nodes, id));
  for (const [name, value] of [
    ["bindingCode (11)", code],
    ["bindingSecret (15)", secret],
  ] as const) {
    // prettier-ignore
    const fits = value === undefined || (typeof value === "string" && isBindingCode(value));
    if (!fits) return `the ${name} is not 16 characters 0-9A-F`;
  }
  if (code === undefined && secret === undefined) return "00B5 holds neither 11 nor 15";
  return { secret: secret as string | undefined, code: code as string | undefined };
}

/** The secret first: its change may mean a reset, which ends everything before the code. */
function takeCredentials(device: DeviceRecord, nodes: Node[], tell: Tell): string | undefined {
  const report = credentialsOf(nodes);
  if (typeof report === "string") return report;
  const { secret, code } = report;
  const about = { pk: device.product.pk, dk: device.dk };
  if (secret !== undefined && device.reportSecret(secret)) {
    tell({ event: "reset", ...about, message: "it reported another bindingSecret: its bindings are void" });
  }
  if (code === undefined) return undefined;
  const seconds = device.product.window ?? WINDOW_SECONDS;
  if (device.openWindow(code, seconds)) tell({ event: "window", ...about, seconds });
  else tell({ event: "stale", ...about, message: "it reported a code that is spent, withdrawn, replaced or expired" });
  return undefined;
}

function remember(into: Map<number, Value>, nodes: Node[]): void {
  for (const [id, value] of nodes) into.set(id, value);
}

/** Applies one frame of class `sys`. @returns what is wrong with its content */
function take(device: DeviceRecord, { id, cmd }: Frame, nodes: Node[], to: Receiver): string | undefined {
  if (cmd === protocol.CMD_BINDING) {
    const problem = takeCredentials(device, nodes, to.tell);
    if (problem) return problem;
    to.credentials();
  }
  if (cmd === protocol.CMD_CONFIG_ECHO && !to.echoed(id, findBytes(nodes, protocol.CONFIG_SEALED) ?? "")) {
    return "00B7 does not repeat the id 12 and the package id of the last 00B4";
  }
  if (cmd === protocol.CMD_STATUS || cmd === protocol.CMD_STATUS_ANSWER) remember(device.status, nodes);
  if (cmd === protocol.CMD_INFO || cmd === protocol.CMD_INFO_ANSWER) remember(device.info, nodes);
  const code = cmd === protocol.CMD_EXCEPTION_UP ? findNumber(nodes, protocol.EXCEPTION_CODE) : undefined;
  to.tell({ event: "reported", pk: device.product.pk, dk: device.dk, command: hexCommand(cmd), code });
  return undefined;
}

/** Applies one frame of class `bus` or `ota`. @returns what is wrong with its content */
function takeData(device: DeviceRecord, { id, cmd, data }: Frame, to: Receiver): string | undefined {
  const command = hexCommand(cmd);
  const answer = cmd === protocol.CMD_READ_ANSWER;
  if (answer || cmd === protocol.CMD_REPORT) {
    // An answer may have nothing to tell, a report may not.
    const nodes = data || !answer ? decodeTtlv(data) : [];
    if (!nodes) return `the content of ${command} is not TTLV`;
    if (nodes.some(([property]) => property === 0)) return `${command} has a property without an id`;
    device.data.take(nodes, Date.now());
  }
  if (cmd === protocol.CMD_RAW_UP) device.data.take([[0, data, true]], Date.now());
  if (answer) to.answered(id);
  to.tell({ event: "reported", pk: device.product.pk, dk: device.dk, command });
  return undefined;
}

/** What a real cloud is not known to take, in one sentence. */
function unknownPart(cmd: number, segment: string, nodes: Node[]): string | undefined {
  if (segment !== "sys") {
    const known = segment === "bus" ? KNOWN_BUS : KNOWN_OTA;
    return known.includes(cmd) ? undefined : `${hexCommand(cmd)} is no command of the platform's devices`;
  }
  const ids = nodes.map(([id]) => id);
  const foreign = ids.find((id) => !SYSTEM[cmd]!.includes(id));
  if (foreign !== undefined) return `${hexCommand(cmd)} has no id ${foreign} on the platform`;
  const ordered = cmd !== protocol.CMD_BINDING || ["15,11", "11"].includes(ids.join());
  return ordered ? undefined : "00B5 holds 15 and 11 in this order, or 11 alone";
}

/**
 * Takes one message of a device.
 * @param segment the topic's class: sys, bus or ota
 */
export function takeMessage(
  device: DeviceRecord,
  segment: string,
  payload: string,
  to: Receiver,
): Complaint | undefined {
  const content = protocol.UNPACK_CONTENT;
  const frame = decodeFrame(payload);
  if (!frame) return { code: content, message: "a frame that cannot be decoded" };
  const packageId = frame.id;
  const command = hexCommand(frame.cmd);
  const system = SYSTEM[frame.cmd] !== undefined;
  if (system !== (segment === "sys")) {
    return { code: protocol.UNPACK_COMMAND, packageId, message: `${command} does not belong on the topic ${segment}` };
  }
  const nodes = system ? decodeTtlv(frame.data) : [];
  // An answer may have nothing to tell.
  if (!nodes && frame.data) return { code: content, packageId, message: `the content of ${command} is not TTLV` };
  const foreign = to.strict ? unknownPart(frame.cmd, segment, nodes ?? []) : undefined;
  if (foreign) return { code: content, packageId, message: foreign };
  const problem = system ? take(device, frame, nodes ?? [], to) : takeData(device, frame, to);
  return problem === undefined ? undefined : { code: content, packageId, message: problem };
}
