/** Steps of a binding as a timeline: a tick, the time, what happened. */
import { STATE_WORDS, type BindResult, type BindStep } from "../../sim/app/index.js";
import { API_NOT_REPORTED, API_SUCCESS, type Envelope } from "../../sim/app/api.js";
import { duration, type Happening, type Output } from "./output.js";

/** One line of a timeline; `ms` since its start. */
export function tick(output: Output, ms: number, what: string, detail = "", good = true): string {
  const mark = good ? output.paint.green("✔") : output.paint.red("✖");
  return `${mark} ${duration(ms).padStart(8)}  ${what.padEnd(24)} ${output.paint.dim(detail)}`.trimEnd();
}

/** What a step says: words, detail, and whether it went well. */
function words(step: BindStep): [what: string, detail: string, good: boolean] {
  switch (step.step) {
    case "discovered":
      return ["device found", [step.pk, step.dk, `at ${step.address}`].filter(Boolean).join(" "), true];
    case "accepted":
      return ["device takes the network", "PK, DK and bindingCode received; waiting for the cloud", true];
    case "provisioning":
      return [`device: ${step.progress}`, "", true];
    case "inCloud":
      return ["device is in the cloud", "", true];
    case "window":
      return ["binding window is open", `${step.seconds} s left`, true];
    case "called":
      return [`cloud answers ${step.code}`, callDetail(step), step.code === API_SUCCESS || isWaiting(step.code)];
    case "offline":
      return ["cloud is out of reach", `call ${step.attempt}: this machine may be changing networks`, false];
  }
}

const isWaiting = (code: number): boolean => API_NOT_REPORTED.includes(code);

function callDetail({ attempt, code }: { attempt: number; code: number }): string {
  return `call ${attempt}${isWaiting(code) ? ": the device has not reported its code yet" : ""}`;
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
  return {
    ...{ event: "answer", code: envelope.code, msg: envelope.msg, extMsg: envelope.extMsg },
    ...{ data: envelope.data ? data : undefined, authKey: showAuthKey ? authKey : undefined },
    ...rest,
    stateText: STATE_WORDS[result.state],
  };
}

const NOT_IN_CLOUD =
  "the device did not come to the cloud in time: check the Wi-Fi password, that the network leads to the cloud, and the " +
  "device's log";

/** One sentence for an answer other than 200. */
export function refusal({ code, msg, extMsg }: Envelope): string {
  const advice = isWaiting(code) ? `: ${NOT_IN_CLOUD}` : "";
  return `not bound: the cloud answers ${code}${msg ? `, ${msg}` : ""}${extMsg ? ` (${extMsg})` : ""}${advice}`;
}
