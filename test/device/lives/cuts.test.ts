/** Some power cuts of each life. */

import { rounds } from "../../support/endurance.js";
import { describeCuts } from "./cuts.js";

describeCuts(rounds(3, 1));
