/** A cloud in a process of its own, which a test kills. */

import { startCloud } from "../../../sim/cloud/index.js";
import { WORLD } from "../../support/cloud-bench.js";

const { http, mqtt } = await startCloud({ ...WORLD, data: process.argv[2] });
process.send!({ http, mqtt });
