/** What the device tells of itself: status (0034, 0032) and information (0044, 0042). */

import { u16 } from "../codec/bytes.js";
import {
  COMM_PROTOCOL,
  DATA_PROTOCOL,
  INFO_COMM_PROTOCOL,
  INFO_DATA_PROTOCOL,
  INFO_FIRMWARE,
  INFO_MODEL,
  INFO_SDK,
  SDK_NAME,
  STATUS_RSSI,
} from "../codec/commands.js";
import type { Node } from "../codec/ttlv.js";
import type { Hal } from "../hal/hal.js";

/** Version of this package. */
export const SDK_VERSION = "0.1.0";

/** The nodes that a read request asks for: ids of two bytes each, none means all. */
function selected(nodes: Node[], request: string): Node[] {
  return nodes.filter((node) => !request || request.indexOf(u16(node[0])) >= 0);
}

/** Signal strength in dBm, as far as the radio tells it. */
export function status(hal: Hal, request: string): Node[] {
  const rssi = +hal.wifi().getDetails().rssi!;
  return selected(rssi < 0 ? [[STATUS_RSSI, rssi]] : [], request);
}

export function information(hal: Hal, names: { model: string; firmware: string }, request: string): Node[] {
  return selected(
    [
      [INFO_MODEL, names.model],
      [INFO_FIRMWARE, names.firmware],
      [INFO_SDK, SDK_NAME + SDK_VERSION + "/" + hal.version],
      [INFO_DATA_PROTOCOL, DATA_PROTOCOL],
      [INFO_COMM_PROTOCOL, COMM_PROTOCOL],
    ],
    request,
  );
}
