/** One question to a device: its binding information (7013) and the networks that it sees (7015). */
import {
  CMD_BINDING_INFO,
  CMD_BINDING_INFO_ANSWER,
  CMD_SCAN,
  CMD_SCAN_ANSWER,
  FAIL_PROOF,
  LAN_CAPABILITIES,
  LAN_ERROR,
  LAN_SECONDS,
  SCAN_AUTH,
  SCAN_RSSI,
  SCAN_SSID,
} from "../../src/codec/commands.js";
import { findBytes, findNumber, type Node } from "../../src/codec/ttlv.js";
import { ProvisioningError, UnreachableError } from "./failures.js";
import { openLink, type OpenOptions } from "./proof.js";
import { readBinding, type Binding } from "./result.js";
import { toText } from "./text.js";

/** The open binding window of a device. */
export interface Window extends Binding {
  /** Seconds until the code is worthless. */
  seconds: number;
  capabilitiesBitmask: number;
}

/** A network that a device sees. */
export interface Network {
  ssid: string;
  /** dBm. */
  rssi: number;
  /** Number of the ESP32's authentication mode; 0 is an open network. */
  authMode: number;
}

const CONNECT_MS = 5000;
const ANSWER_MS = 5000;
/** A scan of all channels takes an ESP32 2-4 s. */
const SCAN_MS = 15_000;

async function ask(
  address: string,
  cmd: number,
  answer: number,
  timeout: number,
  options: OpenOptions,
): Promise<Node[]> {
  const link = await openLink(address, CONNECT_MS, options);
  try {
    const nodes = await link.request(cmd, answer, timeout, options.signal);
    if (nodes && findNumber(nodes, LAN_ERROR) === FAIL_PROOF) throw new ProvisioningError(FAIL_PROOF);
    if (nodes) return nodes;
    throw new UnreachableError(`the device at ${address} accepts links but does not answer: look at its log`);
  } finally {
    link.close();
  }
}

/**
 * The open binding window, or undefined when none is open.
 * @throws UnreachableError when the device does not answer; PossessionError, ProvisioningError (12) at level 1
 */
export async function bindingWindow(address: string, options: OpenOptions = {}): Promise<Window | undefined> {
  const nodes = await ask(address, CMD_BINDING_INFO, CMD_BINDING_INFO_ANSWER, ANSWER_MS, options);
  const binding = readBinding(nodes);
  if (!binding) return undefined;
  const capabilitiesBitmask = findNumber(nodes, LAN_CAPABILITIES) ?? 0;
  return { ...binding, seconds: findNumber(nodes, LAN_SECONDS) ?? 0, capabilitiesBitmask };
}

/** Reads 7016; what is no network is passed over. */
export function readNetworks(nodes: Node[]): Network[] {
  return nodes.flatMap(readNetwork);
}

function readNetwork([id, value]: Node): Network[] {
  const ssid = id === 0 && Array.isArray(value) ? findBytes(value, SCAN_SSID) : undefined;
  if (!ssid || !Array.isArray(value)) return [];
  return [{ ssid: toText(ssid), rssi: findNumber(value, SCAN_RSSI) ?? 0, authMode: findNumber(value, SCAN_AUTH) ?? 0 }];
}

/**
 * The networks that the device sees, strongest first.
 * @throws UnreachableError when the device does not answer; PossessionError, ProvisioningError (12) at level 1
 */
export async function scan(address: string, options: OpenOptions = {}): Promise<Network[]> {
  return readNetworks(await ask(address, CMD_SCAN, CMD_SCAN_ANSWER, SCAN_MS, options));
}
