/** How long to wait after a failure, by its code: the vendor's table [S], but never for ever. */

/** Failure codes of the cloud and of the connection that this device tells apart [S, P]. */
export const CODE_WRONG_DS = 10430;
export const CODE_DEVICE = 10431;
export const CODE_SUBSCRIPTION = 10300;
export const CODE_UNREACHABLE = 10450;
export const CODE_PROTOCOL_VERSION = 10471;
export const CODE_TIMEOUT = 10473;
export const CODE_LOST = 10474;
export const CODE_NEW_DS = 10437;
export const CODE_UNKNOWN_DEVICE = 10438;

const SECOND = 1000;
const HALF_MINUTE = 30 * SECOND;
const TEN_MINUTES = 600 * SECOND;
/** The longest rest; also where the vendor's SDK would stop for good. */
const REST = 1800 * SECOND;
const FAILURES_BEFORE_REST = 6;

/** The failure code of a CONNACK that refuses. The vendor's SDK takes 2-5 for a wrong DS, and falls silent. */
export function codeOfConnack(returnCode: number): number {
  if (returnCode == 1) return CODE_PROTOCOL_VERSION;
  if (returnCode == 2) return CODE_DEVICE;
  return returnCode == 3 ? CODE_UNREACHABLE : CODE_WRONG_DS;
}

/**
 * @param authenticating whether the device was asking for a DS, not connecting with one
 * @param failures consecutive failures so far, this one included: 1 or more
 * @param jitter a random number from 0 to 1999
 * @returns milliseconds
 */
export function retryDelay(authenticating: boolean, code: number, failures: number, jitter: number): number {
  if (failures > FAILURES_BEFORE_REST) return REST;
  let base = SECOND - 500 + jitter;
  if (authenticating) {
    if (code >= 10423 && code <= 10427 && code != 10426) base = HALF_MINUTE;
    if (code == 10422 || code == 10426 || code == CODE_WRONG_DS) base = TEN_MINUTES;
  } else {
    if (code == CODE_DEVICE || code == CODE_PROTOCOL_VERSION) base = TEN_MINUTES;
    if (code == CODE_WRONG_DS) return REST;
  }
  return base * failures;
}
