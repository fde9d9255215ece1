/** One question to a device: the networks that it sees (7012), and of the extension its window and its last result. */
import {
  CMD_LAST_RESULT,
  CMD_LAST_RESULT_ANSWER,
  CMD_SCAN,
  CMD_SCAN_ANSWER,
  CMD_WINDOW,
  CMD_WINDOW_ANSWER,
  EXT_CAPABILITIES,
  EXT_OK,
  EXT_SECONDS,
  SCAN_NAMES,
} from "../../src/codec/commands.js";
import { find, findNumber, type Node } from "../../src/codec/ttlv.js";
import { UnreachableError } from "./failures.js";
import { openLink, type OpenOptions } from "./proof.js";
import { readBinding, readOutcome, type Binding, type Outcome } from "./result.js";
import { toText } from "./text.js";

/** The open binding window of a device. */
export interface Window extends Binding {
  /** Seconds until the code is worthless. */
  seconds: number;
  capabilitiesBitmask: number;
}

/** How a device with a proof is asked: only its owner is told. */
export type ProvedOptions = OpenOptions & Required<Pick<OpenOptions, "possession">>;

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
    if (nodes) return nodes;
    throw new UnreachableError(`the device at ${address} accepts links but does not answer: look at its log`);
  } finally {
    link.close();
  }
}

/**
 * The open binding window of a device whose label holds a proof, or undefined when none is open.
 * @throws UnreachableError when the device does not answer; PossessionError
 */
export async function bindingWindow(address: string, options: ProvedOptions): Promise<Window | undefined> {
  const nodes = await ask(address, CMD_WINDOW, CMD_WINDOW_ANSWER, ANSWER_MS, options);
  const binding = find(nodes, EXT_OK) === true ? readBinding(nodes) : undefined;
  if (!binding) return undefined;
  const capabilitiesBitmask = findNumber(nodes, EXT_CAPABILITIES) ?? 0;
  return { ...binding, seconds: findNumber(nodes, EXT_SECONDS) ?? 0, capabilitiesBitmask };
}

/** How the last provisioning of a device ended whose label holds a proof. @throws as `bindingWindow` */
export async function lastResult(address: string, options: ProvedOptions): Promise<Outcome> {
  return readOutcome(await ask(address, CMD_LAST_RESULT, CMD_LAST_RESULT_ANSWER, ANSWER_MS, options));
}

/** Reads 7013: the names of networks, without those that hide theirs; undefined where there is no list. */
export function readNames(nodes: Node[]): string[] | undefined {
  const list = find(nodes, SCAN_NAMES);
  if (!Array.isArray(list)) return undefined;
  return list.flatMap(([, name]) => (typeof name === "string" && name ? [toText(name)] : []));
}

/**
 * The names of the networks that the device sees, strongest first; undefined when it is not in pairing mode.
 * @throws UnreachableError when the device does not answer; PossessionError
 */
export async function scan(address: string, options: OpenOptions = {}): Promise<string[] | undefined> {
  return readNames(await ask(address, CMD_SCAN, CMD_SCAN_ANSWER, SCAN_MS, options));
}
