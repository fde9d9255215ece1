/** Every power cut of each life. */

import { describeCuts } from "./cuts.js";

describeCuts(1);
