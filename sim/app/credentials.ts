/** Wi-Fi credentials as frame 7010 carries them. */
import {
  FAIL_PARAMETERS,
  WIFI_PASSWORD,
  WIFI_SECONDS,
  WIFI_SERVER,
  WIFI_SSID,
  WIFI_UNKNOWN,
} from "../../src/codec/commands.js";
import type { Node } from "../../src/codec/ttlv.js";
import { ProvisioningError } from "./failures.js";
import { toBytes } from "./text.js";

export interface WifiCredentials {
  /** 1-32 bytes of UTF-8. */
  ssid: string;
  /** Absent or empty: an open network. Else 8-63 bytes of UTF-8, or a key of 64 hexadecimal digits. */
  password?: string;
  /** Cloud server for the device, such as mqtt://host:1883; default: the one it is configured with. */
  server?: string;
  /** Seconds that the app goes on asking the cloud, default 120. */
  seconds?: number;
}

/** What id 12 holds in the captured frame; its meaning is unknown. */
const UNKNOWN_VALUE = 255;

/** Whether an access point may have this password. */
export function isWifiPassword(password: string): boolean {
  const { length } = toBytes(password);
  return length === 0 || (length >= 8 && length <= 63) || /^[0-9A-Fa-f]{64}$/.test(password);
}

/**
 * The content of frame 7010, in the order of the captured one.
 * @throws ProvisioningError 7 for what no access point takes
 */
export function credentialNodes({ ssid, password = "", server, seconds = 120 }: WifiCredentials): Node[] {
  const name = toBytes(ssid);
  if (name.length < 1 || name.length > 32 || !isWifiPassword(password)) throw new ProvisioningError(FAIL_PARAMETERS);
  return [
    [WIFI_SSID, name],
    [WIFI_PASSWORD, toBytes(password)],
    [WIFI_SECONDS, seconds],
    ...(server ? [[WIFI_SERVER, toBytes(server)] as Node] : []),
    [WIFI_UNKNOWN, UNKNOWN_VALUE],
  ];
}
