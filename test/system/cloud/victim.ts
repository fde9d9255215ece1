/** A cloud and a device that reports one code after another, in a process of its own, which a test kills. */

import { startCloud } from "../../../sim/cloud/index.js";
import { credentials, DK, PS, window, WORLD } from "../../support/cloud-bench.js";
import { TestDevice } from "../../support/cloud-device.js";

const cloud = await startCloud({ ...WORLD, data: process.argv[2] });
const device = await TestDevice.connect(cloud.mqtt, { pk: "multi", ps: PS, dk: DK });
process.send!({ ds: await device.ds() });
await device.report(credentials("F".repeat(16)));
for (let n = 1; ; n++) {
  await device.report(window(n.toString(16).toUpperCase().padStart(16, "0")));
  process.send!({ acknowledged: n });
}
