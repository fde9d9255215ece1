/** Binding a device to a user: discovery, provisioning where it is needed, and the API call until the cloud decides. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { FAIL_TIMEOUT } from "../../src/codec/commands.js";
import { FailedError, UsageError } from "../errors.js";
import { apiServer } from "../urls.js";
import { API_NOT_REPORTED, API_SUCCESS, callBinding, type BindingRequest, type Envelope } from "./api.js";
import { ProvisioningError, UnreachableError } from "./failures.js";
import { discover, discoverOne, type Found } from "./discover.js";
import { follow } from "./follow.js";
import type { Link } from "./frame-link.js";
import { possessionOf, type Possession } from "./proof.js";
import { startProvisioning } from "./provision.js";
import { bindingWindow, lastResult } from "./query.js";
import type { Binding, Step } from "./result.js";
import { BOUND, NOT_BOUND } from "./states.js";

export interface BindDeviceOptions {
  /** IPv4 address of the device. */
  address: string;
  /** The device there, when it has been discovered already; its DK may be "" where another transport leads to it. */
  device?: Pick<Found, "address" | "dk" | "pk"> & Partial<Found> & { capabilities?: number };
  /** Another transport than TCP, see `openLink`. */
  transport?: () => Promise<Duplex>;
  /** Where to look for a device with a proof when its access point is gone, to ask it why it failed. */
  lan?: string[];
  /** Wi-Fi credentials. Without an SSID the code comes from `code`, or from the open window of a device with a proof. */
  ssid?: string;
  password?: string;
  /** Proof of possession, where the device's label holds one. */
  pop?: string;
  /** BASE64 of the authKey, in its place for a device that is bound. */
  authKey?: string;
  /** Cloud server that the device is told while it is provisioned. */
  server?: string;
  /** URL of the binding API, http or https. */
  cloud: string;
  /** The user's token. */
  token: string;
  /** A bindingCode that the user has from elsewhere: the device is not asked for one. */
  code?: string;
  deviceName?: string;
  /** Default: what the device has told, if it has. */
  capabilitiesBitmask?: number;
  onStep?: (step: BindStep) => void;
  signal?: AbortSignal;
  /** Milliseconds for discovery, default 5,000. */
  discovery?: number;
  /** Milliseconds until the device has given its code, default 60,000. */
  timeout?: number;
  /** Milliseconds between calls while the code is not reported, default 2,000, and how long to go on, default 120,000. */
  pollInterval?: number;
  pollTimeout?: number;
}

/** One step; `ms` is the time since the start. No step carries a secret. */
export type BindStep = { ms: number } & (
  | ({ step: "discovered" } & Pick<Found, "address" | "dk" | "pk">)
  /** The device has the credentials and has given its code; `seconds` of its window, where it says it. */
  | { step: "accepted"; seconds?: number }
  /** A device with a proof tells how far it is. */
  | { step: "provisioning"; progress: Step }
  /** The device says that it is in the cloud. */
  | { step: "inCloud" }
  | { step: "window"; seconds: number }
  | { step: "called"; attempt: number; code: number }
  | { step: "offline"; attempt: number }
);

type StepDetail = BindStep extends infer S ? (S extends BindStep ? Omit<S, "ms"> : never) : never;

export interface BindResult {
  pk: string;
  dk: string;
  /** 305 bound, 306 not bound: the numbers of the vendor's app SDK. */
  state: number;
  /** The API's last answer. */
  envelope: Envelope;
  /** Calls that it took. */
  attempts: number;
  /** Milliseconds: finding the device (if it was not known already), getting its code, calling the API, and all together. */
  timings: { discovery: number; provisioning: number; binding: number; total: number };
}

const POLL_MS = 120_000;
/** How long to listen for a device on the network. */
const LISTEN_MS = 1500;
/** How long a device that is there again may take for its answer. */
const AGAIN_MS = 10_000;
const AGAIN_PAUSE_MS = 500;

/** Whether a device has only not answered, as one that is without power once more: what it refuses, it refuses again. */
const isSilence = (error: unknown): boolean =>
  error instanceof UnreachableError || (error instanceof ProvisioningError && error.code === FAIL_TIMEOUT);

/** One binding. */
class Pairing {
  private readonly start = performance.now();
  /** Aborted when the device tells that it has failed, and at the end. */
  private readonly failed = new AbortController();
  private readonly signal: AbortSignal;
  private readonly possession: Possession | undefined;
  private link: Link | undefined;
  /** The code that the device has given last. */
  private code = "";
  /** The capabilitiesBitmask that the device itself has advertised, or told with its window. */
  capabilities: number | undefined;

  constructor(
    private readonly options: BindDeviceOptions,
    private readonly device: NonNullable<BindDeviceOptions["device"]>,
  ) {
    this.capabilities = device.capabilities;
    const { signal } = options;
    this.signal = signal ? AbortSignal.any([signal, this.failed.signal]) : this.failed.signal;
    this.possession = possessionOf(options, device.dk);
  }

  since(): number {
    return Math.round(performance.now() - this.start);
  }

  /** The code, from the caller, from provisioning, or from an open window. */
  async obtain(): Promise<Binding> {
    const { address, code, ssid, transport, signal } = this.options;
    const { dk, pk, port } = this.device;
    if (ssid !== undefined) {
      const binding = await this.provision(ssid);
      return code ? { ...binding, bindingCode: code } : binding;
    }
    if (code) return { pk, dk, bindingCode: code };
    const { possession } = this;
    if (!possession) throw new UsageError(`give the SSID and the password of the network for the device at ${address}`);
    const window = await bindingWindow(address, { possession, transport, port, signal });
    if (!window) {
      throw new FailedError(`the device at ${address} has no binding window open: press its button, or give an SSID`);
    }
    this.capabilities = window.capabilitiesBitmask || undefined;
    this.tell({ step: "window", seconds: window.seconds });
    return window;
  }

  /** Calls the API until it answers anything but "not reported", or the time for that is over. */
  async call(
    device: Omit<BindingRequest, "bindingCode">,
    bindingCode: string,
  ): Promise<{ envelope: Envelope; attempts: number }> {
    const { pollInterval = 2000, pollTimeout = POLL_MS, cloud, token, ssid } = this.options;
    const end = performance.now() + pollTimeout;
    for (let attempt = 1; ; attempt++) {
      const last = performance.now() + pollInterval > end;
      const request = { ...device, bindingCode: this.code || bindingCode };
      const envelope = await callBinding(cloud, token, request, this.signal).catch((error) => {
        // An app that has provisioned a device may still be changing over from its access point.
        if (last || ssid === undefined || !(error instanceof UnreachableError)) throw error;
      });
      this.tell(envelope ? { step: "called", attempt, code: envelope.code } : { step: "offline", attempt });
      const waits = envelope !== undefined && API_NOT_REPORTED.includes(envelope.code);
      if (waits && last) await this.explain();
      if (envelope && (last || !waits)) return { envelope, attempts: attempt };
      await sleep(pollInterval, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted());
    }
  }

  close(): void {
    this.failed.abort(new Error("the pairing is over"));
    this.link?.close();
  }

  tell(step: StepDetail): void {
    this.options.onStep?.({ ...step, ms: this.since() } as BindStep);
  }

  private async provision(ssid: string, timeout = this.options.timeout): Promise<Binding> {
    const { options, device, possession } = this;
    const seconds = Math.round((options.pollTimeout ?? POLL_MS) / 1000);
    const where = { dk: device.dk || undefined, port: device.port, possession };
    const { binding, link } = await startProvisioning({
      ...options,
      ...where,
      ssid,
      seconds,
      timeout,
      signal: this.signal,
    });
    this.link = link;
    if (!options.code) this.code = binding.bindingCode;
    this.tell({ step: "accepted", seconds: binding.seconds });
    void this.follow(link).then(() => this.offerAgain(ssid));
    return binding;
  }

  /**
   * The link is lost: the phone may have left the access point, or the device its power, and then it asks for an app again.
   * One that joins the network answers an app that repeats with the code that it has given.
   */
  private async offerAgain(ssid: string): Promise<void> {
    const { address, transport, code, timeout } = this.options;
    const { dk } = this.device;
    if (transport || code || !dk) return;
    while (!this.signal.aborted) {
      await sleep(AGAIN_PAUSE_MS, undefined, { signal: this.signal }).catch(() => {});
      const look = { addresses: [address], dk, count: 1, timeout: LISTEN_MS, signal: this.signal };
      const [found] = await discover(look).catch(() => []);
      if (!found) continue;
      const error = await this.provision(ssid, timeout ?? AGAIN_MS).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!isSilence(error)) return;
    }
  }

  /** Listens to what the device tells while the cloud is asked. */
  private async follow(link: Link): Promise<void> {
    const listener = {
      inCloud: () => this.tell({ step: "inCloud" }),
      step: (progress: Step) => this.tell({ step: "provisioning", progress }),
    };
    const failure = await follow(link, listener, POLL_MS, this.signal);
    if (failure) this.failed.abort(failure);
  }

  /** The device with a proof says why it never came to the cloud, if it can be asked. @throws ProvisioningError */
  private async explain(): Promise<void> {
    const { possession, signal } = this;
    const { address, transport, lan = [], ssid } = this.options;
    if (!possession || ssid === undefined) return;
    const { dk, port } = this.device;
    const found = lan.length ? await discover({ addresses: lan, dk, timeout: LISTEN_MS, signal }) : [];
    const places = [{ address, transport, port }, ...found.map((one) => ({ ...one, transport: undefined }))];
    for (const place of places) {
      const outcome = await lastResult(place.address, { ...place, possession, signal }).catch(() => undefined);
      signal.throwIfAborted();
      if (outcome?.kind === "failed") throw new ProvisioningError(outcome.code);
    }
  }
}

/**
 * Binds the device at an address to the user of the token.
 * @returns the API's answer, whatever its code: 200 is success
 * @throws UnreachableError, ProvisioningError, PossessionError (see `provision`), FailedError when no window is open,
 * UsageError when no SSID is given and no code can be had without; the signal's reason
 */
export async function bindDevice(options: BindDeviceOptions): Promise<BindResult> {
  const begin = performance.now();
  // Refused before anything is asked of the device.
  apiServer(options.cloud);
  const { address, discovery: timeout = 5000, signal } = options;
  const device = options.device ?? (await discoverOne(address, { timeout, signal }));
  const discovery = Math.round(performance.now() - begin);
  const offset = (step: BindStep): void => options.onStep?.({ ...step, ms: step.ms + discovery });
  const pairing = new Pairing({ ...options, onStep: offset }, device);
  try {
    pairing.tell({ step: "discovered", address: device.address, dk: device.dk, pk: device.pk });
    const { pk, dk, bindingCode } = await pairing.obtain();
    const provisioning = pairing.since();
    const { deviceName, capabilitiesBitmask = pairing.capabilities } = options;
    const request = { productKey: pk, deviceKey: dk, capabilitiesBitmask, deviceName };
    const { envelope, attempts } = await pairing.call(request, bindingCode);
    const state = envelope.code === API_SUCCESS ? BOUND : NOT_BOUND;
    const total = pairing.since() + discovery;
    const timings = { discovery, provisioning, binding: total - discovery - provisioning, total };
    return { pk, dk, state, envelope, attempts, timings };
  } finally {
    pairing.close();
  }
}
