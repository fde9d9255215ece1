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

/** The data of a binding. */
export interface BindingData {
  authKey: string;
  bindingMode: number;
  productLogo: string;
  productName: string;
}

/** What every call answers, with HTTP status 200 whatever happened. */
export interface Envelope<Data = BindingData> {
  /** 200 or one of the status codes of the API. */
  code: number;
  data?: Data | null;
  msg: string;
  extMsg: string;
}

/** Whose cloud, and who calls. */
export interface Account {
  /** URL of the API, http or https. */
  cloud: string;
  /** The user's token. */
  token: string;
  signal?: AbortSignal;
}

/** One call: its path below the cloud's URL, and JSON or the fields of a form for a POST. */
export interface Call {
  path: string;
  query?: Record<string, string>;
  json?: object;
  form?: Record<string, string>;
}

/** Below it are the calls of users. */
export const USER_API = "/v2/binding/enduserapi";
const ANSWER_MS = 15_000;

/** Makes the address of a call from the cloud's URL, keeping a path that a proxy may need. */
function callUrl(cloud: string, { path, query }: Call): URL {
  const url = new URL(cloud.replace(/\/+$/, "") + path);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  return url;
}

function isEnvelope(value: unknown): value is Envelope<never> {
  return typeof value === "object" && value !== null && typeof (value as { code?: unknown }).code === "number";
}

/**
 * Calls the API once.
 * @throws UnreachableError when the cloud does not answer, FailedError when it answers something else than an envelope
 */
export async function callApi<Data>({ cloud, token, signal }: Account, call: Call): Promise<Envelope<Data>> {
  const limit = AbortSignal.timeout(ANSWER_MS);
  const { json, form } = call;
  const body = json ? JSON.stringify(json) : form && new URLSearchParams(form);
  try {
    const response = await fetch(callUrl(cloud, call), {
      method: body ? "POST" : "GET",
      headers: { authorization: token, ...(json && { "content-type": "application/json" }) },
      body,
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

/** Calls deviceBindingByWifi once. @throws as `callApi` */
export function callBinding(
  cloud: string,
  token: string,
  request: BindingRequest,
  signal?: AbortSignal,
): Promise<Envelope> {
  return callApi({ cloud, token, signal }, { path: `${USER_API}/v2/deviceBindingByWifi`, json: request });
}

function unreachable(cloud: string, error: unknown): string {
  return `the cloud does not answer at ${cloud} (${systemCode(error) ?? "no answer"}): check the URL and that it runs`;
}
