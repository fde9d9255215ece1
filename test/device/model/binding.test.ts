/** A short walk of the model; binding.slow.ts takes a long one. */

import { describeModel } from "./explore.js";

describeModel(400);
