/** The binding API of the cloud, as an app calls it. */
import { FailedError, systemCode } from "../errors.js";
import { UnreachableError } from "./failures.js";
import { NOT_BOUND } from "./states.js";

/** Status codes of the binding API that the app acts upon. */
export const API_SUCCESS = 200;
/** This user has bound the device before. */
export const API_BOUND_ALREADY = 5049;
/** The report may still be on its way: its code, or the secret that travels with it. */
export const API_NOT_REPORTED = [5460, 5465];

/** Body of the binding call, by the names of the API. */
export interface BindingRequest {
  productKey: string;
  deviceKey: string;
  bindingCode: string;
  capabilitiesBitmask?: number;
  deviceName?: string;
}

/** What every call answers, with HTTP status 200 whatever happened. */
export interface Envelope {
  /** 200 or one of the status codes of the API. */
  code: number;
  data?: { authKey: string; bindingMode: number; productLogo: string; productName: string } | null;
  msg: string;
  extMsg: string;
}

const PATH = "/v2/binding/enduserapi/v2/deviceBindingByWifi";
const ANSWER_MS = 15_000;

/** Makes the address of the call from the cloud's URL, keeping a path that a proxy may need. */
function callUrl(cloud: string): URL {
  return new URL(cloud.replace(/\/+$/, "") + PATH);
}

function isEnvelope(value: unknown): value is Envelope {
  return typeof value === "object" && value !== null && typeof (value as Envelope).code === "number";
}

/**
 * Calls deviceBindingByWifi once.
 * @param cloud URL of the API, http or https
 * @param token the user's token
 * @throws UnreachableError when the cloud does not answer, FailedError when it answers something else than an envelope
 */
export async function callBinding(
  cloud: string,
  token: string,
  request: BindingRequest,
  signal?: AbortSignal,
): Promise<Envelope> {
  const limit = AbortSignal.timeout(ANSWER_MS);
  try {
    const response = await fetch(callUrl(cloud), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: token },
      body: JSON.stringify(request),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const answer: unknown = await response.json();
    if (isEnvelope(answer)) return answer;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof SyntaxError)) throw new UnreachableError(unreachable(cloud, error), NOT_BOUND);
  }
  throw new FailedError(`${cloud} answers, but not as the binding API does: check the URL`);
}

function unreachable(cloud: string, error: unknown): string {
  return `the cloud does not answer at ${cloud} (${systemCode(error) ?? "no answer"}): check the URL and that it runs`;
}
