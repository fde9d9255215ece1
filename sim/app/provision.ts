/** Provisioning: gives a device its Wi-Fi credentials and follows it until it reports its bindingCode, or fails. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  CMD_ACK,
  CMD_BINDING_INFO,
  CMD_BINDING_INFO_ANSWER,
  CMD_LAST_RESULT,
  CMD_LAST_RESULT_ANSWER,
  CMD_PROVISION,
  FAIL_BUSY,
  FAIL_TIMEOUT,
} from "../../src/codec/commands.js";
import type { Node } from "../../src/codec/ttlv.js";
import { credentialNodes, type WifiCredentials } from "./credentials.js";
import { discover } from "./discover.js";
import { PossessionError, ProvisioningError, UnreachableError } from "./failures.js";
import type { Link } from "./frame-link.js";
import { openLink, type OpenOptions } from "./proof.js";
import { readBinding, readLastResult, readOutcome, type Binding, type Outcome, type Step } from "./result.js";

export interface ProvisionOptions extends WifiCredentials, OpenOptions {
  /** IPv4 address of the device: 192.168.4.1 on a real device's access point. */
  address: string;
  /** DeviceKey of the device that is meant: no other one's result is taken, and by it the device is found again. */
  dk?: string;
  /** Its ProductKey: a device with long keys answers only who names it. */
  pk?: string;
  /** Where to look for it then: addresses of discovery, broadcast ones too. Default: only at its address. */
  lan?: string[];
  /** Called at each new step of the device. */
  onProgress?: (step: Step) => void;
  /** Milliseconds for everything, default 300,000 as the cloud's own default. */
  timeout?: number;
  /** Milliseconds to look for the device after the link was lost, default 60,000. */
  reconnect?: number;
}

const CONNECT_MS = 10_000;
/** A device that knows frame 7017 answers it within this time, unless it is blocked by joining a network. */
const ANSWER_MS = 3000;
/** A code that is about to end is replaced and reported before the device gives it, which takes it up to 4 s. */
const CODE_MS = 5000;
const RETRY_MS = 500;
/** Of each try to find the device again, so that one address that is dead does not keep the others waiting. */
const SEARCH_MS = 3000;
/** How long to listen for it on the network: two requests, as UDP loses packets. */
const LISTEN_MS = 1500;
const POLL_MS = 2000;
/** How long a wait on a healthy link lasts before it is begun anew; TCP itself notices a dead one. */
const IDLE_MS = 60_000;

/** One provisioning, over as many links as it takes. */
class Provisioning {
  private readonly nodes: Node[];
  private readonly signal: AbortSignal;
  private readonly timeLimit: AbortSignal;
  private step: Step | undefined;
  private accepted = false;
  private heard = 0;
  private lost: Error | undefined;

  constructor(private readonly options: ProvisionOptions) {
    this.nodes = credentialNodes(options);
    this.timeLimit = AbortSignal.timeout(options.timeout ?? 300_000);
    this.signal = options.signal ? AbortSignal.any([options.signal, this.timeLimit]) : this.timeLimit;
  }

  async run(): Promise<Binding> {
    try {
      const first = await this.open(this.options.address, CONNECT_MS);
      return (await this.using(first, () => this.start(first))) ?? (await this.again());
    } catch (error) {
      if (error === this.timeLimit.reason) throw new ProvisioningError(FAIL_TIMEOUT);
      throw error;
    }
  }

  /** Another transport leads to the device itself; whoever is found on the LAN is met there. */
  private open(address: string, timeout: number): Promise<Link> {
    const { possession, transport } = this.options;
    const own = address === this.options.address ? transport : undefined;
    return openLink(address, timeout, { possession, transport: own, signal: this.signal });
  }

  /** Looks for the device again and again, until it was silent for too long. */
  private async again(): Promise<Binding> {
    const limit = this.options.reconnect ?? 60_000;
    this.heard = Date.now();
    for (;;) {
      await sleep(RETRY_MS, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted());
      if (Date.now() - this.heard >= limit) throw this.goneFor(limit);
      const binding = (await this.tryAt(this.options.address)) ?? (await this.tryLan());
      if (binding) return binding;
    }
  }

  /**
   * A phone that lost the device's access point meets it on the network, at another address. Whoever answers with its
   * DK is asked, as a stranger may be the first.
   */
  private async tryLan(): Promise<Binding | undefined> {
    const { lan = [], pk, dk, address } = this.options;
    if (!lan.length || !dk) return undefined;
    const found = await discover({ addresses: lan, pk, dk, timeout: LISTEN_MS, signal: this.signal });
    for (const device of found.filter((candidate) => candidate.address !== address)) {
      const binding = await this.tryAt(device.address);
      if (binding) return binding;
    }
    return undefined;
  }

  private async tryAt(address: string): Promise<Binding | undefined> {
    const link = await this.open(address, SEARCH_MS).catch((error) => this.lose(error, address));
    return link && this.using(link, () => this.resume(link));
  }

  private goneFor(milliseconds: number): Error {
    const lost = this.lost?.message ?? "it does not answer";
    if (!this.accepted) return this.lost ?? new ProvisioningError(FAIL_TIMEOUT);
    return new UnreachableError(
      `the device took the credentials and gave no result for ${Math.round(milliseconds / 1000)} s (${lost}): ` +
        "join the same network, find it there by discovery, and bind without an SSID while its window is open",
    );
  }

  /** A binding, unless it is that of another device, which may have the address meanwhile. */
  private own(binding: Binding | undefined): Binding | undefined {
    const { dk = binding?.dk } = this.options;
    return binding?.dk === dk ? binding : undefined;
  }

  /** Works on a link and closes it. Undefined when it is lost before the end. */
  private async using(link: Link, work: () => Promise<Binding | undefined>): Promise<Binding | undefined> {
    try {
      return await work();
    } catch (error) {
      return this.lose(error);
    } finally {
      link.close();
    }
  }

  /** A lost link is remembered, not thrown: there may be another one. Nor does a stranger's address end the search. */
  private lose(error: unknown, address = this.options.address): undefined {
    const stranger = error instanceof PossessionError && address !== this.options.address;
    if (!stranger && !(error instanceof UnreachableError)) throw error;
    this.lost = error;
  }

  private start(link: Link): Promise<Binding> {
    link.send(CMD_PROVISION, this.nodes);
    return this.follow(link);
  }

  /** Asks on a new link how provisioning stands: by 7017, and where the device does not know that, by 7013. */
  private async resume(link: Link): Promise<Binding | undefined> {
    const nodes = await link.request(CMD_LAST_RESULT, CMD_LAST_RESULT_ANSWER, ANSWER_MS, this.signal);
    const outcome: Outcome = nodes ? readLastResult(nodes) : { kind: "unknown" };
    const binding = this.settle(outcome);
    if (binding) return binding;
    if (outcome.kind === "step" && outcome.step !== "success") return this.follow(link, POLL_MS);
    // The device has no result: either it is still at work, or the request never arrived. Only the device that they
    // were meant for gets the credentials again.
    if (nodes && !this.accepted && link.address === this.options.address)
      return this.start(link).catch((error) => this.underWay(error));
    const info = await link.request(CMD_BINDING_INFO, CMD_BINDING_INFO_ANSWER, CODE_MS, this.signal);
    return info && this.own(readBinding(info));
  }

  /** Busy is the answer to a request that was sent again although the first one had arrived. */
  private underWay(error: unknown): undefined {
    if (this.accepted || !(error instanceof ProvisioningError) || error.code !== FAIL_BUSY) throw error;
    this.accepted = true;
  }

  /** Follows the device to the end. A device that knows its app only by a lost link is asked again and again. */
  private async follow(link: Link, poll?: number): Promise<Binding> {
    for (;;) {
      const message = await link.receive(poll ?? IDLE_MS, this.signal);
      const binding = message && this.settle(readOutcome(message));
      // Then the device may close its access point.
      if (binding) link.send(CMD_ACK, [], message.id);
      if (binding) return binding;
      if (!message && poll) link.send(CMD_LAST_RESULT);
    }
  }

  /** Takes an outcome in: the binding when it is the good end, an exception when it is the bad one. */
  private settle(outcome: Outcome): Binding | undefined {
    if (outcome.kind === "failed") throw new ProvisioningError(outcome.code);
    if (outcome.kind === "done") return this.own(outcome.binding);
    if (outcome.kind === "unknown") return undefined;
    this.accepted = true;
    this.heard = Date.now();
    if (outcome.kind === "step" && outcome.step !== this.step) this.options.onProgress?.((this.step = outcome.step));
    return undefined;
  }
}

/**
 * Provisions a device.
 * @throws ProvisioningError with the device's code (1-12), 6 when the time is over, 7 for credentials that cannot be;
 * PossessionError at level 1; UnreachableError when no device answers or it stays away; the signal's reason
 */
export async function provision(options: ProvisionOptions): Promise<Binding> {
  return new Provisioning(options).run();
}
