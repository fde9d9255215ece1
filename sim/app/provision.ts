/** Provisioning: frame 7010 with the Wi-Fi credentials, 7011 with PK, DK and the bindingCode back. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  CMD_PROVISION,
  CMD_PROVISION_ANSWER,
  FAIL_BUSY,
  FAIL_PARAMETERS,
  FAIL_TIMEOUT,
} from "../../src/codec/commands.js";
import { FailedError } from "../errors.js";
import { credentialNodes, type WifiCredentials } from "./credentials.js";
import { sameKey } from "./discover.js";
import { ProvisioningError, UnreachableError } from "./failures.js";
import type { Link } from "./frame-link.js";
import { missingProof, openLink, type OpenOptions } from "./proof.js";
import { readAnswer, type Binding } from "./result.js";

export interface ProvisionOptions extends WifiCredentials, OpenOptions {
  /** IPv4 address of the device: 192.168.4.1 on a real device's access point. */
  address: string;
  /** DeviceKey of the device that is meant: no other one's code is taken. */
  dk?: string;
  /** Milliseconds until the bindingCode has come, default 60,000. */
  timeout?: number;
}

/** A device that has taken its credentials, and the link that it was given them on. */
export interface Provisioned {
  binding: Binding;
  link: Link;
}

const CONNECT_MS = 10_000;
/** The credentials are sent again at this pace: a device answers an app that repeats with the same code. */
const ANSWER_MS = 5000;
/** Between two tries to reach a device that has closed the link. */
const RETRY_MS = 500;

/** What a device refuses: the proof that it demands, or the parameters. */
async function refused(link: Link, { possession, signal }: ProvisionOptions): Promise<Error> {
  const missing = possession ? undefined : await missingProof(link, signal).catch(() => undefined);
  signal?.throwIfAborted();
  return missing ?? new ProvisioningError(FAIL_PARAMETERS);
}

/** Sends the credentials until the device has decided. */
async function offer(link: Link, options: ProvisionOptions, signal: AbortSignal): Promise<Binding> {
  const nodes = credentialNodes(options);
  const isAnswer = ({ cmd }: { cmd: number }): boolean => cmd === CMD_PROVISION_ANSWER;
  for (;;) {
    link.send(CMD_PROVISION, nodes);
    const message = await link.await(isAnswer, ANSWER_MS, signal);
    if (!message) continue;
    const answer = readAnswer(message.nodes);
    if (answer.kind === "notPairing") throw new ProvisioningError(FAIL_BUSY);
    if (answer.kind === "refused") throw await refused(link, options);
    if (answer.kind !== "accepted") continue;
    const { dk } = answer.binding;
    if (!options.dk || sameKey(options.dk, dk)) return answer.binding;
    throw new FailedError(`the device at ${options.address} is ${dk}, not ${options.dk}: give another address`);
  }
}

/** One link to its end. Undefined when it was lost before the device has decided. */
async function tryOnce(options: ProvisionOptions, signal: AbortSignal): Promise<Provisioned | undefined> {
  const link = await openLink(options.address, CONNECT_MS, { ...options, signal });
  try {
    return { binding: await offer(link, options, signal), link };
  } catch (error) {
    link.close();
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}

/**
 * Gives a device its credentials, again where the link is lost before it has answered.
 * @returns its code, and the link, which the caller closes
 * @throws ProvisioningError: 6 when the time is over, 7 for credentials that cannot be, 8 when the device is not in
 * pairing mode; PossessionError where a proof is missing or wrong; UnreachableError; the signal's reason
 */
export async function startProvisioning(options: ProvisionOptions): Promise<Provisioned> {
  credentialNodes(options);
  const limit = AbortSignal.timeout(options.timeout ?? 60_000);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  let reached = false;
  try {
    for (;;) {
      const done = await tryOnce(options, signal).catch((error) => {
        if (!reached || !(error instanceof UnreachableError)) throw error;
        return undefined;
      });
      if (done) return done;
      reached = true;
      await sleep(RETRY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } catch (error) {
    if (error === limit.reason) throw new ProvisioningError(FAIL_TIMEOUT);
    throw error;
  }
}

/** As `startProvisioning`, without the link. */
export async function provision(options: ProvisionOptions): Promise<Binding> {
  const { binding, link } = await startProvisioning(options);
  link.close();
  return binding;
}
