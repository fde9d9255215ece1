/** Some of all interruptions; `npm run test:slow` tries each. */

import { describeInterruptions } from "./interruptions.js";

describeInterruptions("127.90.4.3", 100);
