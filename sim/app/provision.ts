/** Provisioning: gives a device its Wi-Fi credentials and follows it until it reports its bindingCode, or fails. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CMD_ACK,
  CMD_BINDING_INFO,
  CMD_BINDING_INFO_ANSWER,
  CMD_LAST_RESULT,
  CMD_LAST_RESULT_ANSWER,
  CMD_PROVISION,
  FAIL_BUSY,
  FAIL_PARAMETERS,
  FAIL_TIMEOUT,
  WIFI_PASSWORD,
  WIFI_SERVER,
  WIFI_SSID,
} from "../../src/codec/commands.js";
import type { Node } from "../../src/codec/ttlv.js";
import { ProvisioningError, UnreachableError } from "./failures.js";
import { Link, type Possession } from "./link.js";
import { readBinding, readLastResult, readOutcome, type Binding, type Outcome, type Step } from "./result.js";
import { toBytes } from "./text.js";

export interface ProvisionOptions {
  /** IPv4 address of the device: 192.168.4.1 on a real device's access point. */
  address: string;
  /** 1-32 bytes of UTF-8. */
  ssid: string;
  /** Absent or empty: an open network. Else 8-63 bytes of UTF-8. */
  password?: string;
  /** Cloud server for the device, such as mqtt://host:1883; default: the one it is configured with. */
  server?: string;
  /** Opens another transport than TCP, such as a `gattStream`; the address is then only a name for messages. */
  transport?: () => Promise<Duplex>;
  /** What a device at level 1 wants to be proved. */
  possession?: Possession;
  /** Called at each new step of the device. */
  onProgress?: (step: Step) => void;
  signal?: AbortSignal;
  /** Milliseconds for everything, default 300,000 as the platform's own default. */
  timeout?: number;
  /** Milliseconds to look for the device after the link was lost, default 60,000. */
  reconnect?: number;
}

const CONNECT_MS = 10_000;
/** A device that knows frame 7017 answers it within this time, unless it is blocked by joining a network. */
const ANSWER_MS = 3000;
const RETRY_MS = 500;
const POLL_MS = 2000;
/** How long a wait on a healthy link lasts before it is begun anew; TCP itself notices a dead one. */
const IDLE_MS = 60_000;

/** The content of frame 7010. */
function credentials(options: ProvisionOptions): Node[] {
  const ssid = toBytes(options.ssid);
  const password = toBytes(options.password ?? "");
  const passwordFits = password.length === 0 || (password.length >= 8 && password.length <= 63);
  if (ssid.length < 1 || ssid.length > 32 || !passwordFits) throw new ProvisioningError(FAIL_PARAMETERS);
  const nodes: Node[] = [
    [WIFI_SSID, ssid],
    [WIFI_PASSWORD, password],
  ];
  return options.server ? [...nodes, [WIFI_SERVER, toBytes(options.server)]] : nodes;
}

/** One provisioning, over as many links as it takes. */
class Provisioning {
  private readonly nodes: Node[];
  private readonly signal: AbortSignal;
  private readonly timeLimit: AbortSignal;
  private step: Step | undefined;
  private accepted = false;
  private heard = 0;
  private lost: UnreachableError | undefined;

  constructor(private readonly options: ProvisionOptions) {
    this.nodes = credentials(options);
    this.timeLimit = AbortSignal.timeout(options.timeout ?? 300_000);
    this.signal = options.signal ? AbortSignal.any([options.signal, this.timeLimit]) : this.timeLimit;
  }

  async run(): Promise<Binding> {
    try {
      const first = await this.open(CONNECT_MS);
      return (await this.using(first, () => this.start(first))) ?? (await this.again());
    } catch (error) {
      if (error === this.timeLimit.reason) throw new ProvisioningError(FAIL_TIMEOUT);
      throw error;
    }
  }

  /** A link on which the possession is proved already, where it has to be. */
  private async open(timeout: number): Promise<Link> {
    const { address, possession, transport } = this.options;
    const link = transport ? await Link.over(transport, address) : await Link.open(address, timeout, this.signal);
    try {
      if (possession) await link.prove(possession, ANSWER_MS, this.signal);
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  /** Looks for the device again and again, until it was silent for too long. */
  private async again(): Promise<Binding> {
    const limit = this.options.reconnect ?? 60_000;
    this.heard = Date.now();
    for (;;) {
      await sleep(RETRY_MS, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted());
      const left = limit - (Date.now() - this.heard);
      if (left <= 0) throw this.lost ?? new ProvisioningError(FAIL_TIMEOUT);
      const link = await this.open(left).catch((error) => this.lose(error));
      const binding = link && (await this.using(link, () => this.resume(link)));
      if (binding) return binding;
    }
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

  /** A lost link is remembered, not thrown: there may be another one. */
  private lose(error: unknown): undefined {
    if (!(error instanceof UnreachableError)) throw error;
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
    if (outcome.kind === "step") return this.follow(link, POLL_MS);
    // The device has no result: either it is still at work, or the request never arrived.
    if (nodes && !this.accepted) return this.start(link).catch((error) => this.underWay(error));
    const info = await link.request(CMD_BINDING_INFO, CMD_BINDING_INFO_ANSWER, ANSWER_MS, this.signal);
    return info && readBinding(info);
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
    if (outcome.kind === "done") return outcome.binding;
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
 * UnreachableError when no device answers or it stays away; the signal's reason when it is aborted
 */
export async function provision(options: ProvisionOptions): Promise<Binding> {
  return new Provisioning(options).run();
}
