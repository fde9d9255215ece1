/** What the device tells of itself, asked (0034, 0044) or not (0032, 0042): status and information. */

import { u16 } from "../codec/bytes.js";
import {
  CMD_INFO,
  CMD_INFO_ANSWER,
  CMD_INFO_READ,
  CMD_STATUS,
  CMD_STATUS_ANSWER,
  CMD_STATUS_READ,
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
import type { Router } from "./router.js";
import { CLASS_SYS, type Uplink } from "./uplink.js";

interface Names {
  model: string;
  firmware: string;
}

/** Version of this package. */
export const SDK_VERSION = "0.1.0";

/** The nodes that a read request asks for: ids of two bytes each, none means all. */
function selected(nodes: Node[], request: string): Node[] {
  return nodes.filter((node) => !request || request.indexOf(u16(node[0])) >= 0);
}

/** Signal strength in dBm, as far as the radio tells it. */
function status(hal: Hal, request: string): Node[] {
  const rssi = +hal.wifi().getDetails().rssi!;
  return selected(rssi < 0 ? [[STATUS_RSSI, rssi]] : [], request);
}

function information(hal: Hal, names: Names, request: string): Node[] {
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

/** Tells both, once there is a connection. */
export function introduce(hal: Hal, names: Names, uplink: Uplink): void {
  const facts = status(hal, "");
  if (facts.length) uplink.publish(CLASS_SYS, CMD_STATUS, facts);
  uplink.publish(CLASS_SYS, CMD_INFO, information(hal, names, ""));
}

/**
 * Answers the cloud's questions for them.
 * @once
 */
export function serveStatus(hal: Hal, names: Names, router: Router, uplink: Uplink): void {
  router.on(CMD_STATUS_READ, (id, _nodes, data) => {
    uplink.send(CLASS_SYS, CMD_STATUS_ANSWER, status(hal, data), id);
  });
  router.on(CMD_INFO_READ, (id, _nodes, data) => {
    uplink.send(CLASS_SYS, CMD_INFO_ANSWER, information(hal, names, data), id);
  });
}
