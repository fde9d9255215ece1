/** What the owner of a device does after a power cut: looks at it, and binds it. */

import { LATE } from "./invariants.js";
import { NETWORKS, type Rig } from "./rig.js";

/** Brings a device to the cloud and a code to the app, whatever state it is in. */
async function codeOf(rig: Rig): Promise<string> {
  const [{ ssid, password }] = NETWORKS;
  if ((await rig.inState("provisioning", "online", "bound")) === "provisioning") {
    const end = await rig.provision(ssid, password);
    if (typeof end === "number") throw new Error(`provisioning fails with ${end}`);
    return end;
  }
  await rig.openWindow(120);
  return rig.ask();
}

/** Binds the device to another user. @returns what the binding call answered */
export async function bindHonestly(rig: Rig): Promise<number> {
  const code = await codeOf(rig);
  const answer = rig.cloud.bind(await rig.pk(), LATE, code);
  await rig.until("the end of the code", async () => !(await rig.code()));
  await rig.inState("bound");
  const record = rig.cloud.record(await rig.pk());
  await rig.until("the acknowledgement of the result", () => record.untold.length === 0);
  return answer;
}
