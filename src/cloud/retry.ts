/**
 * How long to wait after a failure. A refusal of the cloud: the vendor's table [S], but never for ever. A server that
 * cannot be reached: exponential, with full jitter, so that a fleet does not come back all at once.
 */

/** Failure codes of the cloud and of the connection that this device tells apart [S, P]. */
export const CODE_WRONG_DS = 10430;
export const CODE_DEVICE = 10431;
export const CODE_SUBSCRIPTION = 10300;
/** Not reached; also what answers there is no MQTT broker. */
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
/** The longest wait for a server that cannot be reached, and how often it doubles on the way there. */
const LONGEST_WAIT = 300 * SECOND;
const DOUBLINGS = 9;

/** The failure code of a CONNACK that refuses. The vendor's SDK takes 2-5 for a wrong DS, and falls silent. */
export function codeOfConnack(returnCode: number): number {
  return returnCode == 1
    ? CODE_PROTOCOL_VERSION
    : returnCode == 2
      ? CODE_DEVICE
      : returnCode == 3
        ? CODE_UNREACHABLE
        : CODE_WRONG_DS;
}

/** Whether the cloud was reached and said no. */
export function isRefusal(code: number): boolean {
  return code != CODE_UNREACHABLE && code != CODE_TIMEOUT && code != CODE_LOST;
}

/**
 * @param authenticating whether the device was asking for a DS, not connecting with one
 * @param failures consecutive failures of this kind (`isRefusal` or not) so far, this one included: 1 or more
 * @param random a random number from 0 to 65535
 * @returns milliseconds, 1 or more
 */
export function retryDelay(authenticating: boolean, code: number, failures: number, random: number): number {
  if (!isRefusal(code)) {
    const most = Math.min(LONGEST_WAIT, SECOND << Math.min(failures, DOUBLINGS));
    return 1 + (((most * random) / 65536) | 0);
  }
  // The first refusal of a DS may be a mistake, and is looked at again soon.
  const again = !authenticating && code == CODE_WRONG_DS && failures > 1;
  if (again || failures > FAILURES_BEFORE_REST) return REST;
  let base = SECOND - 500 + (random % 2000);
  if (authenticating) {
    // 10422, 10426, 10430; and those between them.
    if (code >= 10422 && code <= CODE_WRONG_DS) base = (code - 10422) & 3 ? HALF_MINUTE : TEN_MINUTES;
  } else if (code == CODE_DEVICE || code == CODE_PROTOCOL_VERSION) base = TEN_MINUTES;
  return base * failures;
}
