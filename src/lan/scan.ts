/** The networks that the device sees, for an app to choose from. */

import { SCAN_AUTH, SCAN_RSSI, SCAN_SSID } from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { Hal } from "../hal/hal.js";

const MAX_NETWORKS = 16;
/** Espruino's names of authentication modes, by the number that ESP-IDF gives them. */
const AUTH_MODES = ["open", "wep", "wpa", "wpa2", "wpa_wpa2"];

interface Network {
  ssid: string;
  rssi: number;
  auth: number;
}

/** Scans and gives the networks strongest first, each name once, hidden ones left out, at most 16. */
export function scanNetworks(hal: Hal, done: (nodes: Node[]) => void): void {
  hal.wifi().scan((found) => {
    const networks: Network[] = [];
    (found || []).forEach((network) => {
      const rssi = parseInt(String(network.rssi));
      const same = networks.filter((other) => other.ssid == network.ssid)[0];
      if (same) same.rssi = Math.max(same.rssi, rssi);
      else if (network.ssid && !network.isHidden) {
        networks.push({ ssid: network.ssid, rssi: rssi, auth: Math.max(0, AUTH_MODES.indexOf(network.authMode)) });
      }
    });
    networks.sort((a, b) => b.rssi - a.rssi);
    done(
      networks.slice(0, MAX_NETWORKS).map((network) => [
        0,
        [
          [SCAN_SSID, network.ssid],
          [SCAN_RSSI, network.rssi],
          [SCAN_AUTH, network.auth],
        ],
      ]),
    );
  });
}
