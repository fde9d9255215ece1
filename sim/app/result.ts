/** How the provisioning of a device stands, read from frames 7011, 7012 and 7018, and its binding information (7014). */
import {
  CMD_LAST_RESULT_ANSWER,
  CMD_PROGRESS,
  CMD_PROVISION_ANSWER,
  LAN_CODE,
  LAN_DK,
  LAN_ERROR,
  LAN_OK,
  LAN_PK,
  LAN_PROGRESS,
  LAN_PROGRESS_ERROR,
  PROGRESS_AUTHENTICATION,
  PROGRESS_AUTHORISATION,
  PROGRESS_BINDING,
  PROGRESS_FAILURE,
  PROGRESS_LOGIN,
  PROGRESS_ROUTER,
  PROGRESS_SCAN,
  PROGRESS_SUCCESS,
} from "../../src/codec/commands.js";
import { find, findBytes, findNumber, type Node } from "../../src/codec/ttlv.js";
import type { Message } from "./frame-link.js";
import { toKey } from "./text.js";

const STEP_NAMES = {
  [PROGRESS_SCAN]: "scan",
  [PROGRESS_ROUTER]: "router",
  [PROGRESS_AUTHENTICATION]: "authentication",
  [PROGRESS_LOGIN]: "login",
  [PROGRESS_AUTHORISATION]: "authorisation",
  [PROGRESS_BINDING]: "binding",
  [PROGRESS_SUCCESS]: "success",
} as const;

/** A step of provisioning, by the name of its number in the protocol. */
export type Step = (typeof STEP_NAMES)[keyof typeof STEP_NAMES];

/** All steps in their order, which is that of their numbers. */
export const STEPS: readonly Step[] = Object.values(STEP_NAMES);

/** What a device gives to the app that provisioned it or that asks while its window is open. */
export interface Binding {
  pk: string;
  dk: string;
  /** 16 characters 0-9A-F. A secret until it is spent. */
  bindingCode: string;
}

/** How provisioning stands after one message. */
export type Outcome =
  | { kind: "done"; binding: Binding }
  | { kind: "failed"; code: number }
  | { kind: "step"; step: Step }
  | { kind: "accepted" }
  | { kind: "unknown" };

/** PK, DK and bindingCode, if all are there and printable. */
export function readBinding(nodes: Node[]): Binding | undefined {
  const pk = toKey(findBytes(nodes, LAN_PK));
  const dk = toKey(findBytes(nodes, LAN_DK));
  const code = toKey(findBytes(nodes, LAN_CODE));
  if (find(nodes, LAN_OK) !== true || !pk || !dk || !code) return undefined;
  return { pk, dk, bindingCode: code };
}

function readStep(nodes: Node[]): Outcome {
  const step = STEP_NAMES[findNumber(nodes, LAN_PROGRESS) as keyof typeof STEP_NAMES];
  return step ? { kind: "step", step } : { kind: "unknown" };
}

/** Reads 7012, and 7018 while the end is not known. */
function readProgress(nodes: Node[]): Outcome {
  const code = findNumber(nodes, LAN_PROGRESS_ERROR);
  if (findNumber(nodes, LAN_PROGRESS) === PROGRESS_FAILURE && code) return { kind: "failed", code };
  return readStep(nodes);
}

/** Reads 7011: the acceptance, the end, or the refusal. */
function readAnswer(nodes: Node[]): Outcome {
  const binding = readBinding(nodes);
  if (binding) return { kind: "done", binding };
  if (find(nodes, LAN_OK) === true) return { kind: "accepted" };
  const code = findNumber(nodes, LAN_ERROR);
  return code ? { kind: "failed", code } : { kind: "unknown" };
}

/** Reads 7018: the end, or the step at which provisioning stands; unknown when the device knows of none. */
export function readLastResult(nodes: Node[]): Outcome {
  const binding = readBinding(nodes);
  return binding ? { kind: "done", binding } : readProgress(nodes);
}

const READERS: Record<number, (nodes: Node[]) => Outcome> = {
  [CMD_PROGRESS]: readProgress,
  [CMD_PROVISION_ANSWER]: readAnswer,
  [CMD_LAST_RESULT_ANSWER]: readLastResult,
};

/** Reads any message that a device sends while it is provisioned. */
export function readOutcome(message: Message): Outcome {
  return READERS[message.cmd]?.(message.nodes) ?? { kind: "unknown" };
}
