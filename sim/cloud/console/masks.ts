/** Frames as the console shows them: the letters of each secret replaced by `*`, so that lengths stay. */
import * as protocol from "../../../src/codec/commands.js";
import { decodeFrame, encodeFrame } from "../../../src/codec/frame.js";
import { decodeTtlv, encodeTtlv, type Node } from "../../../src/codec/ttlv.js";

/** Top-level ids whose value is a secret, by command. */
const SECRETS: Record<number, number[]> = {
  [protocol.CMD_CONFIG]: [
    protocol.CONFIG_DS,
    protocol.CONFIG_SESSION_KEY,
    protocol.CONFIG_PS,
    protocol.CONFIG_NEW_DS,
    protocol.CONFIG_SEALED,
  ],
  [protocol.CMD_BINDING]: [protocol.BINDING_SECRET, protocol.BINDING_CODE],
  [protocol.CMD_CONFIG_ECHO]: [protocol.CONFIG_SEALED],
  [protocol.CMD_BINDING_RESULT]: [protocol.RESULT_CODE],
};

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
  const secret = parsed && SECRETS[parsed.cmd];
  const nodes = parsed && secret && (parsed.data ? decodeTtlv(parsed.data) : []);
  if (system && (!parsed || (secret && !nodes))) return { bytes: stars(frame), masked: true };
  if (!parsed || !secret || !nodes?.some(([id]) => secret.includes(id))) return { bytes: frame, masked: false };
  const safe = nodes.map((node) => (secret.includes(node[0]) ? maskNode(node) : node));
  return { bytes: encodeFrame(parsed.id, parsed.cmd, encodeTtlv(safe)), masked: true };
}
