/** What a device tells about its provisioning: frame 7011, and of the extension 70E4 and 70E9. */
import {
  EXT_ERROR,
  EXT_PROGRESS,
  PROGRESS_AUTHENTICATION,
  PROGRESS_AUTHORISATION,
  PROGRESS_BINDING,
  PROGRESS_FAILURE,
  PROGRESS_LOGIN,
  PROGRESS_ROUTER,
  PROGRESS_SCAN,
  PROGRESS_SUCCESS,
  PROVISION_CODE,
  PROVISION_DK,
  PROVISION_OK,
  PROVISION_PK,
  PROVISION_SECONDS,
} from "../../src/codec/commands.js";
import { find, findBytes, findNumber, type Node } from "../../src/codec/ttlv.js";
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
  /** Seconds of the binding window, where the device says it. */
  seconds?: number;
}

/** How far provisioning is after one frame of the extension. */
export type Outcome = { kind: "failed"; code: number } | { kind: "step"; step: Step } | { kind: "unknown" };

/** What frame 7011 says. */
export type Answer = { kind: "accepted"; binding: Binding } | { kind: "refused" | "notPairing" | "unknown" };

/** PK, DK and a bindingCode of the right form, if all are there and printable. The extension has them under the same ids. */
export function readBinding(nodes: Node[]): Binding | undefined {
  const pk = toKey(findBytes(nodes, PROVISION_PK));
  const dk = toKey(findBytes(nodes, PROVISION_DK));
  const code = findBytes(nodes, PROVISION_CODE);
  if (!pk || !dk || !code || !/^[0-9A-F]{16}$/.test(code)) return undefined;
  const seconds = findNumber(nodes, PROVISION_SECONDS);
  return { pk, dk, bindingCode: code, ...(seconds === undefined ? {} : { seconds }) };
}

/** Reads 7011. */
export function readAnswer(nodes: Node[]): Answer {
  if (!nodes.length) return { kind: "notPairing" };
  if (find(nodes, PROVISION_OK) === false) return { kind: "refused" };
  const binding = readBinding(nodes);
  return binding ? { kind: "accepted", binding } : { kind: "unknown" };
}

/** Reads 70E4 and 70E9. */
export function readOutcome(nodes: Node[]): Outcome {
  const progress = findNumber(nodes, EXT_PROGRESS);
  const code = findNumber(nodes, EXT_ERROR);
  if (progress === PROGRESS_FAILURE && code) return { kind: "failed", code };
  const step = STEP_NAMES[progress as keyof typeof STEP_NAMES];
  return step ? { kind: "step", step } : { kind: "unknown" };
}
