/** Why provisioning failed: the codes of frames 7011, 7012 and 7018, in words that a person can act on. */
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

/** By code: a short reason, and what to look at. */
const FAILURES: Record<number, [reason: string, advice: string]> = {
  [FAIL_NO_NETWORK]: ["access point not found", "check the SSID and whether the device is in range"],
  [FAIL_PASSWORD]: ["wrong password", "check the Wi-Fi password"],
  [FAIL_NO_ADDRESS]: ["no address", "check the DHCP server of the access point"],
  [FAIL_CLOUD_UNREACHABLE]: ["cloud not reachable", "check the server URL and that its port is open"],
  [FAIL_CLOUD_REFUSED]: ["cloud refused the device", "check that the cloud knows its ProductKey, ProductSecret and DK"],
  [FAIL_TIMEOUT]: ["timed out", "look at the device's log for the step that it stopped at"],
  [FAIL_PARAMETERS]: ["bad parameters", "SSID has 1-32 bytes, the password none or 8-63, the server is a URL"],
  [FAIL_BUSY]: [
    "busy",
    "the device has a network already, or another app is at it: leave the SSID away, or reset the device",
  ],
  [FAIL_HOST_UNKNOWN]: ["host name not resolved", "check the server's host name and the network's DNS"],
  [FAIL_TLS]: ["TLS failed", "check the server's certificate and the device's clock"],
  [FAIL_REPORT]: ["report not acknowledged", "look at the cloud's log for the device's report of its bindingCode"],
  [FAIL_PROOF]: ["proof of possession needed", "give the one on the device's label, or the authKey once it is bound"],
};

/** Provisioning ended without success. */
export class ProvisioningError extends FailedError {
  /** Short words for the code, such as "wrong password". */
  readonly reason: string;

  /** @param code error code of the protocol, 1-12; another one is kept and called unknown */
  constructor(readonly code: number) {
    const [reason, advice] = FAILURES[code] ?? ["unknown reason", "the device is newer than this app"];
    super(`provisioning failed: ${reason} (code ${code}): ${advice}`);
    this.name = "ProvisioningError";
    this.reason = reason;
  }
}

/** No device answers, or it stopped answering. */
export class UnreachableError extends FailedError {
  constructor(message: string) {
    super(message);
    this.name = "UnreachableError";
  }
}

/** The device or the app could not prove that it knows the secret of the label. */
export class PossessionError extends FailedError {
  /** @param wait seconds until the device listens to another proof */
  constructor(
    message: string,
    readonly wait = 0,
  ) {
    super(message);
    this.name = "PossessionError";
  }
}
