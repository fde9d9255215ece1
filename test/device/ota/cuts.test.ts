/** Some power cuts. */

import { describeCuts } from "./cuts.js";

describeCuts(7);
