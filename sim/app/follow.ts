/** What a device tells on the link that it was provisioned on, while the cloud is asked about it. */
import { CMD_IN_CLOUD, CMD_PROGRESS, IN_CLOUD } from "../../src/codec/commands.js";
import { find } from "../../src/codec/ttlv.js";
import { ProvisioningError } from "./failures.js";
import type { Link } from "./frame-link.js";
import { readOutcome, type Step } from "./result.js";

export interface Listener {
  /** The device says that it is in the cloud. */
  inCloud(): void;
  /** A device with a proof tells how far it is. */
  step(step: Step): void;
}

/**
 * Listens for as long as the link lives.
 * @param limit milliseconds without a word
 * @returns why the device has failed, where it tells it
 */
export async function follow(
  link: Link,
  { inCloud, step }: Listener,
  limit: number,
  signal?: AbortSignal,
): Promise<ProvisioningError | undefined> {
  try {
    for (;;) {
      const message = await link.receive(limit, signal);
      if (message?.cmd === CMD_IN_CLOUD && find(message.nodes, IN_CLOUD) === true) inCloud();
      if (message?.cmd !== CMD_PROGRESS) continue;
      const outcome = readOutcome(message.nodes);
      if (outcome.kind === "failed") return new ProvisioningError(outcome.code);
      if (outcome.kind === "step") step(outcome.step);
    }
  } catch {
    // The phone has left the access point, or the pairing is over.
    return undefined;
  }
}
