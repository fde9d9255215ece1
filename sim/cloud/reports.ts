/** Takes what a device publishes: status, information, and the binding credentials of 00B5, all or nothing. */
import * as protocol from "../../src/codec/commands.js";
import { isBindingCode } from "../../src/codec/code.js";
import { decodeFrame, type Frame } from "../../src/codec/frame.js";
import { decodeTtlv, find, findBytes, findNumber, type Node, type Value } from "../../src/codec/ttlv.js";
import type { DeviceRecord, SealedSecret } from "./device-record.js";
import type { Tell } from "./events.js";

/** What is wrong with a message: a code of 00A4, which this cloud sends back by 00A3, and the frame it is about. */
export interface Complaint {
  code: number;
  packageId?: number;
  message: string;
}

interface CredentialReport {
  reset: boolean;
  secret?: SealedSecret;
  /** The window; 0 seconds closes it. */
  window?: { code: string; seconds: number };
}

/** Commands whose topic class is `sys`; the other classes carry what only the product's owner understands. */
const SYSTEM = [
  protocol.CMD_STATUS,
  protocol.CMD_STATUS_ANSWER,
  protocol.CMD_INFO,
  protocol.CMD_INFO_ANSWER,
  protocol.CMD_EXCEPTION_UP,
  protocol.CMD_BINDING,
];

const hexCommand = (cmd: number): string => cmd.toString(16).toUpperCase().padStart(4, "0");

/** Length of a window, or what is wrong with it in one sentence. */
function windowOf(nodes: Node[]): CredentialReport["window"] | string {
  const code = find(nodes, protocol.BINDING_CODE);
  const seconds = find(nodes, 14);
  if (code === undefined && seconds === undefined) return undefined;
  if (typeof seconds !== "number") return "a bindingCode (11) needs the length of its window (14)";
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > 3600) return "the window (14) is not 0-3600 seconds";
  if (seconds === 0) return { code: "", seconds };
  if (typeof code !== "string" || !isBindingCode(code)) return "the bindingCode (11) is not 16 characters 0-9A-F";
  return { code, seconds };
}

function secretOf(nodes: Node[]): SealedSecret | string | undefined {
  const sealed = findBytes(nodes, protocol.BINDING_SECRET);
  if (sealed === undefined) return undefined;
  const random = findBytes(nodes, 13) ?? "";
  if (!/^[0-9A-Za-z]{16}$/.test(random)) return "the random (13) is not 16 characters 0-9A-Za-z";
  return { sealed, random, old: findBytes(nodes, 17) };
}

function credentialsOf(nodes: Node[]): CredentialReport | string {
  const reset = find(nodes, 16) === true;
  const secret = secretOf(nodes);
  const window = windowOf(nodes);
  if (typeof secret === "string") return secret;
  if (typeof window === "string") return window;
  return reset || secret || window ? { reset, secret, window } : "00B5 holds none of 11, 12, 14 and 16";
}

/** A reset first, then the secret, then the code and its window. */
function takeCredentials(device: DeviceRecord, { reset, secret, window }: CredentialReport, tell: Tell): void {
  const about = { pk: device.product.pk, dk: device.dk };
  if (reset) device.reset();
  if (secret && !device.reportSecret(secret)) {
    tell({
      event: "distrusted",
      ...about,
      message: "check PS, PK and DK in its flash, and the secret that it replaces",
    });
  }
  if (!window) return;
  const { code, seconds } = window;
  if (seconds === 0) device.closeWindow();
  else if (!device.openWindow(code, seconds)) return;
  tell({ event: "window", ...about, seconds });
}

function remember(into: Map<number, Value>, nodes: Node[]): void {
  for (const [id, value] of nodes) into.set(id, value);
}

/** Applies one frame of class `sys`. @returns what is wrong with its content */
function take(device: DeviceRecord, { cmd }: Frame, nodes: Node[], tell: Tell): string | undefined {
  if (cmd === protocol.CMD_BINDING) {
    const report = credentialsOf(nodes);
    if (typeof report === "string") return report;
    takeCredentials(device, report, tell);
  }
  if (cmd === protocol.CMD_STATUS || cmd === protocol.CMD_STATUS_ANSWER) remember(device.status, nodes);
  if (cmd === protocol.CMD_INFO || cmd === protocol.CMD_INFO_ANSWER) remember(device.info, nodes);
  const code = cmd === protocol.CMD_EXCEPTION_UP ? findNumber(nodes, protocol.EXCEPTION_CODE) : undefined;
  tell({ event: "reported", pk: device.product.pk, dk: device.dk, command: hexCommand(cmd), code });
  return undefined;
}

/**
 * Takes one message of a device.
 * @param segment the topic's class: sys, bus or ota
 */
export function takeMessage(device: DeviceRecord, segment: string, payload: string, tell: Tell): Complaint | undefined {
  const content = protocol.UNPACK_CONTENT;
  const frame = decodeFrame(payload);
  if (!frame) return { code: content, message: "a frame that cannot be decoded" };
  const packageId = frame.id;
  const command = hexCommand(frame.cmd);
  if (SYSTEM.includes(frame.cmd) !== (segment === "sys")) {
    return { code: protocol.UNPACK_COMMAND, packageId, message: `${command} does not belong on the topic ${segment}` };
  }
  if (segment !== "sys") {
    tell({ event: "reported", pk: device.product.pk, dk: device.dk, command });
    return undefined;
  }
  const nodes = decodeTtlv(frame.data);
  // An answer may have nothing to tell.
  if (!nodes && frame.data) return { code: content, packageId, message: `the content of ${command} is not TTLV` };
  const problem = take(device, frame, nodes ?? [], tell);
  return problem === undefined ? undefined : { code: content, packageId, message: problem };
}
