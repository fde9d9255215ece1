/** What the owner of a device does after a power cut: looks at it, and binds it. */

import type { Story } from "./invariants.js";
import { NETWORKS, type Rig } from "./rig.js";

/** Brings a device to the cloud and a code to the app, whatever state it is in. */
async function codeOf(rig: Rig): Promise<string> {
  const [{ ssid, password }] = NETWORKS;
  if ((await rig.inState("provisioning", "online", "bound")) === "provisioning") {
    const end = await rig.provision(ssid, password);
    if (typeof end === "number") throw new Error(`provisioning fails with ${end}`);
    return end;
  }
  return rig.openWindow(120);
}

/** What the device is like at its boot, and what comes of an honest try to bind it to another user. */
export async function recover(rig: Rig, user: string): Promise<Pick<Story, "booted" | "bound" | "user" | "record">> {
  const booted = { state: String(await rig.state()), code: await rig.eval("W.window()") };
  const code = await codeOf(rig);
  const record = rig.cloud.record(await rig.pk());
  const bound = rig.cloud.bind(record.product.pk, user, code);
  await rig.until("the end of the code", async () => !(await rig.code()));
  await rig.inState("bound");
  await rig.until("the acknowledgement of the result", () => record.untold.length === 0);
  await rig.until("a report that the cloud has acknowledged", () => rig.eval("acknowledged"));
  await rig.noUpdate();
  return { booted, bound, user, record };
}
