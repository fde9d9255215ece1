/** Frames over the MQTT connection to the cloud: topics, package ids and the session key. */

import { CMD_EXCEPTION_UP, EXCEPTION_CODE, EXCEPTION_PACKAGE_ID } from "../codec/commands.js";
import { decodeFrame, encodeFrame, nextPackageId, type Frame } from "../codec/frame.js";
import { encodeTtlv, type Content } from "../codec/ttlv.js";
import { encryptCbc, ivOf } from "../crypto/cbc.js";
import type { Hal } from "../hal/hal.js";
import type { Mqtt } from "./mqtt.js";

/** Topic class of everything that is not application data [S]. */
export const CLASS_SYS = "sys";

export interface Uplink {
  /** A new connection begins: in clear. @param client its clientId @returns the filter of what the cloud sends to it */
  begin(client: string): string;
  /** Encrypts every frame of this connection from now on, in both directions [S+]. @param key 16 bytes */
  useKey(key: string): void;
  /** The frame in a payload, or undefined. */
  read(payload: string): Frame | undefined;
  /**
   * Publishes one frame with QoS 1.
   * @param kind topic class
   * @param done told once whether the broker has acknowledged: false when it has not in time, or the connection ends
   * @param again package id of a frame that was sent before: it keeps that, and MQTT's mark of a duplicate
   * @returns the package id, or 0 when too many are waiting, or the class is not `open`
   */
  publish(kind: string, cmd: number, data: Content, done?: (acknowledged: boolean) => void, again?: number): number;
  /** Sends one frame with QoS 0. @param id of the request that it answers @returns false when the class is not `open`, or too much waits */
  send(kind: string, cmd: number, data: Content, id?: number): boolean;
  /** Tells the cloud (00A4) which of its frames could not be used, and why: UNPACK_… */
  complain(id: number, code: number): void;
}

/**
 * @param open whether frames of a topic class may travel
 * @once
 */
export function createUplink(hal: Hal, mqtt: Mqtt, open: (kind: string) => boolean): Uplink {
  let topic = "";
  let key = "";
  let packageId = 0;

  /** A whole frame as it travels. */
  function seal(id: number, cmd: number, data: Content): string {
    const frame = encodeFrame(id, cmd, encodeTtlv(data));
    return key ? encryptCbc(hal.aes, key, ivOf(hal.sha256, key), frame) : frame;
  }

  function nextId(): number {
    packageId = nextPackageId(packageId);
    return packageId;
  }

  function publish(
    kind: string,
    cmd: number,
    data: Content,
    done?: (acknowledged: boolean) => void,
    again?: number,
  ): number {
    if (!open(kind)) return 0;
    const id = again || nextId();
    return mqtt.publish(topic + kind, seal(id, cmd, data), done, again) ? id : 0;
  }

  return {
    begin(client) {
      topic = "q/2/d/" + client + "/";
      key = "";
      return "q/1/d/" + client + "/+";
    },
    useKey(bytes) {
      key = bytes;
    },
    read(payload) {
      if (!key) return decodeFrame(payload);
      if (!payload || payload.length & 15) return undefined;
      // Padding behind the frame is no concern of the decoder.
      return decodeFrame(hal.aes(false, payload, key, ivOf(hal.sha256, key)));
    },
    publish: publish,
    send: (kind, cmd, data, id) => open(kind) && mqtt.send(topic + kind, seal(id || nextId(), cmd, data)),
    complain(id, code) {
      publish(CLASS_SYS, CMD_EXCEPTION_UP, [
        [EXCEPTION_CODE, code],
        [EXCEPTION_PACKAGE_ID, id],
      ]);
    },
  };
}
