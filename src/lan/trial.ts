/** An app's network on trial: it replaces the saved one only after the cloud has acknowledged the bindingCode over it. */

import { FAIL_CLOUD_UNREACHABLE } from "../codec/commands.js";
import type { AccessPoint } from "./access-point.js";
import type { Joining } from "./joining.js";
import type { Pairing } from "./pairing.js";
import { BREATH } from "./station.js";
import { CONNECTED, REFUSED, TRYING, type Steps } from "./steps.js";

export interface Trial {
  begin(): void;
  /** The cloud has the code. */
  keep(): void;
  /** Back to pairing, whose time has gone on. @param problem FAIL_…, or what the cloud has failed by */
  fail(problem?: number): void;
  /** @see cloudFailed in provisioning.ts */
  cloudFailed(reason: number, final: boolean): void;
}

/**
 * @param finished told 0, or FAIL_…
 * @once
 */
export function createTrial(
  steps: Steps,
  joining: Joining,
  accessPoint: AccessPoint,
  pairing: Pairing,
  finished: (reason: number) => void,
): Trial {
  let reason = 0; // why it fails, when its time is over

  return {
    // The answer to the app leaves before the radio is busy. No event here: this is deep in the handling of a frame.
    begin() {
      reason = FAIL_CLOUD_UNREACHABLE;
      steps.go(TRYING, BREATH);
    },
    keep() {
      joining.keep();
      steps.go(CONNECTED);
      accessPoint.closeLater();
      finished(0);
    },
    fail(problem) {
      const why = problem || reason;
      finished(why);
      pairing.wait(why);
    },
    cloudFailed(problem, final) {
      reason = problem;
      if (final) steps.fire(REFUSED, problem);
    },
  };
}
