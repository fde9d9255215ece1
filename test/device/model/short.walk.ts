/** A short walk of the model; long.walk.ts takes a long one. */

import { describeModel } from "./explore.js";

describeModel(1200);
