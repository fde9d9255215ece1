/** What the device code relies on, in groups of probes: snippets that give a value, each the body of a function. */

import { bytes } from "./probes/bytes.js";
import { crypto } from "./probes/crypto.js";
import { dgram } from "./probes/dgram.js";
import { errors } from "./probes/errors.js";
import { events } from "./probes/events.js";
import { flash } from "./probes/flash.js";
import { helpers } from "./probes/helpers.js";
import { language } from "./probes/language.js";
import { machine } from "./probes/machine.js";
import { net } from "./probes/net.js";
import { numbers } from "./probes/numbers.js";
import { objects } from "./probes/objects.js";
import { regexp } from "./probes/regexp.js";
import { stack } from "./probes/stack.js";
import { storage } from "./probes/storage.js";
import { timers } from "./probes/timers.js";
import { typedArrays } from "./probes/typed-arrays.js";
import { wifi } from "./probes/wifi.js";
import type { Group } from "./group.js";

export const GROUPS: Record<string, Group> = {
  language,
  stack,
  objects,
  numbers,
  bytes,
  "typed arrays": typedArrays,
  "regular expressions": regexp,
  timers,
  events,
  Storage: storage,
  Flash: flash,
  net,
  dgram,
  crypto,
  E: helpers,
  machine,
  errors,
  Wifi: wifi,
};
