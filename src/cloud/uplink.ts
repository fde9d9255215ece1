/** Frames over the MQTT connection to the cloud: topics, package ids and the session key. */

import { CMD_EXCEPTION_UP, EXCEPTION_CODE, EXCEPTION_PACKAGE_ID } from "../codec/commands.js";
import { decodeFrame, encodeFrame, nextPackageId, type Frame } from "../codec/frame.js";
import { encodeTtlv } from "../codec/ttlv.js";
import { encryptCbc, ivOf } from "../crypto/cbc.js";
import type { Hal } from "../hal/hal.js";
import type { Mqtt } from "./mqtt.js";

/** Topic class of everything that is not application data [S]. */
export const CLASS_SYS = "sys";

export interface Uplink {
  /** A new connection begins: in clear. @param client its clientId */
  begin(client: string): void;
  /** Encrypts every frame of this connection from now on, in both directions [S+]. @param key 16 bytes */
  useKey(key: string): void;
  /** The frame in a payload, or undefined. */
  read(payload: string): Frame | undefined;
  /**
   * Publishes one frame with QoS 1.
   * @param kind topic class
   * @param done told once whether the broker has acknowledged; never, when the connection ends before
   * @returns false when too many are waiting
   */
  publish(kind: string, cmd: number, data: string, done?: (acknowledged: boolean) => void): boolean;
  /** Answers a request with QoS 0 and its own package id. */
  answer(request: Frame, kind: string, cmd: number, data: string): void;
  /** Tells the cloud (00A4) which of its frames could not be used, and why: UNPACK_… */
  complain(about: Frame, code: number): void;
}

/** @once */
export function createUplink(hal: Hal, mqtt: Mqtt): Uplink {
  let topic = "";
  let key = "";
  let packageId = 0;

  /** A whole frame as it travels. */
  function seal(id: number, cmd: number, data: string): string {
    const frame = encodeFrame(id, cmd, data);
    return key ? encryptCbc(hal.aes, key, ivOf(hal.sha256, key), frame) : frame;
  }

  function publish(kind: string, cmd: number, data: string, done?: (acknowledged: boolean) => void): boolean {
    packageId = nextPackageId(packageId);
    return mqtt.publish(topic + kind, seal(packageId, cmd, data), done);
  }

  return {
    begin(client) {
      topic = "q/2/d/" + client + "/";
      key = "";
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
    answer(request, kind, cmd, data) {
      mqtt.send(topic + kind, seal(request.id, cmd, data));
    },
    complain(about, code) {
      const data = encodeTtlv([
        [EXCEPTION_CODE, code],
        [EXCEPTION_PACKAGE_ID, about.id],
      ]);
      publish(CLASS_SYS, CMD_EXCEPTION_UP, data);
    },
  };
}
