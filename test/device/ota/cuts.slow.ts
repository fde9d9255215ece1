/** Every power cut. */

import { describeCuts } from "./cuts.js";

describeCuts(1);
