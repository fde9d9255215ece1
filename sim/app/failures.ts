/** Why a pairing failed: the device's own codes and the states of the app, in words that a person can act on. */
import {
  FAIL_BUSY,
  FAIL_CLOUD_REFUSED,
  FAIL_CLOUD_UNREACHABLE,
  FAIL_HOST_UNKNOWN,
  FAIL_NO_ADDRESS,
  FAIL_NO_NETWORK,
  FAIL_PARAMETERS,
  FAIL_PASSWORD,
  FAIL_PROOF,
  FAIL_REPORT,
  FAIL_TIMEOUT,
  FAIL_TLS,
} from "../../src/codec/commands.js";
import { FailedError } from "../errors.js";
import { NO_CODE, NOT_BOUND, OTHER_FAILURE } from "./states.js";

const NOT_PAIRING =
  "hold its button for 5 s, or power it five times for less than 10 s each; to get a code from a device that is on " +
  "its network, press the button once and give the SSID and password of that network";

/** By code: a short reason, and what to look at. */
const FAILURES: Record<number, [reason: string, advice: string]> = {
  [FAIL_NO_NETWORK]: ["access point not found", "check the SSID and whether the device is in range"],
  [FAIL_PASSWORD]: ["wrong password", "check the Wi-Fi password"],
  [FAIL_NO_ADDRESS]: ["no address", "check the DHCP server of the access point"],
  [FAIL_CLOUD_UNREACHABLE]: [
    "cloud not reachable",
    "check the server URL and that its port is open; a broker may want a user name (option username)",
  ],
  [FAIL_CLOUD_REFUSED]: ["cloud refused the device", "check that the cloud knows its ProductKey, ProductSecret and DK"],
  [FAIL_TIMEOUT]: ["timed out", "look at the device's log for the step that it stopped at"],
  [FAIL_PARAMETERS]: [
    "bad parameters",
    "SSID has 1-32 bytes, the password none, 8-63, or 64 hexadecimal digits, the server is a URL that this build can use",
  ],
  [FAIL_BUSY]: ["not in pairing mode", NOT_PAIRING],
  [FAIL_HOST_UNKNOWN]: ["host name not resolved", "check the server's host name and the network's DNS"],
  [FAIL_TLS]: ["TLS failed", "check the server's certificate and the device's clock"],
  [FAIL_REPORT]: ["report not acknowledged", "look at the cloud's log for the device's report of its bindingCode"],
  [FAIL_PROOF]: ["proof of possession needed", "give the one on the device's label, or the authKey once it is bound"],
};

/** Codes at which no bindingCode has come, and those that are the caller's mistake; all others came later. */
const STATES: Record<number, number> = {
  [FAIL_TIMEOUT]: NO_CODE,
  [FAIL_BUSY]: NO_CODE,
  [FAIL_PARAMETERS]: OTHER_FAILURE,
  [FAIL_PROOF]: OTHER_FAILURE,
};

/** A pairing that ended without success. */
export class PairingError extends FailedError {
  /** @param state number of the vendor's app SDK, see states.ts */
  constructor(
    message: string,
    readonly state: number,
  ) {
    super(message);
    this.name = "PairingError";
  }
}

/** The device refused, or told why it failed. */
export class ProvisioningError extends PairingError {
  /** Short words for the code, such as "wrong password". */
  readonly reason: string;

  /** @param code 1-12, see FAIL_… in src/codec/commands.ts; another one is kept and called unknown */
  constructor(readonly code: number) {
    const [reason, advice] = FAILURES[code] ?? ["unknown reason", "the device is newer than this app"];
    super(`provisioning failed: ${reason} (code ${code}): ${advice}`, STATES[code] ?? NOT_BOUND);
    this.name = "ProvisioningError";
    this.reason = reason;
  }
}

/** No device answers, or it stopped answering; or the cloud. */
export class UnreachableError extends PairingError {
  constructor(message: string, state = NO_CODE) {
    super(message, state);
    this.name = "UnreachableError";
  }
}

/** The device or the app could not prove that it knows the secret of the label. */
export class PossessionError extends PairingError {
  /** @param wait seconds until the device listens to another proof */
  constructor(
    message: string,
    readonly wait = 0,
  ) {
    super(message, OTHER_FAILURE);
    this.name = "PossessionError";
  }
}
