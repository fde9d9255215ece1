/** The host's hand on the simulated radio of a device, whatever engine it runs in. */

import type { AccessPoint, Radio } from "../engine.js";
import { radioCalls } from "./wifi.js";

/** The text that the device has as bytes. */
const text = (bytes: string): string => Buffer.from(bytes, "latin1").toString();

/**
 * @param evaluate evaluates an expression on the device
 * @param save writes the networks into the device's radio file
 */
export function radioOf(
  evaluate: (expression: string) => Promise<unknown>,
  save: (networks: AccessPoint[]) => Promise<void>,
): Radio {
  return {
    async setNetworks(networks) {
      await save(networks);
      await evaluate(radioCalls.changed);
    },
    async softAp() {
      const ap = (await evaluate(radioCalls.softAp)) as { ssid: string; password: string } | null;
      return ap ? { ssid: text(ap.ssid), password: text(ap.password) } : undefined;
    },
    async station() {
      const ssid = (await evaluate(radioCalls.station)) as string | null;
      return ssid === null ? undefined : text(ssid);
    },
  };
}
