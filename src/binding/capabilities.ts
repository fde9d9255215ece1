/** The capabilitiesBitmask: what the device really can do now. */

import { CAPABILITY_LAN, CAPABILITY_MATTER, CAPABILITY_WAN } from "../codec/commands.js";

/**
 * @param wan the cloud is configured or connected
 * @param lan the handshake's listeners are open
 * @param matter the module also runs a Matter stack
 * @returns 0-15: 1 WAN, 2 LAN, 4 BLE, 8 Matter, summed
 */
export function capabilitiesBitmask(wan: boolean, lan: boolean, matter: boolean | undefined): number {
  return (wan ? CAPABILITY_WAN : 0) | (lan ? CAPABILITY_LAN : 0) | (matter ? CAPABILITY_MATTER : 0);
}
