/** The sealing of a LAN session: AES-128-CBC under the authKey, whose IV is the device's random in every frame. [R4, X] */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { CMD_LOGIN_ANSWER, CMD_RANDOM } from "../../src/codec/commands.js";

/** The hash of frame 7034. @param authKey 16 bytes @param random the 16 characters of frame 7033 */
export function loginHash(authKey: Buffer, random: string): string {
  return createHash("sha256")
    .update(`${authKey.toString("hex")};${random}`, "latin1")
    .digest("hex");
}

/** The frames of the login stay in clear. */
const isLogin = (cmd: number): boolean => cmd >= CMD_RANDOM && cmd <= CMD_LOGIN_ANSWER;

export class LanChannel {
  private readonly iv: Buffer;

  constructor(
    private readonly authKey: Buffer,
    random: string,
  ) {
    this.iv = Buffer.from(random, "latin1");
  }

  /** The data of a frame to the device; empty data stays empty. */
  seal(cmd: number, data: string): string {
    if (data === "" || isLogin(cmd)) return data;
    const cipher = createCipheriv("aes-128-cbc", this.authKey, this.iv);
    return Buffer.concat([cipher.update(data, "latin1"), cipher.final()]).toString("latin1");
  }

  /** The data of a frame of the device; undefined for what it has not sealed. */
  open(cmd: number, data: string): string | undefined {
    if (data === "" || isLogin(cmd)) return data;
    try {
      const decipher = createDecipheriv("aes-128-cbc", this.authKey, this.iv);
      return Buffer.concat([decipher.update(data, "latin1"), decipher.final()]).toString("latin1");
    } catch {
      return undefined;
    }
  }
}
