/** One frame as a row of the traffic view, decoded by the decoder of `wifi-binding decode`. */
import { decode, type DecodedFrame } from "../../sim/decode/index.js";
import { plain } from "../parts/words.js";
import type { Frame } from "../state/types.js";

export interface Row extends Frame {
  /** Command in hexadecimal, or "" for bytes that are no frame. */
  cmd: string;
  name: string;
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** The frame in full. Secrets that the cloud has masked are masked in its bytes. */
export function decoded({ hex, up }: Frame): DecodedFrame | undefined {
  const [item] = decode(bytesOf(hex), { direction: up ? "up" : "down", protocol: "frames", showSecrets: true });
  return item?.kind === "frame" ? item : undefined;
}

export function readRow(frame: Frame): Row {
  const item = decoded(frame);
  const name = item ? (item.name ?? "unknown") : plain(frame.packet?.name ?? "no frame");
  return { ...frame, cmd: item?.cmd ?? "", name };
}

/** What the filter by command tells apart: packets without a frame by their name. */
export const kindOf = ({ cmd, name }: Row): string => cmd || name;
