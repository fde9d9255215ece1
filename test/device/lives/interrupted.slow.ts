/** Every interruption. */

import { describeInterruptions } from "./interruptions.js";

describeInterruptions("127.90.4.4", 1);
