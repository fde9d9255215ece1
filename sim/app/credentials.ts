/** Wi-Fi credentials as frame 7010 carries them. */
import { FAIL_PARAMETERS, WIFI_PASSWORD, WIFI_SERVER, WIFI_SSID } from "../../src/codec/commands.js";
import type { Node } from "../../src/codec/ttlv.js";
import { mqttServer } from "../urls.js";
import { ProvisioningError } from "./failures.js";
import { toBytes } from "./text.js";

export interface WifiCredentials {
  /** 1-32 bytes of UTF-8. */
  ssid: string;
  /** Absent or empty: an open network. Else 8-63 bytes of UTF-8. */
  password?: string;
  /** Cloud server for the device, such as mqtt://host:1883; default: the one it is configured with. */
  server?: string;
}

/** Whether an access point may have this password: none, or 8-63 bytes. */
export function isWifiPassword(password: string): boolean {
  const { length } = toBytes(password);
  return length === 0 || (length >= 8 && length <= 63);
}

/**
 * The content of frame 7010.
 * @throws ProvisioningError 7 for what no access point takes, UsageError for a malformed server
 */
export function credentialNodes({ ssid, password = "", server }: WifiCredentials): Node[] {
  const name = toBytes(ssid);
  if (name.length < 1 || name.length > 32 || !isWifiPassword(password)) throw new ProvisioningError(FAIL_PARAMETERS);
  const nodes: Node[] = [
    [WIFI_SSID, name],
    [WIFI_PASSWORD, toBytes(password)],
  ];
  return server ? [...nodes, [WIFI_SERVER, toBytes(mqttServer(server))]] : nodes;
}
