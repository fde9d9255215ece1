/** Frames as the console shows them: the letters of each secret replaced by `*`, so that lengths stay. */
import { decodeFrame, encodeFrame } from "../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { secretIds } from "../../decode/names.js";

const stars = (text: string): string => "*".repeat(text.length);

/** Whatever type a secret has on the wire, none of it stays. */
function maskNode([id, value, raw]: Node): Node {
  if (typeof value === "string") return raw ? [id, stars(value), raw] : [id, stars(value)];
  return [id, Array.isArray(value) ? [] : false];
}

/**
 * @param frame one frame as a byte string, in clear
 * @param system whether it is of the class sys: secrets travel there, so what cannot be read there is masked whole
 */
export function maskFrame(frame: string, system: boolean): { bytes: string; masked: boolean } {
  const parsed = decodeFrame(frame);
  const secrets = parsed ? secretIds(parsed.cmd) : [];
  const nodes = parsed && secrets.length > 0 ? (parsed.data ? decodeTtlv(parsed.data) : []) : undefined;
  if (system && (!parsed || (secrets.length > 0 && !nodes))) return { bytes: stars(frame), masked: true };
  if (!parsed || !nodes?.some(([id]) => secrets.includes(id))) return { bytes: frame, masked: false };
  const safe = nodes.map((node) => (secrets.includes(node[0]) ? maskNode(node) : node));
  return { bytes: encodeFrame(parsed.id, parsed.cmd, encodeTtlv(safe)), masked: true };
}
