/** The long walk of the model. */

import { describeModel } from "./explore.js";

describeModel(10_000);
