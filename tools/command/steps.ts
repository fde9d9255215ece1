/** Steps of a binding as a timeline: a tick, the time, what happened. */
import type { BindResult, BindStep, Found } from "../../sim/app/index.js";
import type { Envelope } from "../../sim/app/api.js";
import { duration, type Happening, type Output } from "./output.js";

/** One line of a timeline; `ms` since its start. */
export function tick(output: Output, ms: number, what: string, detail = "", good = true): string {
  const mark = good ? output.paint.green("✔") : output.paint.red("✖");
  return `${mark} ${duration(ms).padStart(8)}  ${what.padEnd(24)} ${output.paint.dim(detail)}`.trimEnd();
}

/** Product, device, address and state, as far as they are known. */
function placeOf({ pk, dk, address, state }: Found): string {
  const name = [pk, dk, `at ${address}`].filter(Boolean).join(" ");
  return state === "unknown" ? name : `${name}, ${state}`;
}

/** What a step says: words, detail, and whether it went well. */
function words(step: BindStep): [what: string, detail: string, good: boolean] {
  switch (step.step) {
    case "discovered":
      return ["device found", placeOf(step), true];
    case "provisioning":
      return [`device: ${step.progress}`, "", true];
    case "provisioned":
      return ["device is on the network", "PK, DK and bindingCode received", true];
    case "window":
      return ["binding window is open", `${step.seconds} s left`, true];
    case "called":
      return [`cloud answers ${step.code}`, `call ${step.attempt}`, step.code === 200];
    case "offline":
      return ["cloud is out of reach", `call ${step.attempt}: this machine may be changing networks`, false];
  }
}

/** Prints a step; `offset` milliseconds are added to its time. */
export function tellStep(output: Output, step: BindStep, offset = 0): void {
  const ms = Math.round(step.ms + offset);
  output.tell({ event: "step", ...step, ms }, tick(output, ms, ...words(step)));
}

/** The API's answer as an event. The authKey is a secret: it is left out unless asked for by name. */
export function answerEvent(result: BindResult, showAuthKey: boolean): Happening {
  const { envelope, ...rest } = result;
  const { authKey, ...data } = envelope.data ?? {};
  const shown = envelope.data ? { ...data, ...(showAuthKey ? { authKey } : {}) } : undefined;
  return { event: "answer", code: envelope.code, msg: envelope.msg, extMsg: envelope.extMsg, data: shown, ...rest };
}

/** One sentence for an answer other than 200. */
export function refusal({ code, msg, extMsg }: Envelope): string {
  return `not bound: the cloud answers ${code}${msg ? `, ${msg}` : ""}${extMsg ? ` (${extMsg})` : ""}`;
}
