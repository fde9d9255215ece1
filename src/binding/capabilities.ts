/** The capabilitiesBitmask: what the device really can do now. */

import { CAPABILITY_LAN, CAPABILITY_MATTER, CAPABILITY_WAN } from "../codec/commands.js";

/**
 * @param settings of a device that has started: it is connected to the cloud, and listens in the LAN
 * @returns 0, or 1 WAN and 2 LAN, and 8 for a module that also runs a Matter stack, summed
 */
export function capabilitiesBitmask(settings: { matter?: boolean } | undefined): number {
  const core = CAPABILITY_WAN | CAPABILITY_LAN;
  return settings ? (settings.matter ? core | CAPABILITY_MATTER : core) : 0;
}
