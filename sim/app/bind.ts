/** Binding a device to a user: discovery, provisioning where it is needed, and the API call until the cloud decides. */
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { FailedError, UsageError } from "../errors.js";
import { apiServer } from "../urls.js";
import { API_NOT_REPORTED, callBinding, type BindingRequest, type Envelope } from "./api.js";
import { UnreachableError } from "./failures.js";
import { discoverOne, type Found } from "./discover.js";
import { possessionOf } from "./proof.js";
import { provision } from "./provision.js";
import { bindingWindow } from "./query.js";
import type { Binding, Step } from "./result.js";

export interface BindDeviceOptions {
  /** IPv4 address of the device. */
  address: string;
  /** The device there, when it has been discovered already; its DK may be "" where another transport leads to it. */
  device?: Found;
  /** Another transport than TCP, see `openLink`. */
  transport?: () => Promise<Duplex>;
  /** Where to look for it when its access point is gone, see `provision`. */
  lan?: string[];
  /** Wi-Fi credentials. With an SSID the device is provisioned, without it must have an open binding window. */
  ssid?: string;
  password?: string;
  /** Proof of possession of the device's label, for level 1. */
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
  /** Default: what the device says. */
  capabilitiesBitmask?: number;
  onStep?: (step: BindStep) => void;
  signal?: AbortSignal;
  /** Milliseconds for discovery, default 5,000. */
  discovery?: number;
  /** Milliseconds for provisioning, default 300,000. */
  timeout?: number;
  /** Milliseconds between calls while the code is not reported, default 2,000, and how long to go on, default 60,000. */
  pollInterval?: number;
  pollTimeout?: number;
}

/** One step; `ms` is the time since the start. No step carries a secret. */
export type BindStep = { ms: number } & (
  | ({ step: "discovered" } & Found)
  | { step: "provisioning"; progress: Step }
  | { step: "provisioned" }
  | { step: "window"; seconds: number }
  | { step: "called"; attempt: number; code: number }
  | { step: "offline"; attempt: number }
);

type StepDetail = BindStep extends infer S ? (S extends BindStep ? Omit<S, "ms"> : never) : never;

export interface BindResult {
  pk: string;
  dk: string;
  /** The API's last answer. */
  envelope: Envelope;
  /** Calls that it took. */
  attempts: number;
  /** Milliseconds: finding the device (if it was not known already), getting its code, calling the API, and all together. */
  timings: { discovery: number; provisioning: number; binding: number; total: number };
}

/** Whether a device waits for Wi-Fi credentials. */
export function needsNetwork({ state }: Found): boolean {
  return state === "idle" || state === "provisioning";
}

/** Where the code comes from: the caller, provisioning, or an open window. */
async function obtain(options: BindDeviceOptions, device: Found, tell: (step: StepDetail) => void): Promise<Binding> {
  const { address, code, ssid, transport, signal } = options;
  const possession = possessionOf(options, device.dk);
  if (ssid !== undefined) {
    const onProgress = (progress: Step) => tell({ step: "provisioning", progress });
    const dk = device.dk || undefined;
    const binding = await provision({ ...options, pk: device.pk, dk, possession, ssid, onProgress });
    tell({ step: "provisioned" });
    return code ? { ...binding, bindingCode: code } : binding;
  }
  if (code) return { pk: device.pk, dk: device.dk, bindingCode: code };
  if (needsNetwork(device)) {
    throw new UsageError(`the device at ${address} has no network yet: give an SSID and its password`);
  }
  const window = await bindingWindow(address, { possession, transport, signal });
  if (!window)
    throw new FailedError(`the device at ${address} has no binding window open: press its button, or reset it`);
  tell({ step: "window", seconds: window.seconds });
  return window;
}

/**
 * Calls the API until it answers anything but "not reported", or the time for that is over. Whoever has provisioned a
 * device may still be changing over from its access point, so a cloud that cannot be reached is called again, too.
 */
async function call(options: BindDeviceOptions, request: BindingRequest, tell: (step: StepDetail) => void) {
  const { pollInterval = 2000, pollTimeout = 60_000, signal } = options;
  const end = performance.now() + pollTimeout;
  for (let attempt = 1; ; attempt++) {
    const last = performance.now() + pollInterval > end;
    const envelope = await callBinding(options.cloud, options.token, request, signal).catch((error) => {
      if (last || options.ssid === undefined || !(error instanceof UnreachableError)) throw error;
    });
    tell(envelope ? { step: "called", attempt, code: envelope.code } : { step: "offline", attempt });
    if (envelope && (last || !API_NOT_REPORTED.includes(envelope.code))) return { envelope, attempts: attempt };
    await sleep(pollInterval, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

/**
 * Binds the device at an address to the user of the token.
 * @returns the API's answer, whatever its code: 200 is success
 * @throws UnreachableError, ProvisioningError, PossessionError (see `provision`), FailedError when no window is open,
 * UsageError when the device needs a network and no SSID is given; the signal's reason
 */
export async function bindDevice(options: BindDeviceOptions): Promise<BindResult> {
  const start = performance.now();
  // Refused before anything is asked of the device.
  apiServer(options.cloud);
  const since = () => Math.round(performance.now() - start);
  const tell = (step: StepDetail) => options.onStep?.({ ...step, ms: since() } as BindStep);
  const { address, discovery: timeout = 5000, signal } = options;
  const device = options.device ?? (await discoverOne(address, { timeout, signal }));
  tell({ step: "discovered", ...device });
  const discovery = since();
  const { pk, dk, bindingCode } = await obtain(options, device, tell);
  const provisioning = since() - discovery;
  const { deviceName, capabilitiesBitmask = device.capabilitiesBitmask || undefined } = options;
  const request = { productKey: pk, deviceKey: dk, bindingCode, capabilitiesBitmask, deviceName };
  const { envelope, attempts } = await call(options, request, tell);
  const total = since();
  const timings = { discovery, provisioning, binding: total - discovery - provisioning, total };
  return { pk, dk, envelope, attempts, timings };
}
