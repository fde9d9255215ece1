/** One frame as a row of the traffic view: decoded as far as the list shows it. */
import { decodeFrame } from "../../src/codec/frame.js";
import type { Frame } from "../state/types.js";
import { commandName } from "./names.js";

export interface Row extends Frame {
  /** Command, or undefined for bytes that are no frame. */
  cmd?: number;
  id?: number;
  name: string;
  /** Content, as a byte string. */
  data: string;
}

export const bytesOf = (hex: string): string =>
  (hex.match(/../g) ?? []).map((pair) => String.fromCharCode(parseInt(pair, 16))).join("");

export function readRow(frame: Frame): Row {
  const parsed = decodeFrame(bytesOf(frame.hex));
  if (!parsed) return { ...frame, name: frame.masked ? "masked: no frame of the protocol" : "no frame", data: "" };
  const { cmd, id, data } = parsed;
  return { ...frame, cmd, id, name: commandName(cmd), data };
}
